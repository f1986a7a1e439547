// Package host builds the program that cells live in, and what is needed to compile and link cells
// against it: an image.
//
// It takes a checkout, the environment of the go command and the tools of package toolchain, and
// makes a folder: the program with all packages that cells commonly import, the table of its
// symbols, the export data of the packages, and an index. The folder depends on nothing else but
// the shared libraries of the system. It appears when it is complete, under a name that is a hash
// of all that went into it, and is never changed. Where the go command cannot list or compile the
// packages, or the linker refuses, there is no image and an error says why.
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

// An Image is a host that was built.
type Image struct {
	Dir       string
	Tools     toolchain.Tools
	Program   string // the path of the host
	Table     string // of its symbols
	Importcfg []byte // for the compiler: a line for each package
	Index     Index
	byName    map[string]string
}

// An Index says what is in an image.
type Index struct {
	Go       string             // its version
	Key      string             // a hash of all that went into it
	Packages map[string]Package // by import path
}

// A Package is one that the host has.
type Package struct {
	Name   string
	File   string // of its export data, in the image's folder
	Public bool   // a cell may import it
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

// names returns what names of packages mean where no import says it: a package of the standard
// library, else one of those that cells commonly import, else one that these consist of. A name
// that several packages of such a group have means none of them, but for those that goimports
// prefers.
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

// preferred chooses between packages of one name, "" where it cannot.
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

// Resolve returns the package that an undeclared name can mean, if it can mean only one.
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

// public reports whether code outside of a package's own tree may import it.
func public(importPath string) bool {
	for part := range strings.SplitSeq(importPath, "/") {
		if part == "internal" || part == "vendor" {
			return false
		}
	}
	return path.Base(importPath) != "main"
}

// errNoImage is the beginning of why there is none.
var errNoImage = errors.New("host: no image")
