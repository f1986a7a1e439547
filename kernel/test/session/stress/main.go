// Command stress loads cells into one host for some time, with values of many kinds that only cells
// hold, while the garbage collector runs continuously and overwrites what it frees (GOGC=1,
// GODEBUG=clobberfree=1). Each cell checks the values of earlier ones.
//
//	go run ./kernel/test/session/stress [-for 2m] [-cells 1000]
//
// Then it loads a thousand cells into another host, with a normal collector, and prints the memory
// and time that each of them takes. The exit status is 1 if a value was wrong or a host ended.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/session"
	"github.com/trafficlab/trafficlab/kernel/internal/session/host"
	"github.com/trafficlab/trafficlab/kernel/internal/session/process"
	"github.com/trafficlab/trafficlab/kernel/internal/session/testimage"
)

func main() {
	during := flag.Duration("for", 2*time.Minute, "how `long` cells run while the collector does")
	cells := flag.Int("cells", 1000, "how `many` cells one process is to hold")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *during, *cells); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, during time.Duration, cells int) error {
	image, env, err := testimage.Make(ctx)
	if err != nil {
		return err
	}
	if during > 0 {
		if err := collect(ctx, image, env, during); err != nil {
			return err
		}
	}
	if cells > 0 {
		return many(ctx, image, env, cells)
	}
	return nil
}

// collect runs cells while the garbage collector runs continuously.
func collect(ctx context.Context, image *host.Image, env []string, during time.Duration) error {
	s, err := start(image, append(slices.Clone(env), "GOGC=1", "GODEBUG=clobberfree=1", "GOMAXPROCS=2"))
	if err != nil {
		return err
	}
	defer s.close()
	for _, code := range first {
		if err := s.cell(ctx, code); err != nil {
			return err
		}
	}
	began, n := time.Now(), 0
	for time.Since(began) < during && ctx.Err() == nil {
		n++
		if err := s.cell(ctx, fmt.Sprintf(each, n)); err != nil {
			return fmt.Errorf("after %v, cell %d: %w", time.Since(began).Round(time.Second), n, err)
		}
	}
	fmt.Printf("GOGC=1 clobberfree=1: %d cells in %v, no wrong value\n", n, time.Since(began).Round(time.Second))
	return nil
}

// many loads many cells into one host.
func many(ctx context.Context, image *host.Image, env []string, cells int) error {
	s, err := start(image, env)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.cell(ctx, "import \"fmt\"\nvar total int\n"); err != nil {
		return err
	}
	before := s.memory(ctx)
	var loads, links []time.Duration
	for i := range cells {
		if err := s.cell(ctx, fmt.Sprintf("v%d := []int{%d}\nfunc f%d() int { return v%d[0] }\ntotal += f%d()\n", i,
			i, i, i, i)); err != nil {
			return err
		}
		loads, links = append(loads, s.ran.Load), append(links, s.ran.Link)
	}
	if err := s.cell(ctx, fmt.Sprintf("if total != %d { panic(total) }", cells*(cells-1)/2)); err != nil {
		return err
	}
	after := s.memory(ctx)
	median := func(d []time.Duration) time.Duration { d = slices.Clone(d); slices.Sort(d); return d[len(d)/2] }
	tenth := max(cells/10, 1)
	fmt.Printf("%d cells in one process: %.0f KB each\n", cells, float64(after-before)/float64(cells)/1024)
	fmt.Printf("in the first and in the last tenth loading took %v and %v, linking %v and %v\n",
		median(loads[:tenth]).Round(10*time.Microsecond), median(loads[len(loads)-tenth:]).Round(10*time.Microsecond),
		median(links[:tenth]).Round(time.Millisecond), median(links[len(links)-tenth:]).Round(time.Millisecond))
	return nil
}

// A harness is a session whose cells must succeed.
type harness struct {
	*session.Session
	dir   string
	count int
	ran   session.Outcome
	out   output
}

func start(image *host.Image, env []string) (*harness, error) {
	checkout, err := paths.Checkout(".")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "stress-")
	if err != nil {
		return nil, err
	}
	goCommand, err := exec.LookPath("go")
	if err != nil {
		return nil, err
	}
	s, err := session.New(session.Config{Image: image, Go: goCommand, Module: checkout,
		Dir: filepath.Join(dir, "cells"), Folder: dir, Env: env, Run: tool})
	if err != nil {
		return nil, err
	}
	return &harness{Session: s, dir: dir}, nil
}

func tool(ctx context.Context, path string, args []string, dir string, env []string) ([]byte, bool, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Env = dir, env
	output, err := cmd.CombinedOutput()
	if _, failed := err.(*exec.ExitError); failed {
		return output, false, nil
	}
	return output, err == nil, err
}

func (b *harness) close() {
	b.Close()
	os.RemoveAll(b.dir)
}

func (b *harness) cell(ctx context.Context, code string) error {
	b.count++
	b.out.reset()
	ran, err := b.Run(ctx, session.Cell{Count: b.count, Code: code}, &b.out)
	b.ran = ran
	switch {
	case err != nil:
		return err
	case ran.How != process.OK:
		return fmt.Errorf("%s %s %s\n%s\n%s", ran.How, ran.Text, ran.Died, ran.Trace, b.out.text())
	}
	return nil
}

// memory returns the resident memory of the host in bytes, after a garbage collection.
func (b *harness) memory(ctx context.Context) uint64 {
	if err := b.cell(ctx, memory); err != nil {
		return 0
	}
	var n uint64
	fmt.Sscan(b.out.text(), &n)
	return n
}

// output collects what cells print.
type output struct {
	mu sync.Mutex
	b  []byte
}

func (o *output) reset() { o.mu.Lock(); o.b = o.b[:0]; o.mu.Unlock() }

func (o *output) text() string { o.mu.Lock(); defer o.mu.Unlock(); return string(o.b) }

// Text implements [process.Output].
func (o *output) Text(_ string, text []byte) { o.mu.Lock(); o.b = append(o.b, text...); o.mu.Unlock() }

// Rich implements [process.Output].
func (o *output) Rich([]byte) {}

// Input implements [process.Output].
func (o *output) Input(context.Context) (string, bool) { return "", false }

// Goroutine implements [process.Output].
func (o *output) Goroutine(cell int, text, trace string) {
	o.Text("stderr", fmt.Appendf(nil, "in a goroutine of cell %d: %s\n%s\n", cell, text, trace))
}
