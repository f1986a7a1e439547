// Package deptest lets a package state, in a test, what it must never link.
//
// A notebook cell is compiled and linked when it runs, so the imports of a package are part of its
// interface: a cell that only reads a table must not wait for XLA to be linked. Each package has
// its own test, because Go's test cache does not see the imports of other packages.
package deptest

import (
	"os/exec"
	"strings"
	"testing"
)

// Heavy modules and packages: the machine-learning framework, its XLA binding, the notebook kernel,
// the plot library, Arrow and HTTP.
const (
	GoMLX = "github.com/gomlx/gomlx"
	XLA   = "github.com/gomlx/go-xla"
	GoNB  = "github.com/janpfeifer/gonb"
	Plot  = "gonum.org/v1/plot"
	Arrow = "github.com/apache/arrow-go"
	HTTP  = "net/http"
)

// Never fails t if the package under test links a package at or below one of the given paths.
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
				t.Errorf("the package must not link %s", dep)
			}
		}
	}
}
