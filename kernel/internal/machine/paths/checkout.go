package paths

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"
)

// Module is the module path of the checkout.
const Module = "github.com/trafficlab/trafficlab"

// Checkout returns the checkout that contains dir: the nearest folder, from dir upwards, whose
// go.mod declares [Module].
func Checkout(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("kernel: %w", err)
	}
	for at := start; ; at = filepath.Dir(at) {
		if declares(filepath.Join(at, "go.mod"), Module) {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("kernel: %s: not in a checkout of %s", start, Module)
		}
	}
}

// declares reports whether the file is a go.mod of the module.
func declares(file, module string) bool {
	data, err := os.ReadFile(file)
	return err == nil && modfile.ModulePath(data) == module
}
