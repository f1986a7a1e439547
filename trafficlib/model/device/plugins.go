package device

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/home"
	"github.com/trafficlab/trafficlab/trafficlib/internal/oneline"
)

// A Plugin is a PJRT plugin found on this machine.
type Plugin struct {
	Name string // "cpu" or "cuda"; other plugins have their own names
	Path string // absolute
	Err  error  // why the plugin cannot be used, or nil
}

// pluginName matches the file names of plugins. One of its groups is the name.
var pluginName = regexp.MustCompile(`^(?:pjrt_c_api_(.+)_plugin|pjrt[-_]plugin[-_](.+)|xla_(cuda)_plugin)` +
	`\.(?:so|dylib)$`)

// Plugins returns the plugins of this machine, the preferred first. It looks in the folders of
// PJRT_PLUGIN_LIBRARY_PATH or, if that is not set, in those that go-xla installs into, and then in
// the folder of `go run ./kernel setup`.
func Plugins() []Plugin {
	var found []Plugin
	seen := map[string]bool{}
	for _, dir := range searchPath() {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // most of the folders do not exist
		}
		for _, e := range entries {
			m := pluginName.FindStringSubmatch(e.Name())
			if m == nil {
				continue
			}
			path := filepath.Join(dir, e.Name())
			if seen[path] {
				continue
			}
			seen[path] = true
			name := m[1] + m[2] + m[3]
			if base, _, versioned := strings.Cut(name, "_v"); versioned { // go-xla's are called "cpu_v0.114.0"
				name = base
			}
			found = append(found, Plugin{Name: name, Path: path, Err: checkPlugin(path)})
		}
	}
	return found
}

func searchPath() []string {
	var dirs []string
	if list := os.Getenv("PJRT_PLUGIN_LIBRARY_PATH"); list != "" {
		dirs = filepath.SplitList(list)
	} else {
		if user, err := os.UserHomeDir(); err == nil {
			lib := filepath.Join(user, ".local", "lib", "go-xla")
			if runtime.GOOS == "darwin" {
				lib = filepath.Join(user, "Library", "Application Support", "go-xla")
			}
			dirs = append(dirs, lib, filepath.Join(lib, "nvidia"))
		}
		dirs = append(dirs, "/usr/local/lib/go-xla", "/usr/local/lib/go-xla/nvidia")
	}
	if p, err := home.Plugin(); err == nil {
		dirs = append(dirs, filepath.Dir(p))
	}
	return dirs
}

// checkPlugin returns an error unless the file looks like a PJRT plugin for this machine. Loading a
// bad one would end the process, so checkPlugin reads the symbol table of the file and loads
// nothing.
func checkPlugin(path string) error {
	if runtime.GOOS != "linux" {
		_, err := os.Stat(path)
		return err
	}
	f, err := elf.Open(path)
	if err != nil {
		if os.IsNotExist(err) {
			return fmt.Errorf("%s: no such file", path)
		}
		return notPlugin(path, oneline.First(err.Error()))
	}
	defer f.Close()
	if want := machines[runtime.GOARCH]; f.Machine != want || f.Type != elf.ET_DYN {
		return notPlugin(path, fmt.Sprintf("a %s file for %s", f.Type, f.Machine))
	}
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return notPlugin(path, oneline.First(err.Error()))
	}
	for _, s := range symbols {
		if s.Name == "GetPjrtApi" && s.Section != elf.SHN_UNDEF {
			return nil
		}
	}
	return notPlugin(path, "it has no function GetPjrtApi")
}

func notPlugin(path, why string) error {
	return fmt.Errorf("%s: not a PJRT plugin for this machine: %s", path, why)
}

var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// HasGPU reports whether this process can see an NVIDIA GPU.
func HasGPU() bool {
	found, _ := filepath.Glob("/dev/nvidia[0-9]*")
	return len(found) > 0
}
