package host

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// listed is what go list prints about a package.
type listed struct {
	ImportPath, Name, Dir, Export string
	Standard                      bool
	Imports                       []string
	ImportMap                     map[string]string
	Incomplete                    bool // it or one of its imports cannot be built
}

// unwanted lists packages that change a program by being linked in, or that a program cannot
// import.
var unwanted = []string{"plugin", "expvar", "net/http/pprof", "time/tzdata", "runtime/race", "runtime/msan",
	"runtime/asan", "runtime/coverage",
	"testing/cryptotest", "embed/internal"}

// common lists packages that cells commonly import and trafficlib does not, of modules that the
// checkout requires.
var common = []string{
	"github.com/janpfeifer/gonb/gonbui/...",
	"gonum.org/v1/plot", "gonum.org/v1/plot/plotter", "gonum.org/v1/plot/plotutil",
	"gonum.org/v1/plot/vg", "gonum.org/v1/plot/vg/draw",
	"gonum.org/v1/plot/vg/vgimg", "gonum.org/v1/plot/vg/vgsvg",
	"gonum.org/v1/gonum/mat", "gonum.org/v1/gonum/stat", "gonum.org/v1/gonum/floats",
	"github.com/apache/arrow-go/v18/arrow", "github.com/apache/arrow-go/v18/arrow/array",
	"github.com/apache/arrow-go/v18/arrow/ipc",
	"github.com/apache/arrow-go/v18/arrow/memory",
	"github.com/gomlx/gomlx/core/...", "github.com/gomlx/gomlx/ml/...",
}

// roots lists the packages that the host imports.
func (c *Config) roots(ctx context.Context) ([]string, error) {
	std, err := c.list(ctx, "-e", "-json=ImportPath,Name,Incomplete", "std")
	if err != nil {
		return nil, err
	}
	paths := append([]string{"./trafficlib/..."}, common...)
	more, err := c.list(ctx, append([]string{"-e", "-json=ImportPath,Name,Incomplete"},
		append(paths, c.Also...)...)...)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, p := range append(std, more...) {
		if !p.Incomplete && p.Name != "main" && p.Name != "" && public(p.ImportPath) &&
			!slices.Contains(unwanted, p.ImportPath) {
			out = append(out, p.ImportPath)
		}
	}
	return out, nil
}

// list runs go list.
func (c *Config) list(ctx context.Context, args ...string) ([]listed, error) {
	output, err := c.Run(ctx, c.Go, append([]string{"list"}, args...), c.Checkout, c.env())
	if err != nil {
		return nil, fmt.Errorf("%w: go list: %w", errNoImage, err)
	}
	var out []listed
	d := json.NewDecoder(bytes.NewReader(output))
	for {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			return out, nil
		} else if err != nil {
			return nil, fmt.Errorf("%w: go list: %w", errNoImage, err)
		}
		out = append(out, p)
	}
}

// tail returns the end of a tool's output.
func tail(output []byte) string {
	s := strings.TrimSpace(string(output))
	if len(s) > 2000 {
		s = "…" + s[len(s)-2000:]
	}
	return s
}
