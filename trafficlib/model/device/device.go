// Package device opens the machine that a model runs on: XLA on a CPU or a GPU through a PJRT plugin, or GoMLX's
// pure-Go backend, which needs nothing installed.
//
// It takes a name and gives a compute.Backend, one for each name in a process. It refuses a file that is no PJRT plugin before the file is handed to
// XLA, where it would end the whole process. This is the only package of trafficlib that links XLA, because linking
// it is what makes a notebook cell slow to start.
package device

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend" // links the pure-Go backend, which is always there
)

// Open opens a backend.
//
//   - "" takes what the variable GOMLX_BACKEND names when it is set; else "xla:cuda" when the machine has a GPU and a
//     plugin for it; else "xla:cpu" when a plugin for it is found; else "go", with a line on standard error that says
//     how to get the faster one.
//   - "go" is the pure-Go backend.
//   - "xla:cpu" and "xla:cuda" look for a plugin in the folders that [Plugins] lists. When there is none, go-xla
//     downloads one into its own folder, unless GOMLX_NO_AUTO_INSTALL is set.
//   - "xla:/path/to/plugin.so" takes that plugin.
//
// What go-xla calls options may follow an XLA name after a comma: "xla:cuda,tf32=false".
//
// A backend that is open already is returned again: a second one would have threads of its own, on a GPU most of its
// memory, and nothing of what the first has compiled. Who finalizes it does so for all; the next Open opens another.
func Open(name string) (compute.Backend, error) {
	if name == "" {
		name = os.Getenv(compute.ConfigEnvVar)
	}
	if name == "" {
		name = choose()
	}
	kind, rest, _ := strings.Cut(name, ":")
	switch kind {
	case "go":
		return shared(name, compute.NewWithConfig)
	case "xla":
		return openXLA(rest)
	}
	return nil, fmt.Errorf("device: %q is no backend: want go, xla:cpu, xla:cuda or xla:/path/to/plugin.so", name)
}

// choose picks the backend for a machine on which nobody has chosen one.
func choose() string {
	var plugins []Plugin
	if linked {
		plugins = Plugins()
	}
	for _, want := range []string{"cuda", "cpu"} {
		for _, p := range plugins {
			if p.Name == want && p.Err == nil && (want != "cuda" || HasGPU()) {
				return "xla:" + p.Path
			}
		}
	}
	why := "no PJRT plugin found"
	if !linked {
		why = "built without XLA (that needs cgo, so a C compiler)"
	}
	fmt.Fprintf(os.Stderr, "device: %s: running on the pure-Go backend, which is several times slower; "+
		"`go run ./kernel setup` installs the plugin and `go run ./kernel doctor` says what is missing\n", why)
	return "go"
}

func openXLA(config string) (compute.Backend, error) {
	plugin, options, _ := strings.Cut(config, ",")
	if !linked {
		return nil, fmt.Errorf("device: xla:%s: this program was built without XLA: it needs cgo, so a C compiler (or use the backend go)", plugin)
	}
	if plugin == "" {
		plugin = "cpu"
	}
	path := plugin
	if !filepath.IsAbs(plugin) {
		var err error
		if path, err = findPlugin(plugin); err != nil {
			return nil, err
		}
	}
	if err := checkPlugin(path); err != nil {
		return nil, fmt.Errorf("device: %w", err)
	}
	path, set := forCUDA(path, os.Getenv)
	for name, value := range set {
		if err := os.Setenv(name, value); err != nil {
			return nil, fmt.Errorf("device: %s: %w", name, err)
		}
	}
	if options != "" {
		path += "," + options
	}
	return shared("xla:"+path, func(string) (compute.Backend, error) { return newXLA(path) })
}

// opened holds the backends of this process by their names.
var opened = struct {
	sync.Mutex
	backends map[string]compute.Backend
}{backends: map[string]compute.Backend{}}

// shared returns the backend of a name that says all about it, and opens it where it is not open.
func shared(name string, open func(name string) (compute.Backend, error)) (compute.Backend, error) {
	opened.Lock()
	defer opened.Unlock()
	if b, ok := opened.backends[name]; ok && !b.IsFinalized() {
		return b, nil
	}
	b, err := open(name)
	if err != nil {
		return nil, fmt.Errorf("device: %s: %s", name, firstLine(err))
	}
	opened.backends[name] = b
	return b, nil
}

// findPlugin gives the path of the plugin with this name, installing go-xla's own when there is none.
func findPlugin(name string) (string, error) {
	var broken []error
	for install := range 2 {
		if install == 1 {
			if os.Getenv("GOMLX_NO_AUTO_INSTALL") != "" {
				break
			}
			if err := installXLA(); err != nil {
				broken = append(broken, fmt.Errorf("and it can not be downloaded: %s", firstLine(err)))
				break
			}
		}
		for _, p := range Plugins() {
			if p.Name == name && p.Err == nil {
				return p.Path, nil
			}
			if p.Name == name && install == 0 {
				broken = append(broken, p.Err)
			}
		}
	}
	err := fmt.Errorf("device: no PJRT plugin for %q: `go run ./kernel setup` installs the one for the CPU, `go run ./kernel setup cuda` the one "+
		"for NVIDIA GPUs, or set PJRT_PLUGIN_LIBRARY_PATH to the folder of pjrt_c_api_%s_plugin.so", name, name)
	return "", oneLine(append([]error{err}, broken...)...)
}

// Describe says in a word what a backend is: "go", "xla:cpu" or "xla:cuda".
func Describe(b compute.Backend) string {
	if b.String() == gobackend.BackendName {
		return gobackend.BackendName
	}
	if strings.Contains(strings.ToLower(b.Description()), "cuda") {
		return "xla:cuda"
	}
	return "xla:cpu"
}

// HasXLA tells whether this program was built with XLA, which needs cgo and so a C compiler.
func HasXLA() bool { return linked }

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// oneLine joins errors in a single line: a notebook shows one.
func oneLine(errs ...error) error {
	var parts []string
	for _, err := range errs {
		if err != nil {
			parts = append(parts, err.Error())
		}
	}
	return errors.New(strings.Join(parts, "; "))
}
