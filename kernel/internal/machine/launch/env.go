package launch

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/cpu"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

// The environment variables by which the parts of the kernel talk to each other. Cells only read
// TRAFFICLAB_WORK.
const (
	EnvHome     = "TRAFFICLAB_HOME"     // the folder that setup fills
	EnvWork     = "TRAFFICLAB_WORK"     // the work folder of this notebook or run
	EnvNotebook = "TRAFFICLAB_NOTEBOOK" // the notebook's path, set by the headless runner
	EnvHeadless = "TRAFFICLAB_HEADLESS" // if not empty, nobody is typing: no language server is needed
	EnvSession  = "TRAFFICLAB_SESSION"  // marks every process of one kernel
)

// malloc makes glibc keep the tens of megabytes that each training step of XLA allocates and frees.
// Mapping them again would be a large part of a step on the CPU; the price is resident memory.
// There is one arena, because several would each keep their own memory; the threads of a step
// allocate few, large blocks and rarely contend.
const malloc = "glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=8589934592:" +
	"glibc.malloc.arena_max=1:glibc.malloc.top_pad=268435456"

// linking halves the link time of a cell that uses XLA, twice: no symbols for a debugger that
// nobody attaches, and Go's own linker in place of the C compiler's. Panics keep their file and
// line. The flags must not include -mod=mod, which fails in a workspace.
const linking = "'-ldflags=-s -w -linkmode=internal' -buildvcs=false"

// GoEnv returns base changed so that the go command builds cells as the kernel does. Setup warms
// the build cache with it: any flag that differed would make the first cell compile everything
// again. Network access is not part of it.
func GoEnv(base []string, h paths.Home, goBin string) []string {
	env := env(base)
	env.unset("GOWORK")
	env.set("GOTOOLCHAIN", "local")
	flags := linking
	for _, f := range strings.Fields(env.get("GOFLAGS")) {
		if strings.HasPrefix(strings.TrimLeft(f, "-"), "tags=") {
			flags += " " + f // such as -tags=noxla: the only user flags that change what is built
		}
	}
	env.set("GOFLAGS", flags)
	if env.get("GOEXPERIMENT") == "" && cpu.X86.HasAVX2 {
		env.set("GOEXPERIMENT", "simd") // makes the pure-Go backend 2.5 to 5 times faster
	}
	env.set(EnvHome, string(h))
	path := h.Bin() + string(filepath.ListSeparator) + env.get("PATH")
	if goBin != "" {
		path += string(filepath.ListSeparator) + goBin // a Jupyter started from a desktop menu may lack it
	}
	env.set("PATH", path)
	return env
}

// kernelEnv returns the environment of a kernel, which its cells inherit.
func kernelEnv(base []string, h paths.Home, goBin string, s instance) []string {
	env := env(GoEnv(base, h, goBin))
	env.unset(EnvNotebook) // a kernel that a cell starts is for another notebook
	env.unset(EnvHeadless)
	// GoNB runs "go get" for each cell; only modules of the checkout's go.mod may be imported
	env.set("GOPROXY", "off")
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

// pluginKnown reports whether a PJRT plugin exists, so that go-xla need not download one.
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

// env is an environment in the form of [os.Environ]. Later entries win.
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

// lookPath finds a program on the PATH of the environment.
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
