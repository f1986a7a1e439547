package launch

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/cpu"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

// The environment by which the parts of the kernel talk to each other. Cells read TRAFFICLAB_WORK only.
const (
	EnvHome     = "TRAFFICLAB_HOME"     // the folder that setup filled
	EnvWork     = "TRAFFICLAB_WORK"     // the work folder of this notebook or run
	EnvNotebook = "TRAFFICLAB_NOTEBOOK" // the notebook's path, set by the headless runner
	EnvHeadless = "TRAFFICLAB_HEADLESS" // not empty: nobody is typing, so no language server
	EnvSession  = "TRAFFICLAB_SESSION"  // marks every process of one kernel
)

// malloc makes glibc keep the tens of megabytes that each training step of XLA allocates and frees. Mapping them
// anew is a large part of a step on the CPU; the price of keeping them is resident memory. One arena, because threads
// that each keep their own would multiply that; the threads of a step allocate few, large blocks and hardly meet.
const malloc = "glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=8589934592:" +
	"glibc.malloc.arena_max=1:glibc.malloc.top_pad=268435456"

// linking halves the time of a cell that uses XLA, twice: no symbols for a debugger that nobody attaches, and
// Go's own linker in place of the C compiler's. Panics keep their file and line. There must be no -mod=mod here:
// every build in a workspace fails with it.
const linking = "'-ldflags=-s -w -linkmode=internal' -buildvcs=false"

// GoEnv gives base changed so that the go command builds a cell as the kernel does. Setup warms the build cache
// with it: a flag that differed here would make every first cell compile everything again. Network access is not
// part of it.
func GoEnv(base []string, h paths.Home, goBin string) []string {
	env := env(base)
	env.unset("GOWORK")
	env.set("GOTOOLCHAIN", "local")
	flags := linking
	for _, f := range strings.Fields(env.get("GOFLAGS")) {
		if strings.HasPrefix(strings.TrimLeft(f, "-"), "tags=") {
			flags += " " + f // such as -tags=noxla, the one flag of a user's that changes what is built
		}
	}
	env.set("GOFLAGS", flags)
	if env.get("GOEXPERIMENT") == "" && cpu.X86.HasAVX2 {
		env.set("GOEXPERIMENT", "simd") // the pure-Go backend is 2.5 to 5 times faster with it
	}
	env.set(EnvHome, string(h))
	path := h.Bin() + string(filepath.ListSeparator) + env.get("PATH")
	if goBin != "" {
		path += string(filepath.ListSeparator) + goBin // a Jupyter started from a desktop menu may not have it
	}
	env.set("PATH", path)
	return env
}

// kernelEnv gives the whole environment of a kernel, which its cells inherit.
func kernelEnv(base []string, h paths.Home, goBin string, s instance) []string {
	env := env(GoEnv(base, h, goBin))
	env.unset(EnvNotebook) // a kernel that a cell starts is for another notebook
	env.unset(EnvHeadless)
	env.set("GOPROXY", "off") // GoNB runs "go get" for each cell; all that may be imported is in the checkout's go.mod
	env.set("TMPDIR", s.tmp)
	env.set(EnvSession, s.id)
	env.set(EnvWork, s.work)
	if pluginKnown(env, h) {
		env.set("GOMLX_NO_AUTO_INSTALL", "1")
	}
	if old := env.get("GLIBC_TUNABLES"); old == "" {
		env.set("GLIBC_TUNABLES", malloc)
	} else if !strings.Contains(old, "glibc.malloc.") {
		env.set("GLIBC_TUNABLES", old+":"+malloc)
	}
	return env
}

// pluginKnown tells whether there is a PJRT plugin, so that go-xla need not download one.
func pluginKnown(env env, h paths.Home) bool {
	if env.get("PJRT_PLUGIN_LIBRARY_PATH") != "" {
		return true
	}
	if _, err := os.Stat(h.Plugin()); err == nil {
		return true
	}
	found, _ := filepath.Glob(filepath.Join(env.get("HOME"), ".local", "lib", "go-xla", "*pjrt*plugin*"))
	return len(found) > 0
}

// env is an environment as [os.Environ] gives it. Later entries win.
type env []string

func (e env) get(name string) string {
	for i := len(e) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(e[i], name+"="); ok {
			return v
		}
	}
	return ""
}

func (e *env) unset(name string) {
	var kept env
	for _, entry := range *e {
		if !strings.HasPrefix(entry, name+"=") {
			kept = append(kept, entry)
		}
	}
	*e = kept
}

func (e *env) set(name, value string) {
	e.unset(name)
	*e = append(*e, name+"="+value)
}

// lookPath finds a program on the PATH of an environment that is not this process's own.
func (e env) lookPath(name string) (string, error) {
	for _, dir := range filepath.SplitList(e.get("PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", exec.ErrNotFound
}
