// Package pyenvtest hands tests the Python environments that hold what they compare with.
package pyenvtest

import (
	"os"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/pyenv"
)

// Need returns the interpreter of the environment of this name, with the packages of a hash-locked list. A test makes it,
// which asks the network, under TRAFFICLAB_ALL alone and never under -short; one that is there serves every test.
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
		t.Skipf("no Python environment %s: TRAFFICLAB_ALL=1 go test makes it, of %s", name, list)
	}
	python, err = pyenv.Make(name, requirements)
	if err != nil {
		t.Fatal(err)
	}
	return python
}
