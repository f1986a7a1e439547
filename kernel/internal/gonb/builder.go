package gonb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/build/gobuild"
	"github.com/trafficlab/trafficlab/kernel/internal/build/program"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/display"
	"github.com/trafficlab/trafficlab/kernel/internal/gonb/patch"
)

// A builder does the steps that make a program of GoNB's Go file.
type builder struct {
	g       *GoNB
	dir     string // for programs
	display string // the file that shows the value of a cell's last expression
	fast    gobuild.Builder
	made    int // how many programs the go command has built
}

// keptPrograms is how many programs are kept in case a cell runs again unchanged.
const keptPrograms = 16

func newBuilder(g *GoNB) (*builder, error) {
	b := &builder{g: g, dir: filepath.Join(g.Tmp, "cells")}
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	b.display = filepath.Join(b.dir, "display.go")
	if err := os.WriteFile(b.display, []byte(display.Source()), 0o600); err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	b.fast = gobuild.Builder{Dir: b.dir, Keep: keptPrograms, Run: b.runTool,
		Patch: func(path, dir string) map[string]string {
			if path != patch.Package {
				return nil
			}
			return patch.Files(dir)
		}}
	return b, nil
}

// runTool runs a tool for gobuild.
func (b *builder) runTool(ctx context.Context, path string, args []string, dir string, env []string) (
	[]byte, bool, error) {
	text, r, err := b.capture(ctx, path, args, dir, env)
	if err == nil && !r.Interrupted && r.Exit < 0 { // it could not report that itself
		text = append(text, fmt.Sprintf("%s: %v\n", filepath.Base(path), r)...)
	}
	return text, r.OK(), err
}

func (b *builder) capture(ctx context.Context, path string, args []string, dir string, env []string) (
	[]byte, program.Result, error) {
	return program.Capture(ctx, program.Command{Path: path, Args: args, Dir: dir, Env: env, Grace: time.Second,
		Kill: b.g.ctx.Done()})
}

// job returns what a step builds.
func (b *builder) job(s *step, goCommand string) gobuild.Job {
	return gobuild.Job{Go: goCommand, Dir: s.Dir, File: "main.go", Env: s.Env}
}

// target returns the index of the argument that names the program that a step builds; 0 if it
// builds none. GoNB names programs gonb_ and eight hexadecimal digits.
func target(s *step) int {
	out := slices.Index(s.Args, "-o") + 1
	if s.Kind == "go" && out > 1 && out < len(s.Args) && (s.Args[0] == "build" || s.Args[0] == "test") &&
		strings.HasPrefix(filepath.Base(s.Args[out]), "gonb_") {
		return out
	}
	return 0
}

func isGet(s *step) bool { return s.Kind == "go" && len(s.Args) > 0 && s.Args[0] == "get" }

func isImports(s *step) bool { return s.Kind == "goimports" && len(s.Args) == 2 && s.Args[0] == "-w" }

// step does a step of a cell.
func (b *builder) step(r *run, s *step) int {
	path, err := b.g.realProgram(s)
	if err != nil {
		fmt.Fprintln(s.Stderr, err)
		return 1
	}
	switch out := target(s); {
	case out > 0:
		return b.build(r, s, path, out)
	case isGet(s) && program.Getenv(s.Env, "GOPROXY") == "off":
		return 0 // there is nothing to get; the build reports what is missing
	case isImports(s) && b.fixImports(s):
		return 0
	}
	return b.run(r, s, path, s.Args)
}

// skip does a step of a cell whose declarations GoNB is told again: it succeeds without a build.
func (b *builder) skip(s *step) int {
	switch out := target(s); {
	case out > 0:
		return b.placeShim(s, s.Args[out])
	case s.Kind == "cell", isGet(s), isImports(s) && b.fixImports(s):
		return 0
	}
	return b.g.passOn(s)
}

// fixImports does what goimports does, in the plain cases, and reports whether it did.
func (b *builder) fixImports(s *step) bool {
	goCommand, err := program.LookPath(s.Env, "go")
	if err != nil {
		return false
	}
	file := s.Args[1]
	source, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	fixed, ok := gobuild.FixImports(source, b.fast.Packages(b.job(s, goCommand)))
	return ok && os.WriteFile(file, fixed, 0o600) == nil
}

// run runs a tool of a cell for GoNB.
func (b *builder) run(r *run, s *step, path string, args []string) int {
	text, result, err := b.capture(r.ctx, path, args, s.Dir, s.Env)
	return report(s, text, result, err)
}

// report passes what a tool has printed to GoNB, and returns the status for the shim.
func report(s *step, text []byte, r program.Result, err error) int {
	s.Stdout.Write(text)
	switch {
	case err != nil:
		fmt.Fprintln(s.Stderr, err)
		return 1
	case !r.OK():
		return max(r.Exit, 1)
	}
	return 0
}

// build makes the program, with gobuild or else with the go command.
func (b *builder) build(r *run, s *step, goCommand string, out int) int {
	if len(s.Args) == 3 && s.Args[0] == "build" {
		made, text, err := b.fastBuild(r, b.job(s, goCommand))
		switch {
		case r.ctx.Err() != nil:
			return 1
		case err == nil && made != "":
			return b.put(r, s, out, made)
		case err == nil:
			s.Stdout.Write(text)
			return 1
		case !errors.Is(err, gobuild.ErrOther):
			b.g.Log.Print(err)
		}
	}
	return b.goBuild(r, s, goCommand, out)
}

// fastBuild makes the program with gobuild.
func (b *builder) fastBuild(r *run, j gobuild.Job) (made string, text []byte, err error) {
	if r.source.Shows() || r.source.Reruns() {
		j.Extra = b.display
	}
	made, text, err = b.fast.Build(r.ctx, j)
	if err == nil && made == "" && r.source.Shows() && unshow(j.Dir, text) {
		if r.source.SetNoValue(); !r.source.Reruns() {
			j.Extra = ""
		}
		made, text, err = b.fast.Build(r.ctx, j)
	}
	r.mu.Lock()
	r.took = b.fast.Took()
	r.mu.Unlock()
	return made, text, err
}

// goBuild makes the program with the go command.
func (b *builder) goBuild(r *run, s *step, goCommand string, out int) int {
	b.made++
	made := filepath.Join(b.dir, fmt.Sprintf("go%d", b.made%4))
	os.Remove(made)
	args := slices.Clone(s.Args)
	args[out] = made
	for {
		extra := filepath.Join(s.Dir, "trafficlab_display.go")
		shows := (r.source.Shows() || r.source.Reruns()) && callsDisplay(s.Dir)
		if shows {
			if err := os.WriteFile(extra, []byte(display.Source()), 0o600); err != nil {
				fmt.Fprintln(s.Stderr, err)
				return 1
			}
		}
		text, result, err := b.capture(r.ctx, goCommand, args, s.Dir, s.Env)
		os.Remove(extra)
		if err == nil && !result.OK() && shows && unshow(s.Dir, text) {
			r.source.SetNoValue()
			continue
		}
		if status := report(s, text, result, err); status != 0 {
			return status
		}
		return b.put(r, s, out, made)
	}
}

var noValue = regexp.MustCompile(`main\.go:\d+:\d+: ` + cellsource.Show + `\(|\(no value\) used as value`)

// callsDisplay reports whether GoNB's file calls the functions that the kernel adds to it.
func callsDisplay(dir string) bool {
	source, err := os.ReadFile(filepath.Join(dir, "main.go"))
	return err == nil && (bytes.Contains(source, []byte(cellsource.Show+"(")) ||
		bytes.Contains(source, []byte(cellsource.Begin+"()")))
}

// unshow removes the call that shows the last expression from GoNB's file if the compiler says that
// the expression has no value, and reports whether it did.
func unshow(dir string, text []byte) bool {
	if !noValue.Match(text) {
		return false
	}
	file := filepath.Join(dir, "main.go")
	source, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	without, ok := cellsource.Unshow(source)
	return ok && os.WriteFile(file, without, 0o600) == nil
}

// put records the program and puts the shim where GoNB expects it.
func (b *builder) put(r *run, s *step, out int, made string) int {
	if status := b.placeShim(s, s.Args[out]); status != 0 {
		return status
	}
	r.mu.Lock()
	r.program = made
	r.mu.Unlock()
	return 0
}

func (b *builder) placeShim(s *step, target string) int {
	if at, err := os.Readlink(target); err == nil && at == b.g.Shim {
		return 0
	}
	os.Remove(target)
	if err := os.Symlink(b.g.Shim, target); err != nil {
		fmt.Fprintln(s.Stderr, err)
		return 1
	}
	return 0
}
