package complete

import (
	"bytes"
	"go/ast"
	"go/build"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// A Name is a name that a package exports.
type Name struct {
	Text string
	Kind string // function, type, constant, variable
	Sign string // its declaration; on one line for a function
	Doc  string
}

// A Package is what is known about a package.
type Package struct {
	Path, Name, Doc string
	Names           []Name // sorted
}

// An Index finds packages and what they export. Its methods may be called from several goroutines.
type Index struct {
	Goroot   string
	Checkout string            // the folder of the module whose packages are preferred
	Module   string            // its module path
	Dirs     map[string]string // folders of other packages, by import path

	mu       sync.Mutex
	packages map[string]*entry
	paths    []string
	walked   bool // paths are complete
}

// An entry is a package that was read.
type entry struct {
	pkg   *Package
	stamp int64 // the time of the last change of its files
}

// dir returns the folder of a package.
func (x *Index) dir(importPath string) string {
	if rest, ok := strings.CutPrefix(importPath, x.Module); ok && (rest == "" || rest[0] == '/') && x.Module != "" {
		return filepath.Join(x.Checkout, filepath.FromSlash(rest))
	}
	x.mu.Lock()
	dir := x.Dirs[importPath]
	x.mu.Unlock()
	if dir != "" {
		return dir
	}
	return filepath.Join(x.Goroot, "src", filepath.FromSlash(importPath))
}

// AddDir records the folder of a package.
func (x *Index) AddDir(importPath, dir string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.Dirs == nil {
		x.Dirs = map[string]string{}
	}
	x.Dirs[importPath] = dir
}

// Package returns the package with an import path; nil if there is none.
func (x *Index) Package(importPath string) *Package {
	if importPath == "" || strings.Contains(importPath, "..") || strings.HasPrefix(importPath, "/") {
		return nil
	}
	dir := x.dir(importPath)
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return nil
	}
	stamp := info.ModTime().UnixNano()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var files []string
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			if ok, err := build.Default.MatchFile(dir, name); ok && err == nil {
				files = append(files, filepath.Join(dir, name))
			}
			if i, err := e.Info(); err == nil {
				stamp = max(stamp, i.ModTime().UnixNano())
			}
		}
	}
	x.mu.Lock()
	old := x.packages[importPath]
	x.mu.Unlock()
	if old != nil && old.stamp == stamp {
		return old.pkg
	}
	p := read(importPath, files)
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.packages == nil {
		x.packages = map[string]*entry{}
	}
	x.packages[importPath] = &entry{p, stamp}
	return p
}

// read reads a package from its files.
func read(importPath string, files []string) *Package {
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range files {
		if f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution); err == nil {
			parsed = append(parsed, f)
		}
	}
	if len(parsed) == 0 {
		return nil
	}
	d, err := doc.NewFromFiles(fset, parsed, importPath)
	if err != nil {
		return nil
	}
	p := &Package{Path: importPath, Name: d.Name, Doc: d.Doc}
	add := func(text, kind, doc string, node any) {
		if ast.IsExported(text) {
			p.Names = append(p.Names, Name{Text: text, Kind: kind, Doc: doc, Sign: source(fset, node)})
		}
	}
	values := func(kind string, list []*doc.Value) {
		for _, v := range list {
			for _, name := range v.Names {
				add(name, kind, v.Doc, v.Decl)
			}
		}
	}
	functions := func(list []*doc.Func) {
		for _, f := range list {
			add(f.Name, "function", f.Doc, f.Decl)
		}
	}
	values("constant", d.Consts)
	values("variable", d.Vars)
	functions(d.Funcs)
	for _, t := range d.Types {
		add(t.Name, "type", t.Doc, t.Decl)
		values("constant", t.Consts)
		values("variable", t.Vars)
		functions(t.Funcs)
		for _, m := range t.Methods {
			if ast.IsExported(m.Name) && ast.IsExported(t.Name) {
				p.Names = append(p.Names, Name{Text: t.Name + "." + m.Name, Kind: "method", Doc: m.Doc,
					Sign: source(fset, m.Decl)})
			}
		}
	}
	slices.SortFunc(p.Names, func(a, b Name) int { return strings.Compare(a.Text, b.Text) })
	return p
}

// maxSign bounds the text of a declaration.
const maxSign = 4000

// source returns the text of a declaration, without the body of a function.
func source(fset *token.FileSet, node any) string {
	if f, ok := node.(*ast.FuncDecl); ok {
		head := *f
		head.Body, head.Doc = nil, nil
		node = &head
	}
	var b bytes.Buffer
	if format.Node(&b, fset, node) != nil {
		return ""
	}
	if s := b.String(); len(s) > maxSign {
		return strings.ToValidUTF8(s[:maxSign], "") + "…"
	}
	return b.String()
}

// Paths returns the import paths of the packages that can be imported: those of the checkout, of
// the standard library, and those whose folders are known.
func (x *Index) Paths() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.walked {
		x.walked = true
		x.paths = append(packagesBelow(x.Checkout, x.Module, 6),
			packagesBelow(filepath.Join(x.Goroot, "src"), "", 6)...)
	}
	all := slices.Clone(x.paths)
	for p := range x.Dirs {
		all = append(all, p)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// packagesBelow returns the import paths of the packages below a folder.
func packagesBelow(root, prefix string, depth int) []string {
	var out []string
	filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if !d.IsDir() {
			return nil
		}
		rel, _ := filepath.Rel(root, at)
		name := d.Name()
		if at != root && (name == "testdata" || name == "internal" || name == "vendor" || name == "cmd" ||
			name[0] == '.' || name[0] == '_' ||
			strings.Count(rel, string(filepath.Separator)) >= depth) {
			return filepath.SkipDir
		}
		entries, _ := os.ReadDir(at)
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
				if p := path.Join(prefix, filepath.ToSlash(rel)); p != "." && p != "" {
					out = append(out, p)
				}
				break
			}
		}
		return nil
	})
	return out
}

// Find returns the import path of a package by its name: among those that cells import, else in the
// checkout, else in the standard library.
func (x *Index) Find(name string, imports map[string]string) string {
	if p := imports[name]; p != "" {
		return p
	}
	var best string
	for _, p := range x.Paths() {
		if path.Base(p) != name && !(path.Base(path.Dir(p)) == name && isVersion(path.Base(p))) {
			continue
		}
		switch mine := strings.HasPrefix(p, x.Module+"/"); {
		case best == "" || mine && !strings.HasPrefix(best, x.Module+"/"):
			best = p
		case mine == strings.HasPrefix(best, x.Module+"/") && len(p) < len(best):
			best = p
		}
	}
	return best
}

func isVersion(s string) bool { return len(s) > 1 && s[0] == 'v' && s[1] >= '1' && s[1] <= '9' }
