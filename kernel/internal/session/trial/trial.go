// Package trial tests an image before a kernel may use it, by running whole programs as cells: Go's
// own tests, which print the expected output or nothing and exit with status 0.
//
// It takes programs, each a file of package main, and an image, and returns a result for each. A
// program that ends the host, or does not end, costs a host; the next one starts in a new host.
package trial

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/oneline"
	"github.com/trafficlab/trafficlab/kernel/internal/session/host"
	"github.com/trafficlab/trafficlab/kernel/internal/session/process"
	"github.com/trafficlab/trafficlab/kernel/internal/session/toolchain"
)

// A Program is a program to run.
type Program struct {
	Name, Source string
	Want         string // its expected output
}

// A Result is what became of a program.
type Result struct {
	Program Program
	Why     string // what went wrong; "" if nothing did
	Built   bool
}

// A Runner runs programs.
type Runner struct {
	Image   *host.Image
	Env     []string // of the compiler, and of the host
	Dir     string   // an empty folder
	Work    string   // the folder that programs run in; "" for Dir
	Timeout time.Duration
	Each    int           // how many programs run in one host; 0 for all
	Run     toolchain.Run // nil for toolchain.Exec

	h        *process.Host
	in       int // programs that this host has run
	n        int
	address  uint64
	resident string
}

// All runs programs one after another and calls f with each result.
func (r *Runner) All(ctx context.Context, programs []Program, f func(Result)) error {
	defer r.end()
	if r.Run == nil {
		r.Run = toolchain.Exec
	}
	for _, p := range programs {
		why, built, err := r.one(ctx, p)
		if err != nil {
			return err
		}
		f(Result{p, why, built})
	}
	return nil
}

func (r *Runner) end() {
	if r.h != nil {
		r.h.Close()
		r.h = nil
	}
}

func (r *Runner) start(ctx context.Context) error {
	if r.h != nil && (r.Each == 0 || r.in < r.Each) {
		return nil
	}
	r.end()
	h, err := process.Start(ctx, r.Image, process.Config{Dir: r.work(), Env: r.Env, Grace: time.Second})
	r.h, r.in, r.address, r.resident = h, 0, host.FirstAddress, r.Image.Table+"="+r.Image.Program+"\n"
	return err
}

func (r *Runner) work() string {
	if r.Work != "" {
		return r.Work
	}
	return r.Dir
}

// one runs a program. The error is for faults that are not the program's.
func (r *Runner) one(ctx context.Context, p Program) (why string, built bool, err error) {
	if err := r.start(ctx); err != nil {
		return "", false, err
	}
	r.in++
	r.n++
	pkg := fmt.Sprintf("main/%d", r.n)
	path := func(ext string) string { return filepath.Join(r.Dir, fmt.Sprintf("%d.%s", r.n, ext)) }
	// Some programs print the name of their file.
	source := filepath.Join(r.Dir, fmt.Sprint(r.n), filepath.Base(p.Name))
	err = os.Mkdir(filepath.Dir(source), 0o700)
	if err == nil {
		err = os.WriteFile(source, []byte(p.Source), 0o600)
	}
	if err != nil {
		return "", false, fmt.Errorf("session: %w", err)
	}
	for ext, text := range map[string]string{"cfg": string(r.Image.Importcfg),
		"link": "packagefile " + pkg + "=" + path("a") + "\n", "res": r.resident} {
		if err := os.WriteFile(path(ext), []byte(text), 0o600); err != nil {
			return "", false, fmt.Errorf("session: %w", err)
		}
	}
	if output, err := r.Run(ctx, r.Image.Tools.Compile, host.CompileArgs(pkg, path("cfg"), path("a"), source), r.Dir,
		r.Env); err != nil {
		return "does not compile: " + short(oneline.First(string(output)+err.Error())), false, ctx.Err()
	}
	l := host.Link{Package: pkg, Entry: pkg + ".main", Object: path("a"), Importcfg: path("link"),
		Resident: path("res"), Address: r.address,
		Image: path("elf"), Table: path("tab")}
	if output, err := r.Run(ctx, r.Image.Tools.Link, l.Args(), r.Dir, r.Env); err != nil {
		return "does not link: " + short(oneline.First(string(output)+err.Error())), false, ctx.Err()
	}
	if r.address, err = host.End(l.Table); err != nil {
		return "", false, err
	}
	r.resident += l.Table + "=" + l.Image + "\n"
	timeout := r.Timeout
	if timeout == 0 {
		timeout = time.Minute
	}
	inTime, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if err := r.h.Chdir(ctx, r.work()); err != nil { // an earlier program may have changed it
		return "", true, err
	}
	out := &output{}
	o, err := r.h.Run(inTime, process.Module{Cell: r.n, Table: l.Table, Image: l.Image, Entry: l.Entry}, out)
	if err != nil {
		return "", true, err
	}
	if o.How == process.Died || inTime.Err() != nil {
		r.end()
	}
	return verdict(p, o, out.text(), inTime.Err() != nil), true, ctx.Err()
}

// verdict returns what was wrong with a run, or "".
func verdict(p Program, o process.Outcome, output string, late bool) string {
	switch {
	case late:
		return "does not end"
	case o.How == process.Died:
		return "the host ended: " + short(oneline.First(o.Died))
	case o.How == process.Exited && o.Code != 0:
		return fmt.Sprintf("exits with status %d: %s", o.Code, short(oneline.First(output)))
	case o.How == process.OK || o.How == process.Exited:
	default:
		return fmt.Sprintf("%s: %s", o.How, short(oneline.First(o.Text)))
	}
	if output != p.Want {
		return fmt.Sprintf("prints %q, want %q", short(output), short(p.Want))
	}
	return ""
}

func short(s string) string {
	if len(s) > 200 {
		return s[:200] + "…"
	}
	return s
}

// output collects what a program prints.
type output struct {
	mu sync.Mutex
	b  strings.Builder
}

func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// Text implements [process.Output].
func (o *output) Text(_ string, text []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.b.Write(text)
}

// Rich implements [process.Output].
func (o *output) Rich([]byte) {}

// Input implements [process.Output].
func (o *output) Input(context.Context) (string, bool) { return "", false }

// Goroutine implements [process.Output].
func (o *output) Goroutine(int, string, string) {}
