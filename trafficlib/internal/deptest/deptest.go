// Package deptest lets a package state, in a test of its own, what it must never link.
//
// A notebook cell is compiled and linked each time it runs, so a package's imports are part of its interface: a cell
// that only reads a table must not wait for XLA to be linked. The test stands in each package and not in one place,
// because Go's test cache does not see the imports of other packages.
package deptest

import (
	"os/exec"
	"strings"
	"testing"
)

// What a package may be kept clear of: the modules of the machine-learning framework, its XLA binding, the notebook
// kernel, and the drawing library.
const (
	GoMLX = "github.com/gomlx/gomlx"
	XLA   = "github.com/gomlx/go-xla"
	GoNB  = "github.com/janpfeifer/gonb"
	Plot  = "gonum.org/v1/plot"
	Arrow = "github.com/apache/arrow-go"
	HTTP  = "net/http"
)

// Never fails t when the package under test links any package under one of the given paths.
func Never(t *testing.T, paths ...string) {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go list -deps: %v\n%s", err, out)
	}
	for dep := range strings.Lines(string(out)) {
		dep = strings.TrimSpace(dep)
		for _, path := range paths {
			if dep == path || strings.HasPrefix(dep, path+"/") {
				t.Errorf("links %s, which it must not", dep)
			}
		}
	}
}
