package kernel

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
	"github.com/trafficlab/trafficlab/kernel/internal/gonb"
	"github.com/trafficlab/trafficlab/kernel/internal/gonb/patch"
)

// A builder does the steps that make a program of GoNB's file.
type builder struct {
	k       *Kernel
	dir     string // of the programs
	show    string // the file that shows the value of a cell's last expression
	fast    gobuild.Builder
	made    int
	numbers int              // GoNB's count of cells
	sources map[int]numbered // by GoNB's count
}

// numbered is a cell that GoNB knows under another number than the user.
type numbered struct {
	count  int
	source *cellsource.Cell
	code   string
}

func (b *builder) init(k *Kernel) error {
	b.k, b.dir, b.sources = k, filepath.Join(k.Tmp, "cells"), map[int]numbered{}
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	b.show = filepath.Join(b.dir, "show.go")
	if err := os.WriteFile(b.show, []byte(display.Source()), 0o600); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	b.fast = gobuild.Builder{Dir: b.dir, Keep: 16, Run: func(ctx context.Context, path string, args []string, dir string, env []string) ([]byte, bool, error) {
		var out collect
		r, err := program.Run(ctx, program.Command{Path: path, Args: args, Dir: dir, Env: env, Grace: time.Second}, &out)
		if err == nil && !r.Interrupted && r.Exit < 0 { // it could not say so itself
			out = append(out, fmt.Sprintf("%s: %v\n", filepath.Base(path), r)...)
		}
		return out, r.OK(), err
	}, Patch: func(path, dir string) map[string]string {
		if path != patch.Package {
			return nil
		}
		return patch.Files(dir)
	}}
	return nil
}

// job is what is built for a step.
func (b *builder) job(s *gonb.Step, goCommand string) gobuild.Job {
	return gobuild.Job{Go: goCommand, Dir: s.Dir, File: "main.go", Env: s.Env}
}

// step does one of the steps of a cell.
func (b *builder) step(c *cell, s *gonb.Step) int {
	path, err := b.k.real(s)
	if err != nil {
		fmt.Fprintln(s.Stderr, err)
		return 1
	}
	// GoNB names its program gonb_ and eight digits; the front is put in its place, and the program elsewhere.
	out := slices.Index(s.Args, "-o")
	builds := s.Kind == "go" && out > 0 && out+1 < len(s.Args) && (s.Args[0] == "build" || s.Args[0] == "test") &&
		strings.HasPrefix(filepath.Base(s.Args[out+1]), "gonb_")
	if builds {
		return b.build(c, s, path, out+1)
	}
	if s.Kind == "go" && len(s.Args) > 0 && s.Args[0] == "get" && get(s.Env, "GOPROXY") == "off" {
		return 0 // it could not get anything, and the build says so if something is missing
	}
	if s.Kind == "goimports" && len(s.Args) == 2 && s.Args[0] == "-w" && b.fixImports(s) {
		return 0
	}
	return b.run(c, s, path, s.Args)
}

// pretend does the steps of a cell that is told to GoNB again: all is well, and nothing is built.
func (b *builder) pretend(s *gonb.Step) int {
	switch {
	case s.Kind == "goimports" && len(s.Args) == 2 && s.Args[0] == "-w":
		if !b.fixImports(s) {
			return b.k.plain(s)
		}
	case s.Kind == "go" && len(s.Args) > 0 && s.Args[0] != "get" && s.Args[0] != "build" && s.Args[0] != "test":
		return b.k.plain(s)
	case s.Kind == "go":
		if out := slices.Index(s.Args, "-o"); out > 0 && out+1 < len(s.Args) {
			return b.front(s, s.Args[out+1])
		}
	}
	return 0
}

// fixImports is goimports for the plain cases.
func (b *builder) fixImports(s *gonb.Step) bool {
	goCommand, err := lookPath(s.Env, "go")
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

// run runs a tool for GoNB.
func (b *builder) run(c *cell, s *gonb.Step, path string, args []string) int {
	said, r, err := c.tool(c.ctx, path, args, s.Dir, s.Env)
	s.Stdout.Write(said)
	switch {
	case err != nil:
		fmt.Fprintln(s.Stderr, err)
		return 1
	case !r.OK():
		return max(r.Exit, 1)
	}
	return 0
}

// build makes the program: the fast way, and the go command's where that does not do.
func (b *builder) build(c *cell, s *gonb.Step, path string, out int) int {
	target := s.Args[out]
	if len(s.Args) == 3 && s.Args[0] == "build" {
		j := b.job(s, path)
		if c.source.Shows() || c.source.Begins() {
			j.Extra = b.show
		}
		made, said, err := b.fast.Build(c.ctx, j)
		if err == nil && made == "" && c.source.Shows() && b.hasNoValue(s.Dir, said) {
			if c.source.HasNoValue(); !c.source.Begins() {
				j.Extra = ""
			}
			made, said, err = b.fast.Build(c.ctx, j)
		}
		c.mu.Lock()
		c.took = b.fast.Took()
		c.mu.Unlock()
		switch {
		case c.ctx.Err() != nil:
			return 1
		case err == nil && made != "":
			return b.put(c, s, target, made)
		case err == nil:
			s.Stdout.Write(said)
			return 1
		case !errors.Is(err, gobuild.ErrOther):
			b.k.log.Print(err)
		}
	}
	b.made++
	made := filepath.Join(b.dir, fmt.Sprintf("go%d", b.made%4))
	os.Remove(made)
	args := slices.Clone(s.Args)
	args[out] = made
	for {
		extra := filepath.Join(s.Dir, "trafficlab_show.go")
		shows := (c.source.Shows() || c.source.Begins()) && b.calls(s.Dir)
		if shows {
			if err := os.WriteFile(extra, []byte(display.Source()), 0o600); err != nil {
				fmt.Fprintln(s.Stderr, err)
				return 1
			}
		}
		said, r, err := c.tool(c.ctx, path, args, s.Dir, s.Env)
		os.Remove(extra)
		if err == nil && !r.OK() && shows && b.hasNoValue(s.Dir, said) {
			c.source.HasNoValue()
			continue
		}
		s.Stdout.Write(said)
		switch {
		case err != nil:
			fmt.Fprintln(s.Stderr, err)
			return 1
		case !r.OK():
			return max(r.Exit, 1)
		}
		return b.put(c, s, target, made)
	}
}

var noValue = regexp.MustCompile(`main\.go:\d+:\d+: ` + cellsource.Show + `\(|\(no value\) used as value`)

// calls reports whether GoNB's file calls what the kernel adds to it.
func (b *builder) calls(dir string) bool {
	source, err := os.ReadFile(filepath.Join(dir, "main.go"))
	return err == nil && (bytes.Contains(source, []byte(cellsource.Show+"(")) || bytes.Contains(source, []byte(cellsource.Begin+"()")))
}

// hasNoValue takes the call that shows the last expression out of GoNB's file when the compiler says that there is no
// value to show, and tells whether it did.
func (b *builder) hasNoValue(dir string, said []byte) bool {
	if !noValue.Match(said) {
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

// put has GoNB find a front where it expects its program.
func (b *builder) put(c *cell, s *gonb.Step, target, made string) int {
	if status := b.front(s, target); status != 0 {
		return status
	}
	c.mu.Lock()
	c.program = made
	c.mu.Unlock()
	return 0
}

func (b *builder) front(s *gonb.Step, target string) int {
	if at, err := os.Readlink(target); err == nil && at == b.k.Front {
		return 0
	}
	os.Remove(target)
	if err := os.Symlink(b.k.Front, target); err != nil {
		fmt.Fprintln(s.Stderr, err)
		return 1
	}
	return 0
}

// dirs gives the folders of the packages that programs have been made of.
func (b *builder) dirs() map[string]string { return b.fast.Dirs() }
