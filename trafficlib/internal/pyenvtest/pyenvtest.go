// Package pyenvtest provides Python environments for tests that compare results with Python.
package pyenvtest

import (
	"os"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/pyenv"
)

// Need returns the interpreter of an environment with the packages in the file list. It uses an
// existing environment for any test, but makes one, which needs the network, only if TRAFFICLAB_ALL
// is set and without -short. Otherwise it skips the test.
func Need(t testing.TB, name, list string) (python string) {
	t.Helper()
	requirements, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	if python, ok := pyenv.Made(name, requirements); ok {
		return python
	}
	if testing.Short() || os.Getenv("TRAFFICLAB_ALL") == "" {
		t.Skipf("no Python environment %s: TRAFFICLAB_ALL=1 go test makes it from %s", name, list)
	}
	python, err = pyenv.Make(name, requirements)
	if err != nil {
		t.Fatal(err)
	}
	return python
}
