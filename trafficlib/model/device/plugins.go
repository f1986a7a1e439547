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
)

// Plugin is a PJRT plugin found on this machine.
type Plugin struct {
	Name string // "cpu" or "cuda"; other plugins have their own names
	Path string // absolute
	Err  error  // why it can not be used; nil when nothing speaks against it
}

// pluginName takes the name out of a file name as PJRT builds write it.
var pluginName = regexp.MustCompile(`^(?:pjrt_c_api_(.+)_plugin|pjrt[-_]plugin[-_](.+)|xla_(cuda)_plugin)\.(?:so|dylib)$`)

// Plugins lists the plugins that can be found, the preferred first: in the folders of PJRT_PLUGIN_LIBRARY_PATH (which
// then are the only ones besides setup's), in the folders that go-xla installs into, and in the one that
// `go run ./kernel setup` fills.
func Plugins() []Plugin {
	var found []Plugin
	seen := map[string]bool{}
	for _, dir := range searchPath() {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // a folder that is not there holds no plugin
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
			if base, _, versioned := strings.Cut(name, "_v"); versioned { // go-xla installs "cpu_v0.114.0"
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

// checkPlugin tells whether the file can be a PJRT plugin for this machine. The loader and go-xla take the process
// down with a bad one, so nothing is loaded here: the file's own table of symbols is read.
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
		return fmt.Errorf("%s is no PJRT plugin: %s", path, firstLine(err))
	}
	defer f.Close()
	if want := machines[runtime.GOARCH]; f.Machine != want || f.Type != elf.ET_DYN {
		return fmt.Errorf("%s is no PJRT plugin for this machine: it is a %s file for %s", path, f.Type, f.Machine)
	}
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return fmt.Errorf("%s is no PJRT plugin: %s", path, firstLine(err))
	}
	for _, s := range symbols {
		if s.Name == "GetPjrtApi" && s.Section != elf.SHN_UNDEF {
			return nil
		}
	}
	return fmt.Errorf("%s is no PJRT plugin: it has no function GetPjrtApi", path)
}

var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// HasGPU tells whether this machine shows an NVIDIA GPU to this process.
func HasGPU() bool {
	found, _ := filepath.Glob("/dev/nvidia[0-9]*")
	return len(found) > 0
}
