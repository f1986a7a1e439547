// Package setup prepares a machine to run notebooks: it checks Go and Python, builds the tools,
// fills a Python environment from lists locked by hashes, writes the kernelspec and warms Go's
// build cache.
//
// It takes a checkout, which it only reads, and fills the user's folder ([paths.Home]). Each step
// has a hash of all its inputs, which is recorded when the step is done, so a second call repeats
// only what has changed, usually nothing. The product of a step appears under its name only once it
// is complete.
package setup

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

// A Setup holds the folder to fill, the checkout to fill it from, and where to write progress.
type Setup struct {
	Home     paths.Home
	Checkout string
	Out      io.Writer
	Retry    bool     // retry optional steps that failed last time
	Only     []string // the names of the steps to do, see Names; nil means all but those to be requested by name

	toolchain toolchain
	record    paths.Record
}

// A step makes one thing.
type step struct {
	name    string
	title   string
	inputs  func() (string, error) // returns the hash of all its inputs
	outputs []string               // files that exist once it is done
	do      func(ctx context.Context) error
	within  string // the step whose folder contains it and takes it along when removed
	without string // what is missed without it; "" if nothing works without it
	optIn   bool   // done only when requested by name, and then kept up to date
}

// failed marks the hash of an optional step that failed.
const failed = "failed "

// Run does the steps that are not done. If there are none it prints nothing and returns in less
// than a second.
func (s *Setup) Run(ctx context.Context) error {
	if err := s.findGo(ctx); err != nil {
		return err
	}
	var err error
	if s.record, err = s.Home.ReadRecord(); err != nil {
		return err
	}
	todo, err := s.todo()
	if err != nil || len(todo) == 0 && s.record.Checkout == s.Checkout {
		return err
	}
	if s.Home.State() != string(s.Home) && len(s.Only) == 0 && !slices.ContainsFunc(todo,
		func(t step) bool { return t.without == "" }) {
		return nil // installed for all users, and complete
	}
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	// Another setup may have done everything while this one waited.
	if todo, err = s.todo(); err != nil {
		return err
	}
	s.record.Checkout, s.record.GoBin = s.Checkout, s.toolchain.bin
	if err := s.Home.WriteRecord(s.record); err != nil {
		return err
	}
	if len(todo) > 0 && s.toolchain.cc == "" {
		fmt.Fprintf(s.Out, "No C compiler: cells are built without cgo and compute on the pure-Go backend (to "+
			"install one: %s).\n", InstallCC)
	}
	if len(s.record.Steps) == 0 {
		fmt.Fprintf(s.Out, "Setting up in %s; the first time takes some minutes.\n", s.Home)
	}
	defer s.startSession(ctx, todo)()
	for i, t := range todo {
		if err := s.perform(ctx, t, i+1, len(todo)); err != nil {
			return err
		}
	}
	return nil
}

// begin makes this the only running setup, with an empty folder for temporary files and the current
// record.
func (s *Setup) begin(ctx context.Context) (end func(), err error) {
	if err := os.MkdirAll(s.Home.Bin(), 0o755); err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	err = os.RemoveAll(s.Home.Scratch())
	if err == nil {
		err = os.Mkdir(s.Home.Scratch(), 0o700)
	}
	if err != nil {
		unlock()
		return nil, fmt.Errorf("kernel: %w", err)
	}
	end = func() { os.RemoveAll(s.Home.Scratch()); unlock() }
	if s.record, err = s.Home.ReadRecord(); err != nil {
		end()
		return nil, err
	}
	return end, nil
}

// perform does one step and records it.
func (s *Setup) perform(ctx context.Context, t step, i, n int) error {
	hash, err := t.inputs()
	if err != nil {
		return err
	}
	delete(s.record.Steps, t.name)
	if err := s.Home.WriteRecord(s.record); err != nil {
		return err
	}
	done := s.announce(fmt.Sprintf("[%d/%d] %s", i, n, t.title))
	err = t.do(ctx)
	done(err)
	if ctx.Err() != nil {
		return fmt.Errorf("kernel: setup was interrupted; the same command continues where it stopped")
	}
	if err != nil && t.without == "" {
		return err
	}
	if err != nil {
		fmt.Fprintf(s.Out, "%v\n    %s. To try again: go run ./kernel setup\n", err, t.without)
		hash = failed + hash
	}
	s.record.Steps[t.name] = hash
	return s.Home.WriteRecord(s.record)
}

// todo returns the steps that are not done, whose inputs have changed, or whose product was
// removed.
func (s *Setup) todo() ([]step, error) {
	var out []step
	doing := map[string]bool{}
	for _, t := range s.steps() {
		named := slices.Contains(s.Only, t.name)
		if len(s.Only) > 0 && !named || t.optIn && !named && s.record.Steps[t.name] == "" {
			continue
		}
		hash, err := t.inputs()
		if err != nil {
			return nil, err
		}
		var done bool
		switch s.record.Steps[t.name] {
		case hash:
			done = allThere(t.outputs)
		case failed + hash:
			done = !s.Retry
		}
		if !done || doing[t.within] {
			doing[t.name] = true
			out = append(out, t)
		}
	}
	return out, nil
}

func allThere(paths []string) bool {
	for _, p := range paths {
		if _, err := os.Stat(p); err != nil {
			return false
		}
	}
	return true
}

// Names returns the names of the steps, in order.
func (s *Setup) Names() []string {
	var names []string
	for _, t := range s.steps() {
		names = append(names, t.name)
	}
	return names
}

// Missing returns the titles of the required steps that are not done for the current checkout.
func (s *Setup) Missing(ctx context.Context) ([]string, error) {
	if err := s.findGo(ctx); err != nil {
		return nil, err
	}
	var err error
	if s.record, err = s.Home.ReadRecord(); err != nil {
		return nil, err
	}
	todo, err := s.todo()
	var names []string
	for _, t := range todo {
		if t.without == "" {
			names = append(names, t.title)
		}
	}
	return names, err
}
