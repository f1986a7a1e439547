package images

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/session/toolchain"
)

// fixture is a store of a checkout of two files, whose commands fail.
func fixture(t *testing.T) (s *Store, calls *int) {
	t.Helper()
	if !Supported {
		t.Skip("sessions need linux/amd64")
	}
	checkout := t.TempDir()
	write(t, checkout, "go.mod", "module m\n\nreplace example.com/x => ./open\n")
	write(t, checkout, "trafficlib/a/a.go", "package a\n")
	write(t, checkout, "open/x.go", "package x\n")
	calls = new(int)
	s = &Store{Dirs: []string{filepath.Join(t.TempDir(), "state"), filepath.Join(t.TempDir(), "own")},
		Checkout: checkout, Env: os.Environ(),
		Run: func(context.Context, string, []string, string, []string) ([]byte, error) {
			*calls++
			return nil, errors.New("no luck\nand more")
		}}
	return s, calls
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// The key covers what goes into an image, and nothing else.
func TestKey(t *testing.T) {
	s, _ := fixture(t)
	last, err := s.Key()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		change  func()
		changes bool
	}{
		{"a package of the library", func() {
			write(t, s.Checkout, "trafficlib/a/a.go",
				"package a\n\nvar X int\n")
		}, true},
		{"a new file", func() { write(t, s.Checkout, "trafficlib/a/b.go", "package a\n") }, true},
		{"a test", func() { write(t, s.Checkout, "trafficlib/a/a_test.go", "package a\n") }, false},
		{"data of a test", func() { write(t, s.Checkout, "trafficlib/a/testdata/x.go", "package x\n") }, false},
		{"a page", func() { write(t, s.Checkout, "trafficlib/README.md", "x") }, false},
		{"a notebook", func() { write(t, s.Checkout, "notebooks/1.ipynb", "{}") }, false},
		{"an open module", func() { write(t, s.Checkout, "open/x.go", "package x\n\nvar Y int\n") }, true},
		{"the modules", func() { write(t, s.Checkout, "go.sum", "x") }, true},
		{"an experiment", func() { s.Env = append(s.Env, "GOEXPERIMENT=none") }, true},
		{"another variable", func() { s.Env = append(s.Env, "SOMETHING=1") }, false},
		{"another package for cells", func() { s.Also = []string{"m/more"} }, true},
	} {
		c.change()
		key, err := s.Key()
		if err != nil {
			t.Fatal(err)
		}
		if (key != last) != c.changes {
			t.Errorf("%s: the key changed: %v", c.name, key != last)
		}
		last = key
	}
}

// A failure is remembered with the reason until something that goes into the image changes, or it
// is forgotten.
func TestRefused(t *testing.T) {
	s, calls := fixture(t)
	if _, err := s.Find(); !errors.Is(err, ErrNone) {
		t.Errorf("at first: %v", err)
	}
	_, err := s.Make(t.Context())
	if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "no luck") {
		t.Errorf("made: %v", err)
	}
	n := *calls
	for _, f := range []func() error{
		func() error { _, err := s.Find(); return err },
		func() error { _, err := s.Make(t.Context()); return err },
	} {
		if err := f(); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "no luck") ||
			strings.Contains(err.Error(), "and more") {
			t.Errorf("again: %v", err)
		}
	}
	if *calls != n {
		t.Errorf("it was tried again")
	}
	s.Forget()
	if _, err := s.Find(); !errors.Is(err, ErrNone) {
		t.Errorf("forgotten: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Make(ctx); errors.Is(err, ErrRefused) {
		t.Errorf("interrupted: %v", err)
	}
	if _, err := s.Find(); !errors.Is(err, ErrNone) {
		t.Errorf("an interrupt was remembered: %v", err)
	}
}

// A Go that the rules do not fit is refused with the name of the rule, before anything is built.
func TestUnknownGo(t *testing.T) {
	s, calls := fixture(t)
	root := t.TempDir()
	write(t, root, "VERSION", "go9.9\ntime x\n")
	write(t, root, "src/cmd/link/main.go", "package main\n")
	write(t, root, "bin/go", "")
	s.Env = append(s.Env, "PATH="+filepath.Join(root, "bin"))
	_, err := s.Make(t.Context())
	if !errors.Is(err, ErrRefused) || !errors.Is(err, toolchain.ErrUnknown) ||
		!strings.Contains(err.Error(), "rule") || *calls != 0 {
		t.Errorf("got %v after %d commands", err, *calls)
	}
	if _, err := s.Find(); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "rule") {
		t.Errorf("afterwards: %v", err)
	}
}
