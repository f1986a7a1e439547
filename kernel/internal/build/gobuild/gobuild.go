// Package gobuild makes programs of single files faster than the go command does it for a folder: a cell is one file,
// what it imports changes rarely, and most of what "go build" does is to find out that nothing has changed.
//
// It takes a file and the environment of the go command, and gives a program. The go command compiles the packages and
// says where they lie ("go list -export"); that is kept for as long as no file of a module that lies open on this
// machine changes, and then the compiler and the linker are called alone. A program whose file and packages are those
// of an earlier one is not made again. What this way can not do (cgo or embedded files in the cell, other files beside
// it, flags of the user's) it refuses with [ErrOther], and the go command does it.
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
)

// ErrOther is the refusal of what only the go command can do.
var ErrOther = errors.New("gobuild: this is for the go command")

// A Run runs a tool and gives all that it says, and whether it ended well. The error is for one that could not run.
type Run func(ctx context.Context, path string, args []string, dir string, env []string) (said []byte, ok bool, err error)

// A Builder remembers packages and programs. One call to its methods at a time builds; the others wait.
type Builder struct {
	Dir  string // of the programs; private
	Keep int    // how many programs are kept
	Run  Run
	// Patch gives files of a package that are to be other than in its folder, or new there, in programs whose own file
	// alone imports it: the linker wants all packages to agree on those that they import. It may be nil.
	Patch func(importPath, dir string) map[string]string

	mu       sync.Mutex
	took     Times
	worlds   map[string]*world
	programs []string // keys, the one used last at the end
}

// environment lists the variables that change what the go command makes.
var environment = []string{"GOFLAGS", "GOEXPERIMENT", "CGO_ENABLED", "GOOS", "GOARCH", "GOAMD64", "GOARM64", "GOWORK", "GOROOT", "GODEBUG",
	"GOTOOLCHAIN", "CC", "CXX", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_LDFLAGS", "GOCACHE", "GOMODCACHE", "GOPATH", "GO111MODULE", "PATH", "HOME"}

func get(env []string, name string) string {
	for _, e := range slices.Backward(env) {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}

func (j Job) world() string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\x00%s\x00", j.Go, j.Dir)
	for _, name := range environment {
		fmt.Fprintf(sum, "%s\x00", get(j.Env, name))
	}
	return string(sum.Sum(nil))
}

// A Job is a program to make.
type Job struct {
	Go    string   // the go command
	Dir   string   // where the module is that the file belongs to
	File  string   // its name there
	Extra string   // the path of another file of the package, "" for none
	Env   []string // of the go command
}

// Times says where the time of a build went. They are 0 for what was not done.
type Times struct{ Compile, Link time.Duration }

// Took gives the times of the last build.
func (b *Builder) Took() Times {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.took
}

// Build makes a program and gives its path, which is valid until so many others have been made. Without one it gives
// what the compiler or linker said.
func (b *Builder) Build(ctx context.Context, j Job) (path string, said []byte, err error) {
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
	if err := alone(j); err != nil {
		return "", nil, err
	}
	imports, err := importsOf(source, extra)
	if err != nil {
		return "", nil, err
	}
	for try := 0; ; try++ {
		w, err := b.world(ctx, j, imports)
		if err != nil {
			return "", nil, err
		}
		sum := sha256.New()
		fmt.Fprintf(sum, "%s\x00%s\x00%d\x00%s%s", j.world(), w.stamp, len(source), source, extra)
		key := hex.EncodeToString(sum.Sum(nil)[:12])
		path = filepath.Join(b.Dir, key)
		if _, err := os.Stat(path); err == nil && slices.Contains(b.programs, key) {
			b.used(key)
			return path, nil, nil
		}
		said, ok, err := b.make(ctx, j, w, imports, path)
		switch {
		case err != nil:
			return "", nil, err
		case ok:
			b.used(key)
			return path, nil, nil
		case try == 0 && ctx.Err() == nil && w.trimmed():
			clear(w.packages) // the go command has cleaned its cache in the meantime
			continue
		}
		return "", said, nil
	}
}

// used puts a program at the end of the list, and removes those at its beginning.
func (b *Builder) used(key string) {
	b.programs = append(slices.DeleteFunc(b.programs, func(k string) bool { return k == key }), key)
	for len(b.programs) > max(b.Keep, 1) {
		os.Remove(filepath.Join(b.Dir, b.programs[0]))
		b.programs = b.programs[1:]
	}
}

// alone refuses a folder with other Go files than that of the job.
func alone(j Job) error {
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

// importsOf lists what files import. It refuses what is no plain Go: a file that can not be read is for the go
// command, which has the words for it.
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

// Packages gives the name of each package that is known to j's world, by import path. It may know none.
func (b *Builder) Packages(j Job) map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := map[string]string{}
	if w := b.worlds[j.world()]; w != nil {
		for path, p := range w.packages {
			out[path] = p.Name
		}
	}
	return out
}

// Dirs gives the folders of the packages that are known, without those of the standard library. It does not wait for a
// build.
func (b *Builder) Dirs() map[string]string {
	if !b.mu.TryLock() {
		return nil
	}
	defer b.mu.Unlock()
	out := map[string]string{}
	for _, w := range b.worlds {
		for path, p := range w.packages {
			if !p.Standard {
				out[path] = p.Dir
			}
		}
	}
	return out
}

// Learn asks for packages before they are needed.
func (b *Builder) Learn(ctx context.Context, j Job, imports ...string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, err := b.world(ctx, j, append(imports, "runtime"))
	return err
}
