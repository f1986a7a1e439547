package gobuild

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// An environment is what the go command reports about packages in one environment and folder.
type environment struct {
	tools    string // the folder of the compiler and linker
	version  string
	settings map[string]string // of go env
	flags    flags
	packages map[string]*listed
	stamp    string            // a hash of the state of the files outside the module cache
	watched  []string          // those files and folders
	patched  map[string]string // paths of patched packages by import path; "" if not patched
}

// A listed package is what the go command reports about a package.
type listed struct {
	ImportPath, Name, Dir, Export string
	Standard                      bool
	Imports                       []string
	Module                        *module
}

type module struct {
	Path, Version, Sum, Dir string
	GoVersion               string
	Main                    bool
	Replace                 *module
}

// environment returns the packages of a job's environment, among them all of imports, as they are
// now.
func (b *Builder) environment(ctx context.Context, j Job, imports []string) (*environment, error) {
	key := j.environment()
	w := b.envs[key]
	if w == nil {
		w = &environment{packages: map[string]*listed{}}
		if err := w.ask(ctx, b.Run, j); err != nil {
			return nil, err
		}
		if b.envs == nil {
			b.envs = map[string]*environment{}
		}
		if len(b.envs) > 8 { // the environment changes again and again
			clear(b.envs)
		}
		b.envs[key] = w
	}
	if len(w.packages) > 0 && stamp(w.watched) != w.stamp {
		clear(w.packages)
	}
	var missing []string
	for _, path := range imports {
		if w.packages[path] == nil && path != "unsafe" {
			missing = append(missing, path)
		}
	}
	if len(missing) > 0 {
		if err := w.list(ctx, b.Run, j, missing); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// settings are the variables of go env that are needed.
var settings = strings.Fields(`
	GOVERSION GOTOOLDIR GOROOT GOMODCACHE CGO_ENABLED CGO_CFLAGS CGO_CPPFLAGS CGO_CXXFLAGS
	CGO_LDFLAGS GOARCH GOOS GOEXPERIMENT GOAMD64 GOARM64 GOFLAGS CC GOWORK`)

// ask asks the go command for its settings.
func (w *environment) ask(ctx context.Context, run Run, j Job) error {
	text, ok, err := run(ctx, j.Go, append([]string{"env", "-json"}, settings...), j.Dir, j.Env)
	if err != nil {
		return err
	}
	if !ok || json.Unmarshal(text, &w.settings) != nil {
		return ErrOther
	}
	w.tools, w.version = w.settings["GOTOOLDIR"], w.settings["GOVERSION"]
	if w.tools == "" || w.version == "" {
		return ErrOther
	}
	w.flags, ok = parseFlags(w.settings["GOFLAGS"])
	if !ok {
		return ErrOther
	}
	return nil
}

// list has the go command compile packages and all that they import, and report where they are.
func (w *environment) list(ctx context.Context, run Run, j Job, paths []string) error {
	args := []string{"list", "-export", "-deps", "-json=ImportPath,Name,Dir,Export,Standard,Imports,Module"}
	args = append(args, paths...)
	before := time.Now()
	text, ok, err := run(ctx, j.Go, args, j.Dir, j.Env)
	if err != nil {
		return err
	}
	if !ok {
		return ErrOther
	}
	d := json.NewDecoder(bytes.NewReader(text))
	for {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return ErrOther
		}
		w.packages[p.ImportPath] = &p
	}
	// Files in the module cache do not change.
	watch := map[string]bool{j.Dir: true, filepath.Join(j.Dir, "go.mod"): true, filepath.Join(j.Dir, "go.sum"): true}
	if work := w.settings["GOWORK"]; work != "" && work != "off" {
		watch[work], watch[work+".sum"] = true, true
	}
	for _, p := range w.packages {
		if p.Standard || p.Module == nil || inside(p.Dir, w.settings["GOMODCACHE"]) {
			continue
		}
		watch[p.Dir] = true
		if dir := p.Module.dir(); dir != "" {
			watch[filepath.Join(dir, "go.mod")], watch[filepath.Join(dir, "go.sum")] = true, true
		}
	}
	delete(watch, j.Dir)
	w.watched = slices.Sorted(maps.Keys(watch))
	w.stamp = stamp(w.watched)
	if changedSince(w.watched, before) {
		w.stamp = "changed while listed"
	}
	return nil
}

func (m *module) dir() string {
	if m.Replace != nil {
		return m.Replace.Dir
	}
	return m.Dir
}

func inside(path, dir string) bool {
	return dir != "" && strings.HasPrefix(path, dir+string(filepath.Separator))
}

// stamp returns a hash of the names, sizes and times of files, and of the files directly in
// folders.
func stamp(paths []string) string {
	sum := sha256.New()
	eachFile(paths, func(path string, info os.FileInfo) {
		fmt.Fprintf(sum, "%s\x00%d\x00%d\x00", path, info.Size(), info.ModTime().UnixNano())
	})
	return hex.EncodeToString(sum.Sum(nil))
}

// changedSince reports whether a file has changed after t.
func changedSince(paths []string, t time.Time) bool {
	changed := false
	eachFile(paths, func(_ string, info os.FileInfo) { changed = changed || info.ModTime().After(t) })
	return changed
}

// eachFile calls do for each file, and for the files directly in folders.
func eachFile(paths []string, do func(path string, info os.FileInfo)) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			continue
		}
		if !info.IsDir() {
			do(path, info)
			continue
		}
		entries, _ := os.ReadDir(path)
		for _, e := range entries {
			if e.IsDir() {
				continue
			}
			if info, err := e.Info(); err == nil {
				do(filepath.Join(path, e.Name()), info)
			}
		}
	}
}

// trimmed reports whether a compiled package has been removed from the go command's cache.
func (w *environment) trimmed() bool {
	for _, p := range w.packages {
		if p.Export != "" {
			if _, err := os.Stat(p.Export); err != nil {
				return true
			}
		}
	}
	return false
}

// closure returns the packages of a program with these imports, and the modules of the packages.
func (w *environment) closure(imports []string) (needed []*listed, modules []*module) {
	seen, mods := map[string]bool{}, map[string]*module{}
	var visit func(path string)
	visit = func(path string) {
		p := w.packages[path]
		if p == nil {
			p = w.packages["vendor/"+path]
		}
		if p == nil || seen[p.ImportPath] {
			return
		}
		seen[p.ImportPath] = true
		needed = append(needed, p)
		if p.Module != nil {
			mods[p.Module.Path] = p.Module
		}
		for _, i := range p.Imports {
			visit(i)
		}
	}
	for _, i := range imports {
		visit(i)
	}
	for _, p := range slices.Sorted(maps.Keys(w.packages)) { // packages that the linker itself needs
		if strings.HasPrefix(p, "runtime") || strings.HasPrefix(p, "internal/") {
			visit(p)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(mods)) {
		modules = append(modules, mods[path])
	}
	return needed, modules
}
