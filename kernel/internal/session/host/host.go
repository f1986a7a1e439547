// Package host builds the program that cells live in, together with what the compiler and the
// linker need to add cells to it: an image.
//
// It takes a checkout, the environment of the go command and the tools of package toolchain, and
// makes a folder: the program with all packages that cells commonly import, the table of its
// symbols, the export data of the packages, and an index. The folder depends on nothing else but
// the system's shared libraries. It appears once it is complete, under a name that is a hash of
// everything that went into it, and never changes. If the go command cannot list or compile the
// packages, or the linker refuses them, there is no image and an error says why.
package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/session/toolchain"
)

// An Image is a built host.
type Image struct {
	Dir       string
	Tools     toolchain.Tools
	Program   string // the path of the host
	Table     string // of its symbols
	Importcfg []byte // for the compiler: a line for each package
	Index     Index
	byName    map[string]string
}

// An Index lists the contents of an image.
type Index struct {
	Go       string             // Go's version
	Key      string             // a hash of everything that went into the image
	Packages map[string]Package // by import path
}

// A Package is a package of the host.
type Package struct {
	Name   string
	File   string // its export data, in the image's folder
	Public bool   // cells may import it
}

const (
	indexFile   = "index.json"
	programFile = "host"
	tableFile   = "host.tab"
	exportsDir  = "exports"
)

// Open reads an image.
func Open(dir string, tools toolchain.Tools) (*Image, error) {
	b, err := os.ReadFile(filepath.Join(dir, indexFile))
	if err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	i := &Image{Dir: dir, Tools: tools, Program: filepath.Join(dir, programFile),
		Table: filepath.Join(dir, tableFile)}
	if err := json.Unmarshal(b, &i.Index); err != nil {
		return nil, fmt.Errorf("host: %s: %w", dir, err)
	}
	var cfg strings.Builder
	for path, p := range i.Index.Packages {
		fmt.Fprintf(&cfg, "packagefile %s=%s\n", path, filepath.Join(dir, exportsDir, p.File))
	}
	i.Importcfg = []byte(cfg.String())
	i.byName = i.Index.names()
	return i, nil
}

// names maps the names of packages to the import paths that they mean in code without an import. A
// package of the standard library comes first, then one that cells commonly import, then one that
// those are made of. A name that several packages of one group share means none of them, unless
// goimports has a preference.
func (x *Index) names() map[string]string {
	groups := map[string]*[3][]string{}
	for path, p := range x.Packages {
		if !public(path) || p.Name == "main" {
			continue
		}
		if groups[p.Name] == nil {
			groups[p.Name] = new([3][]string)
		}
		group := 2
		switch {
		case p.Public && standard(path):
			group = 0
		case p.Public:
			group = 1
		}
		groups[p.Name][group] = append(groups[p.Name][group], path)
	}
	out := map[string]string{}
	for name, g := range groups {
		for _, paths := range g {
			if len(paths) > 0 {
				out[name] = preferred(name, paths)
				break
			}
		}
	}
	return out
}

// preferred chooses between packages of one name. It returns "" if it cannot.
func preferred(name string, paths []string) string {
	if len(paths) == 1 {
		return paths[0]
	}
	for _, path := range []string{"math/rand", "text/template", name} {
		if slices.Contains(paths, path) {
			return path
		}
	}
	return ""
}

func standard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return importPath != "" && !strings.Contains(first, ".")
}

// Resolve returns the only package that an undeclared name can mean, if there is one.
func (i *Image) Resolve(name string) (importPath string, ok bool) {
	importPath = i.byName[name]
	return importPath, importPath != ""
}

// Export opens the export data of a package.
func (i *Image) Export(importPath string) (io.ReadCloser, error) {
	p, ok := i.Index.Packages[importPath]
	if !ok {
		return nil, fmt.Errorf("host: %w: package %s", fs.ErrNotExist, importPath)
	}
	return os.Open(filepath.Join(i.Dir, exportsDir, p.File))
}

// Has reports whether the host has a package.
func (i *Image) Has(importPath string) bool { _, ok := i.Index.Packages[importPath]; return ok }

// public reports whether code outside a package's own tree may import it.
func public(importPath string) bool {
	for part := range strings.SplitSeq(importPath, "/") {
		if part == "internal" || part == "vendor" {
			return false
		}
	}
	return path.Base(importPath) != "main"
}

// errNoImage begins the errors of Build.
var errNoImage = errors.New("host: no image")
