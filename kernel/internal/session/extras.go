package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/trafficlab/trafficlab/kernel/internal/oneline"
	"github.com/trafficlab/trafficlab/kernel/internal/session/host"
)

// extras finds the packages that cells import and the host lacks. The go command compiles them, in
// the module that cells may import from.
type extras struct {
	c     Config
	image *host.Image

	mu    sync.Mutex
	known map[string]*listed
}

// listed is what go list prints about a package.
type listed struct {
	ImportPath, Name, Export string
	Imports                  []string
	ImportMap                map[string]string
	Error                    *struct{ Err string }
}

// archive is a compiled package.
type archive struct{ path, file string }

func newExtras(c Config, image *host.Image) *extras {
	return &extras{c: c, image: image, known: map[string]*listed{}}
}

// export opens the export data of a package, whether the host has it or not.
func (l *extras) export(path string) (io.ReadCloser, error) {
	if r, err := l.image.Export(path); !errors.Is(err, os.ErrNotExist) {
		return r, err
	}
	p, err := l.find(context.Background(), path)
	if err != nil {
		return nil, err
	}
	return os.Open(p.Export)
}

// packages returns the packages that a cell with these imports needs and the host lacks, each after
// those that it imports.
func (l *extras) packages(ctx context.Context, imports []string) ([]archive, error) {
	var out []archive
	seen := map[string]bool{}
	var visit func(path string) error
	visit = func(path string) error {
		if seen[path] || path == "unsafe" || path == "C" || l.image.Has(path) {
			return nil
		}
		seen[path] = true
		p, err := l.find(ctx, path)
		if err != nil {
			return err
		}
		for _, i := range p.Imports {
			if to, ok := p.ImportMap[i]; ok {
				i = to
			}
			if err := visit(i); err != nil {
				return err
			}
		}
		out = append(out, archive{p.ImportPath, p.Export})
		return nil
	}
	for _, path := range imports {
		if err := visit(path); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// find asks the go command for a package and for everything that it imports.
func (l *extras) find(ctx context.Context, path string) (*listed, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p := l.known[path]; p != nil {
		if _, err := os.Stat(p.Export); err == nil { // the go command may have cleaned its cache
			return p, nil
		}
	}
	output, ok, err := l.c.Run(ctx, l.c.Go,
		[]string{"list", "-e", "-export", "-deps", "-json=ImportPath,Name,Export,Imports,ImportMap,Error", "--", path},
		l.c.Module, append(l.c.Env[:len(l.c.Env):len(l.c.Env)], "GOWORK=off"))
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(output))
	for {
		p := new(listed)
		if err := d.Decode(p); err == io.EOF {
			break
		} else if err != nil {
			return nil, fmt.Errorf("package %s: %s", path, oneline.First(string(output)))
		}
		if p.Error != nil {
			return nil, fmt.Errorf("%s", oneline.First(p.Error.Err))
		}
		if p.Export != "" {
			l.known[p.ImportPath] = p
		}
	}
	if p := l.known[path]; p != nil && ok {
		return p, nil
	}
	return nil, fmt.Errorf("package %s: %s", path, oneline.First(string(output)))
}
