// Package gobuild builds a program of one file faster than go build: most of what go build does for
// a cell is to find out that the packages it imports have not changed.
//
// It takes a file and the environment of the go command, and returns the path of a program. The go
// command compiles the imported packages and reports where they are (go list -export). That is
// remembered until a file changes in a module outside the module cache; until then only the
// compiler and the linker run. A program whose file and packages are the same as before is not
// built again. What this package cannot build it refuses with [ErrOther], for the go command: cgo
// or embedded files in the cell, other files beside it, and unknown flags in GOFLAGS.
package gobuild

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/build/program"
)

// ErrOther reports a program that only the go command can build.
var ErrOther = errors.New("gobuild: only the go command can build this program")

// A Run runs a tool. It returns all that the tool printed and whether it succeeded; the error is
// for a tool that could not run.
type Run func(ctx context.Context, path string, args []string, dir string, env []string) (
	text []byte, ok bool, err error)

// A Builder remembers packages and programs. It builds one program at a time.
type Builder struct {
	Dir  string // a private folder for programs
	Keep int    // how many programs are kept
	Run  Run
	// Patch returns files of a package that replace those in its folder or are added to it, by
	// name. They count only in programs in which no other package imports the package, since the
	// linker requires all packages to agree on those that they import. Patch may be nil.
	Patch func(importPath, dir string) map[string]string

	mu       sync.Mutex
	took     Times
	envs     map[string]*environment
	programs []string // keys; the one used last is at the end
}

// variables are the environment variables that affect what the go command builds.
var variables = strings.Fields(`
	GOFLAGS GOEXPERIMENT CGO_ENABLED GOOS GOARCH GOAMD64 GOARM64 GOWORK GOROOT GODEBUG GOTOOLCHAIN
	CC CXX CGO_CFLAGS CGO_CPPFLAGS CGO_CXXFLAGS CGO_LDFLAGS GOCACHE GOMODCACHE GOPATH GO111MODULE
	PATH HOME`)

// environment returns a key of the job's environment and folder.
func (j Job) environment() string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\x00%s\x00", j.Go, j.Dir)
	for _, name := range variables {
		fmt.Fprintf(sum, "%s\x00", program.Getenv(j.Env, name))
	}
	return string(sum.Sum(nil))
}

// A Job is a program to build.
type Job struct {
	Go    string   // the go command
	Dir   string   // the folder of the module
	File  string   // the name of the file in it
	Extra string   // the path of another file of the package; "" for none
	Env   []string // of the go command
}

// Times are the durations of the steps of a build; 0 for a step that was not done.
type Times struct{ Compile, Link time.Duration }

// Took returns the times of the last build.
func (b *Builder) Took() Times {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.took
}

// Build builds a program and returns its path, which is valid until Keep other programs have been
// built. If the program does not compile or link, the path is "" and text is what the compiler or
// linker printed.
func (b *Builder) Build(ctx context.Context, j Job) (path string, text []byte, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.took = Times{}
	source, err := os.ReadFile(filepath.Join(j.Dir, j.File))
	if err != nil {
		return "", nil, err
	}
	extra := []byte{}
	if j.Extra != "" {
		if extra, err = os.ReadFile(j.Extra); err != nil {
			return "", nil, err
		}
	}
	if err := checkFolder(j); err != nil {
		return "", nil, err
	}
	imports, err := importsOf(source, extra)
	if err != nil {
		return "", nil, err
	}
	for try := 0; ; try++ {
		w, err := b.environment(ctx, j, imports)
		if err != nil {
			return "", nil, err
		}
		sum := sha256.New()
		fmt.Fprintf(sum, "%s\x00%s\x00%d\x00%s%s", j.environment(), w.stamp, len(source), source, extra)
		key := hex.EncodeToString(sum.Sum(nil)[:12])
		path = filepath.Join(b.Dir, key)
		if _, err := os.Stat(path); err == nil && slices.Contains(b.programs, key) {
			b.used(key)
			return path, nil, nil
		}
		text, ok, err := b.make(ctx, j, w, imports, path)
		switch {
		case err != nil:
			return "", nil, err
		case ok:
			b.used(key)
			return path, nil, nil
		case try == 0 && ctx.Err() == nil && w.trimmed():
			clear(w.packages) // the go command has cleaned its cache since
			continue
		}
		return "", text, nil
	}
}

// used moves a program to the end of the list and removes the oldest ones.
func (b *Builder) used(key string) {
	b.programs = append(slices.DeleteFunc(b.programs, func(k string) bool { return k == key }), key)
	for len(b.programs) > max(b.Keep, 1) {
		os.Remove(filepath.Join(b.Dir, b.programs[0]))
		b.programs = b.programs[1:]
	}
}

// checkFolder refuses a folder with source files other than that of the job.
func checkFolder(j Job) error {
	entries, err := os.ReadDir(j.Dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case name == j.File || strings.HasPrefix(name, "_") || strings.HasPrefix(name, "."):
		case name == "vendor" && e.IsDir():
			return ErrOther
		case strings.HasSuffix(name, "_test.go"):
		default:
			switch filepath.Ext(name) {
			case ".go", ".c", ".s", ".S", ".h", ".syso", ".cc", ".cpp", ".m", ".f":
				return ErrOther
			}
		}
	}
	return nil
}

// importsOf returns the imports of files. It refuses anything but plain Go; a file that cannot be
// parsed is for the go command, which reports the error.
func importsOf(sources ...[]byte) ([]string, error) {
	all := map[string]bool{"runtime": true} // the linker needs it
	for _, s := range sources {
		if len(s) == 0 {
			continue
		}
		if bytes.Contains(s, []byte("//go:")) || bytes.Contains(s, []byte("//export ")) {
			return nil, ErrOther
		}
		f, err := parser.ParseFile(token.NewFileSet(), "", s, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return nil, ErrOther
		}
		for _, i := range f.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if err != nil || path == "C" || strings.HasPrefix(path, ".") {
				return nil, ErrOther
			}
			all[path] = true
		}
	}
	return slices.Sorted(maps.Keys(all)), nil
}

// Packages returns the names of the known packages in the job's environment, by import path. There
// may be none.
func (b *Builder) Packages(j Job) map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := map[string]string{}
	if w := b.envs[j.environment()]; w != nil {
		for path, p := range w.packages {
			out[path] = p.Name
		}
	}
	return out
}

// Dirs returns the folders of the known packages, by import path, without those of the standard
// library. While a build runs it returns nil.
func (b *Builder) Dirs() map[string]string {
	if !b.mu.TryLock() {
		return nil
	}
	defer b.mu.Unlock()
	out := map[string]string{}
	for _, w := range b.envs {
		for path, p := range w.packages {
			if !p.Standard {
				out[path] = p.Dir
			}
		}
	}
	return out
}

// Learn asks the go command about packages before they are needed.
func (b *Builder) Learn(ctx context.Context, j Job, imports ...string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, err := b.environment(ctx, j, append(imports, "runtime"))
	return err
}
