package bridge

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/engine"
)

// A builder does the steps that make a program of GoNB's file.
type builder struct {
	k       *Kernel
	dir     string // of the programs
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
	return nil
}

// step does one of the steps of a cell.
func (b *builder) step(c *cell, s *engine.Step) int {
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
	return b.run(c, s, path, s.Args)
}

// run runs a tool for GoNB.
func (b *builder) run(c *cell, s *engine.Step, path string, args []string) int {
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

func (b *builder) build(c *cell, s *engine.Step, path string, out int) int {
	b.made++
	target := s.Args[out]
	made := filepath.Join(b.dir, fmt.Sprintf("%d", b.made%4))
	os.Remove(made)
	args := slices.Clone(s.Args)
	args[out] = made
	if status := b.run(c, s, path, args); status != 0 {
		return status
	}
	return b.put(c, s, target, made)
}

// put has GoNB find a front where it expects its program.
func (b *builder) put(c *cell, s *engine.Step, target, made string) int {
	if at, err := os.Readlink(target); err != nil || at != b.k.Front {
		os.Remove(target)
		if err := os.Symlink(b.k.Front, target); err != nil {
			fmt.Fprintln(s.Stderr, err)
			return 1
		}
	}
	c.mu.Lock()
	c.program = made
	c.mu.Unlock()
	return 0
}

// declared gives what the cells so far have declared, by name.
func (k *Kernel) declared() map[string]bool { return nil }
