// Package setup brings a machine to where a notebook runs: it checks Go and Python, builds the tools, fills a Python
// environment from hash-locked lists, writes the kernelspec and warms Go's build cache.
//
// It takes a checkout and fills the user's folder ([place.Home]); the checkout is only read. Each step has a hash of
// all that goes into it, kept in a record when the step is done, so a second call redoes only what has changed and
// most often nothing. What a step makes appears under its name when it is complete, and not before.
package setup

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

// A Setup is the place that is filled, what it is filled from, and where progress is written.
type Setup struct {
	Home     paths.Home
	Checkout string
	Out      io.Writer
	Retry    bool     // try again what could not be done last time and is not indispensable
	Only     []string // the names of the steps to do, see Names; nil means all but those that must be asked for

	toolchain toolchain
	record    paths.Record
}

// A step makes one thing.
type step struct {
	name   string
	title  string
	inputs func() (string, error) // the hash of all that goes into it
	makes  []string               // files that are there when it is done
	do     func(ctx context.Context) error
	within string // the step in whose folder it lies, and with which it goes
	lack   string // what is missed without it; "" means that nothing works without it
	asked  bool   // it is done only when it is asked for by name, and from then on kept as the checkout has it
}

// failed marks the hash of a step that may be missing and could not be done.
const failed = "failed "

// Run does what is not done yet. It returns in less than a second when there is nothing to do, and then says nothing.
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
	if s.Home.State() != string(s.Home) && len(s.Only) == 0 && !slices.ContainsFunc(todo, func(t step) bool { return t.lack == "" }) {
		return nil // installed for all users, and all that is needed is there
	}
	end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	// Another setup may have done it all while this one waited.
	if todo, err = s.todo(); err != nil {
		return err
	}
	s.record.Checkout, s.record.GoBin = s.Checkout, s.toolchain.bin
	if err := s.Home.WriteRecord(s.record); err != nil {
		return err
	}
	if len(todo) > 0 && s.toolchain.cc == "" {
		fmt.Fprintf(s.Out, "No C compiler: cells are built without cgo and compute on the pure-Go backend (to change that: %s).\n", InstallCC)
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

// begin makes this setup the only one at work, with an empty folder for temporary files and the record as it is now.
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
		return fmt.Errorf("kernel: setup was interrupted; the same command goes on where it stopped")
	}
	if err != nil && t.lack == "" {
		return err
	}
	if err != nil {
		fmt.Fprintf(s.Out, "%v\n    %s. To try again: go run ./kernel setup\n", err, t.lack)
		hash = failed + hash
	}
	s.record.Steps[t.name] = hash
	return s.Home.WriteRecord(s.record)
}

// todo gives the steps that are not done, or whose inputs have changed, or whose work has been removed.
func (s *Setup) todo() ([]step, error) {
	var out []step
	doing := map[string]bool{}
	for _, t := range s.steps() {
		named := slices.Contains(s.Only, t.name)
		if len(s.Only) > 0 && !named || t.asked && !named && s.record.Steps[t.name] == "" {
			continue
		}
		hash, err := t.inputs()
		if err != nil {
			return nil, err
		}
		var done bool
		switch s.record.Steps[t.name] {
		case hash:
			done = allThere(t.makes)
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

// Names lists the steps, in their order.
func (s *Setup) Names() []string {
	var names []string
	for _, t := range s.steps() {
		names = append(names, t.name)
	}
	return names
}

// Missing names the indispensable steps that are not done, or not as the checkout has them now.
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
		if t.lack == "" {
			names = append(names, t.title)
		}
	}
	return names, err
}
