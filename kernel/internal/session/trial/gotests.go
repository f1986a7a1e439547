package trial

import (
	"embed"
	"fmt"
	"go/build/constraint"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// GoTests returns the tests below root/test that are single files to be compiled and run without
// flags. It returns none for a distribution of Go without these tests.
func GoTests(root string) ([]Program, error) {
	var out []Program
	dir := filepath.Join(root, "test")
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) && path == dir {
			return fs.SkipAll
		}
		if err == nil && d.IsDir() && strings.HasSuffix(path, ".dir") {
			return fs.SkipDir // packages of a larger test
		}
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		source := string(b)
		if !runs(source) {
			return nil
		}
		name, _ := filepath.Rel(dir, path)
		want, err := os.ReadFile(strings.TrimSuffix(path, ".go") + ".out")
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		out = append(out, Program{Name: filepath.ToSlash(name), Source: source, Want: string(want)})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	return out, nil
}

// runs reports whether the header of a test says "run", and whether its build constraints fit this
// system.
func runs(source string) bool {
	is := false
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		switch {
		case line == "// run":
			is = true
		case constraint.IsGoBuild(line):
			x, err := constraint.Parse(line)
			if err != nil || !x.Eval(fits) {
				return false
			}
		case strings.HasPrefix(line, "package "):
			return is
		}
	}
	return false
}

func fits(tag string) bool {
	return tag == runtime.GOOS || tag == runtime.GOARCH || tag == "unix" || tag == "gc" || tag == "cgo" ||
		strings.HasPrefix(tag, "go1.")
}

//go:embed cells/*.go.txt
var cells embed.FS

// Sure returns programs that must pass in any image: those of this package and n of Go's own tests,
// if this Go has them.
func Sure(root string, n int) ([]Program, error) {
	all, err := GoTests(root)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(p Program) bool {
		dir, _, _ := strings.Cut(p.Name, "/")
		return !slices.Contains([]string{"ken", "chan", "interface", "typeparam", "closedchan.go", "escape.go"}, dir)
	})
	own, err := language()
	if err != nil {
		return nil, err
	}
	return append(own, Sample(all, n)...), nil
}

// language returns the programs of this package. Their expected output is in comments at their
// ends.
func language() ([]Program, error) {
	files, err := fs.Glob(cells, "cells/*.go.txt")
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	var out []Program
	for _, file := range files {
		b, err := cells.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("session: %w", err)
		}
		source, want, _ := strings.Cut(string(b), "\n// Output:\n")
		var lines strings.Builder
		for line := range strings.Lines(want) {
			lines.WriteString(strings.TrimPrefix(line, "// "))
		}
		out = append(out, Program{Name: strings.TrimSuffix(filepath.Base(file), ".txt"), Source: source,
			Want: lines.String()})
	}
	return out, nil
}

// Sample returns n programs, spread evenly.
func Sample(programs []Program, n int) []Program {
	if len(programs) <= n {
		return programs
	}
	var out []Program
	for i := range n {
		out = append(out, programs[i*len(programs)/n])
	}
	return slices.Clip(out)
}
