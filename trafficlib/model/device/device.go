// Package device opens the backend that a model runs on: XLA on a CPU or a GPU, or GoMLX's pure-Go
// backend, which needs nothing installed.
//
// It takes a name and returns a compute.Backend, the same one for the same name. XLA comes as a
// plugin in the format PJRT, a shared library. The package refuses a file that is not a PJRT plugin
// before it hands the file to XLA, which would end the process. It is the only package of
// trafficlib that links XLA, because linking it makes a notebook cell slow to start.
package device

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend" // links the pure-Go backend

	"github.com/trafficlab/trafficlab/trafficlib/internal/oneline"
)

// Open opens a backend.
//
//   - "" means the backend that the variable GOMLX_BACKEND names, if it is set. Otherwise it means
//     "xla:cuda" if the machine has a GPU and a plugin for it, "xla:cpu" if there is a plugin for
//     that, and else "go", with a line on standard error that says how to get the faster one.
//   - "go" is the pure-Go backend.
//   - "xla:cpu" and "xla:cuda" use the first such plugin of [Plugins]. If there is none, go-xla
//     downloads one into its own folder, unless GOMLX_NO_AUTO_INSTALL is set.
//   - "xla:/path/to/plugin.so" uses that plugin.
//
// Options of go-xla may follow an XLA name after a comma: "xla:cuda,tf32=false".
//
// Open returns a backend that is open already again. A second one would have its own threads and,
// on a GPU, claim most of the memory, and could not use what the first has compiled. Finalizing a
// backend ends it for all its users; the next Open opens another.
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
	return nil, fmt.Errorf("device: unknown backend %q: want go, xla:cpu, xla:cuda or xla:/path/to/plugin.so", name)
}

// choose returns the best backend of this machine.
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
		why = "built without XLA, which needs cgo and a C compiler"
	}
	fmt.Fprintf(os.Stderr, "device: %s: running on the pure-Go backend, which is several times slower; "+
		"`go run ./kernel setup` installs the plugin and `go run ./kernel doctor` says what is missing\n", why)
	return "go"
}

func openXLA(config string) (compute.Backend, error) {
	plugin, options, _ := strings.Cut(config, ",")
	if !linked {
		return nil, fmt.Errorf("device: xla:%s: this program was built without XLA, which needs cgo and a C compiler: "+
			"use the backend go", plugin)
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

// opened holds the backends of this process by name.
var opened = struct {
	sync.Mutex
	backends map[string]compute.Backend
}{backends: map[string]compute.Backend{}}

// shared returns the backend called name, and opens it unless it is open. The name must hold
// everything that open depends on.
func shared(name string, open func(name string) (compute.Backend, error)) (compute.Backend, error) {
	opened.Lock()
	defer opened.Unlock()
	if b, ok := opened.backends[name]; ok && !b.IsFinalized() {
		return b, nil
	}
	b, err := open(name)
	if err != nil {
		return nil, fmt.Errorf("device: %s: %s", name, oneline.First(err.Error()))
	}
	opened.backends[name] = b
	return b, nil
}

// findPlugin returns the path of the plugin called name, after installing that of go-xla if there
// is none.
func findPlugin(name string) (string, error) {
	var reasons []string
	for install := range 2 {
		if install == 1 {
			if os.Getenv("GOMLX_NO_AUTO_INSTALL") != "" {
				break
			}
			if err := installXLA(); err != nil {
				reasons = append(reasons, "and it cannot be downloaded: "+oneline.First(err.Error()))
				break
			}
		}
		for _, p := range Plugins() {
			if p.Name == name && p.Err == nil {
				return p.Path, nil
			}
			if p.Name == name && install == 0 {
				reasons = append(reasons, p.Err.Error())
			}
		}
	}
	text := fmt.Sprintf("device: no PJRT plugin for %q: `go run ./kernel setup` installs the one for the CPU, "+
		"`go run ./kernel setup cuda` the one for NVIDIA GPUs, or set PJRT_PLUGIN_LIBRARY_PATH to the folder of "+
		"pjrt_c_api_%s_plugin.so", name, name)
	return "", errors.New(strings.Join(append([]string{text}, reasons...), "; "))
}

// Describe returns the kind of a backend: "go", "xla:cpu" or "xla:cuda".
func Describe(b compute.Backend) string {
	if b.String() == gobackend.BackendName {
		return gobackend.BackendName
	}
	if strings.Contains(strings.ToLower(b.Description()), "cuda") {
		return "xla:cuda"
	}
	return "xla:cpu"
}

// HasXLA reports whether this program was built with XLA, which needs cgo and a C compiler.
func HasXLA() bool { return linked }
