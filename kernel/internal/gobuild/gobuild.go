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
	"encoding/json"
	"errors"
	"fmt"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
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
	worlds   map[string]*world
	programs []string // keys, the one used last at the end
}

// A world is what the go command says of packages, in one environment and folder.
type world struct {
	tools    string // the folder of the compiler and the linker
	version  string
	settings map[string]string // of go env
	flags    flags
	packages map[string]*pack
	stamp    string            // of the files of the open modules
	watched  []string          // folders and files that the stamp is made of
	patched  map[string]string // packages that were compiled with other files → where they are; "" for those that were not
}

// pack is what the go command says of a package.
type pack struct {
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

// Build makes a program and gives its path, which is valid until so many others have been made. Without one it gives
// what the compiler or linker said.
func (b *Builder) Build(ctx context.Context, j Job) (path string, said []byte, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
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

// world gives the packages, all of the imports among them, as they are now.
func (b *Builder) world(ctx context.Context, j Job, imports []string) (*world, error) {
	key := j.world()
	w := b.worlds[key]
	if w == nil {
		w = &world{packages: map[string]*pack{}}
		if err := w.ask(ctx, b.Run, j); err != nil {
			return nil, err
		}
		if b.worlds == nil {
			b.worlds = map[string]*world{}
		}
		if len(b.worlds) > 8 { // somebody changes the environment again and again
			clear(b.worlds)
		}
		b.worlds[key] = w
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

// ask reads the settings of the go command.
func (w *world) ask(ctx context.Context, run Run, j Job) error {
	said, ok, err := run(ctx, j.Go, []string{"env", "-json", "GOVERSION", "GOTOOLDIR", "GOROOT", "GOMODCACHE", "CGO_ENABLED", "CGO_CFLAGS", "CGO_CPPFLAGS",
		"CGO_CXXFLAGS", "CGO_LDFLAGS", "GOARCH", "GOOS", "GOEXPERIMENT", "GOAMD64", "GOARM64", "GOFLAGS", "CC", "GOWORK"}, j.Dir, j.Env)
	if err != nil {
		return err
	}
	if !ok || json.Unmarshal(said, &w.settings) != nil {
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

// list has the go command compile packages and all that they import, and say where they are.
func (w *world) list(ctx context.Context, run Run, j Job, paths []string) error {
	args := []string{"list", "-export", "-deps", "-json=ImportPath,Name,Dir,Export,Standard,Imports,Module"}
	args = append(args, paths...)
	before := time.Now()
	said, ok, err := run(ctx, j.Go, args, j.Dir, j.Env)
	if err != nil {
		return err
	}
	if !ok {
		return ErrOther
	}
	d := json.NewDecoder(bytes.NewReader(said))
	for {
		var p pack
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return ErrOther
		}
		w.packages[p.ImportPath] = &p
	}
	// Files of modules in the module cache do not change.
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
		w.stamp = "changed while it was read"
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

// stamp sums up names, sizes and times of files, and of all files directly in folders.
func stamp(paths []string) string {
	sum := sha256.New()
	each(paths, func(path string, info os.FileInfo) {
		fmt.Fprintf(sum, "%s\x00%d\x00%d\x00", path, info.Size(), info.ModTime().UnixNano())
	})
	return hex.EncodeToString(sum.Sum(nil))
}

func changedSince(paths []string, t time.Time) bool {
	changed := false
	each(paths, func(_ string, info os.FileInfo) { changed = changed || info.ModTime().After(t) })
	return changed
}

func each(paths []string, do func(path string, info os.FileInfo)) {
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

// trimmed tells whether a compiled package has gone from the go command's cache.
func (w *world) trimmed() bool {
	for _, p := range w.packages {
		if p.Export != "" {
			if _, err := os.Stat(p.Export); err != nil {
				return true
			}
		}
	}
	return false
}

// flags are those of the flags of the go command that are understood here.
type flags struct{ link []string }

// parseFlags reads GOFLAGS: fields, of which those with spaces are quoted.
func parseFlags(text string) (flags, bool) {
	var f flags
	for _, one := range fields(text) {
		name, value, _ := strings.Cut(strings.TrimLeft(one, "-"), "=")
		switch name {
		case "ldflags":
			f.link = fields(value)
		case "buildvcs", "tags", "p", "mod", "modcacherw": // go list heeds them
		default:
			return f, false
		}
	}
	return f, true
}

func fields(text string) (out []string) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		if q := text[0]; q == '\'' || q == '"' {
			one, rest, ok := strings.Cut(text[1:], string(q))
			if !ok {
				return append(out, text)
			}
			out, text = append(out, one), rest
			continue
		}
		end := strings.IndexAny(text, " \t\n")
		if end < 0 {
			end = len(text)
		}
		out, text = append(out, text[:end]), text[end:]
	}
	return out
}

// make calls the compiler and the linker.
func (b *Builder) make(ctx context.Context, j Job, w *world, imports []string, path string) (said []byte, ok bool, err error) {
	tmp, err := os.MkdirTemp(b.Dir, "make")
	if err != nil {
		return nil, false, err
	}
	defer os.RemoveAll(tmp)
	needed, deps := w.closure(imports)
	env := append(slices.Clone(j.Env), "PWD="+j.Dir, "GOROOT="+w.settings["GOROOT"], "GOOS="+w.settings["GOOS"], "GOARCH="+w.settings["GOARCH"])
	compilecfg := filepath.Join(tmp, "importcfg.compile")
	var config strings.Builder
	for round := range 2 {
		config.Reset()
		for _, p := range needed {
			file := p.Export
			if round == 1 && !importedBy(needed, p.ImportPath) {
				if other := b.patch(ctx, w, p, compilecfg, env); other != "" {
					file = other
				}
			}
			if file != "" {
				fmt.Fprintf(&config, "packagefile %s=%s\n", p.ImportPath, file)
			}
		}
		if err := os.WriteFile(compilecfg, []byte(config.String()), 0o600); err != nil {
			return nil, false, err
		}
	}
	compiled := filepath.Join(tmp, "main.a")
	fmt.Fprintf(&config, "packagefile main=%s\n", compiled)
	info := w.info(j.Dir, deps)
	fmt.Fprintf(&config, "modinfo %q\n", infoStart+info.String()+infoEnd)
	importcfg := filepath.Join(tmp, "importcfg")
	if err := os.WriteFile(importcfg, []byte(config.String()), 0o600); err != nil {
		return nil, false, err
	}
	args := []string{"-o", compiled, "-trimpath", tmp + "=>", "-p", "main", "-lang=" + w.lang(), "-complete", "-buildid", "cell/cell", "-goversion", goVersion(w.version),
		"-c=2", "-nolocalimports", "-importcfg", compilecfg, "-pack", "./" + j.File}
	if j.Extra != "" {
		args = append(args, j.Extra)
	}
	if said, ok, err = b.Run(ctx, filepath.Join(w.tools, "compile"), args, j.Dir, env); err != nil || !ok {
		return append([]byte("# "+filepath.Base(j.Dir)+"\n"), said...), false, err
	}
	program := filepath.Join(tmp, "program")
	args = append([]string{"-o", program, "-importcfg", importcfg, "-buildmode=exe", "-buildid=cell/cell/cell/cell"}, w.flags.link...)
	args = append(args, "-extld="+strings.Fields(w.settings["CC"] + " cc")[0], compiled)
	if said, ok, err = b.Run(ctx, filepath.Join(w.tools, "link"), args, ".", append(env, "PWD=.")); err != nil || !ok {
		return append([]byte("# "+filepath.Base(j.Dir)+"\n"), said...), false, err
	}
	return nil, true, os.Rename(program, path)
}

// importedBy tells whether one of the packages imports another.
func importedBy(packages []*pack, importPath string) bool {
	return slices.ContainsFunc(packages, func(p *pack) bool { return slices.Contains(p.Imports, importPath) })
}

// patch gives where a package is that was compiled with the files of b.Patch; "" when there are none for it.
func (b *Builder) patch(ctx context.Context, w *world, p *pack, importcfg string, env []string) string {
	if b.Patch == nil || p.Module == nil {
		return ""
	}
	if made, ok := w.patched[p.ImportPath]; ok {
		return made
	}
	if w.patched == nil {
		w.patched = map[string]string{}
	}
	w.patched[p.ImportPath] = ""
	files := b.Patch(p.ImportPath, p.Dir)
	if len(files) == 0 {
		return ""
	}
	dir, err := os.MkdirTemp(b.Dir, "patch")
	if err != nil {
		return ""
	}
	args := []string{"-o", filepath.Join(dir, "p.a"), "-trimpath", dir + "=>" + p.Dir, "-p", p.ImportPath, "-lang=go" + p.Module.language(), "-complete",
		"-buildid", "patched/patched", "-goversion", goVersion(w.version), "-c=2", "-nolocalimports", "-importcfg", importcfg, "-pack"}
	for name, text := range files {
		if os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600) != nil {
			return ""
		}
	}
	entries, err := os.ReadDir(p.Dir)
	if err != nil {
		return ""
	}
	names := map[string]bool{}
	for name := range files {
		names[name] = true
		args = append(args, filepath.Join(dir, name))
	}
	for _, e := range entries {
		if ok, err := build.Default.MatchFile(p.Dir, e.Name()); ok && err == nil && strings.HasSuffix(e.Name(), ".go") &&
			!strings.HasSuffix(e.Name(), "_test.go") && !names[e.Name()] {
			args = append(args, filepath.Join(p.Dir, e.Name()))
		}
	}
	if _, ok, err := b.Run(ctx, filepath.Join(w.tools, "compile"), args, dir, env); err != nil || !ok {
		return ""
	}
	w.patched[p.ImportPath] = filepath.Join(dir, "p.a")
	return w.patched[p.ImportPath]
}

// language is the version of Go that a module is written in.
func (m *module) language() string {
	parts := strings.SplitN(m.GoVersion, ".", 3)
	if len(parts) < 2 {
		return "1.21"
	}
	return parts[0] + "." + digits(parts[1])
}

// closure gives the packages that a program with these imports consists of, and the modules that they are from.
func (w *world) closure(imports []string) (needed []*pack, modules []*module) {
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
	for _, p := range slices.Sorted(maps.Keys(w.packages)) { // what the linker wants of its own accord
		if strings.HasPrefix(p, "runtime") || strings.HasPrefix(p, "internal/") {
			visit(p)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(mods)) {
		modules = append(modules, mods[path])
	}
	return needed, modules
}

// The marks around the information on modules in a program, as the go command writes them.
const (
	infoStart = "0w\xaf\x0c\x92t\x08\x02A\xe1\xc1\x07\xe6\xd6\x18\xe6"
	infoEnd   = "\xf92C1\x86\x18 r\x00\x82B\x10A\x16\xd8\xf2"
)

// info is what a program tells of its build, as the go command would have it.
func (w *world) info(dir string, modules []*module) *debug.BuildInfo {
	name := filepath.Base(dir)
	info := &debug.BuildInfo{Path: name, Main: debug.Module{Path: name, Version: "(devel)"}}
	for _, m := range modules {
		d := &debug.Module{Path: m.Path, Version: m.Version, Sum: m.Sum}
		if m.Version == "" {
			d.Version = "(devel)"
		}
		if m.Replace != nil {
			d.Replace = &debug.Module{Path: m.Replace.Path, Version: m.Replace.Version, Sum: m.Replace.Sum}
			d.Sum = ""
		}
		info.Deps = append(info.Deps, d)
	}
	add := func(key, value string) {
		info.Settings = append(info.Settings, debug.BuildSetting{Key: key, Value: value})
	}
	add("-buildmode", "exe")
	add("-compiler", "gc")
	if len(w.flags.link) > 0 {
		add("-ldflags", strings.Join(w.flags.link, " "))
	}
	add("CGO_ENABLED", w.settings["CGO_ENABLED"])
	add("GOARCH", w.settings["GOARCH"])
	if x := w.settings["GOEXPERIMENT"]; x != "" {
		add("GOEXPERIMENT", x)
	}
	add("GOOS", w.settings["GOOS"])
	for _, name := range []string{"GOAMD64", "GOARM64"} {
		if v := w.settings[name]; v != "" && strings.HasPrefix(strings.ToLower(name[2:]), w.settings["GOARCH"][:3]) {
			add(name, v)
		}
	}
	return info
}

// goVersion is the version as the compiler takes it, without experiments.
func goVersion(v string) string {
	v, _, _ = strings.Cut(v, " ")
	v, _, _ = strings.Cut(v, "-X:")
	return v
}

// lang is the version of the language: that of the toolchain, which is what GoNB writes into the cells' module.
func (w *world) lang() string {
	parts := strings.SplitN(goVersion(w.version), ".", 3)
	if len(parts) < 2 {
		return goVersion(w.version)
	}
	return parts[0] + "." + digits(parts[1])
}

func digits(s string) string {
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	return s[:end]
}
