// Package host builds the program that cells live in, and what is needed to compile and link cells against it: an image.
//
// It takes a checkout, the environment of the go command and the tools of package toolchain, and makes a folder: the
// program with all packages that cells commonly import, the table of its symbols, the export data of the packages, and
// an index. The folder depends on nothing else but the shared libraries of the system. It appears when it is complete,
// under a name that is a hash of all that went into it, and is never changed. Where the go command cannot list or compile
// the packages, or the linker refuses, there is no image and an error says why.
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
	i := &Image{Dir: dir, Tools: tools, Program: filepath.Join(dir, programFile), Table: filepath.Join(dir, tableFile)}
	if err := json.Unmarshal(b, &i.Index); err != nil {
		return nil, fmt.Errorf("host: %s: %w", dir, err)
	}
	var cfg strings.Builder
	i.byName = map[string]string{}
	for path, p := range i.Index.Packages {
		fmt.Fprintf(&cfg, "packagefile %s=%s\n", path, filepath.Join(dir, exportsDir, p.File))
		if p.Public {
			i.name(path, p.Name)
		}
	}
	i.Importcfg = []byte(cfg.String())
	return i, nil
}

// name notes what a name means. A name that several packages have means that of the standard library, if that is one.
func (i *Image) name(path, name string) {
	switch other, ok := i.byName[name]; {
	case !ok || standard(path) && !standard(other) && other != "":
		i.byName[name] = path
	case standard(path) == (other == "" || standard(other)):
		i.byName[name] = preferred(name, path, other)
	}
}

// preferred chooses between packages of the standard library with one name as goimports does, and between others none.
func preferred(name, a, b string) string {
	for _, path := range []string{a, b} {
		switch path {
		case "math/rand", "text/template", "crypto/rand" + "/": // what goimports takes when nothing else tells
			return path
		}
		if path == name {
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
