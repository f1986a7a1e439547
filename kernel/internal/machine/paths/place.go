// Package place knows where things are: the folder that setup fills for this user, the checkout that a notebook
// belongs to, and the record in which setup keeps what it has done.
//
// It reads paths, environment and that record; it installs and starts nothing.
package paths

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/trafficlab/trafficlab/trafficlib/home"
)

// Home is the absolute path of the folder that setup fills.
type Home string

// UserHome gives the folder of this user: what TRAFFICLAB_HOME says, else one in the user's cache. It may not exist.
func UserHome() (Home, error) {
	dir, err := home.Dir()
	if err != nil {
		return "", fmt.Errorf("kernel: %w", err)
	}
	return Home(dir), nil
}

// OwnHome gives the folder that the running program was installed in, so that a kernel started by Jupyter finds its
// files whatever the environment of Jupyter says. For a program that was not installed it is [UserHome].
func OwnHome() (Home, error) {
	exe, err := os.Executable()
	if err == nil {
		dir := filepath.Dir(filepath.Dir(exe))
		if h := Home(dir); exe == h.Program() {
			return h, nil
		}
	}
	return UserHome()
}

func (h Home) join(elem ...string) string {
	return filepath.Join(append([]string{string(h)}, elem...)...)
}

// Bin is the folder of the programs that go on the kernel's PATH.
func (h Home) Bin() string { return h.join("bin") }

// Tool is the path of an installed program.
func (h Home) Tool(name string) string { return h.join("bin", name) }

// Program is the installed copy of this command, which the kernelspec names.
func (h Home) Program() string { return h.Tool("trafficlab") }

// ShimBin is the folder of the shim, the program that stands in for the programs that GoNB starts. It is on no PATH.
func (h Home) ShimBin() string { return h.join("bin", "shim") }

// Shim is that program.
func (h Home) Shim() string { return h.join("bin", "shim", "shim") }

// EditorBin is the folder of gopls, which only a kernel with somebody typing in it needs on its PATH.
func (h Home) EditorBin() string { return h.join("bin", "editor") }

// Gopls is the path of the language server.
func (h Home) Gopls() string { return h.join("bin", "editor", "gopls") }

// Venv is the Python environment; the kernelspec lies in it.
func (h Home) Venv() string { return h.join("venv") }

// Python is the interpreter of that environment.
func (h Home) Python() string { return h.join("venv", "bin", "python") }

// Kernelspec is the folder of the kernelspec.
func (h Home) Kernelspec() string { return h.join("venv", "share", "jupyter", "kernels", KernelName) }

// Plugin is where setup puts the PJRT CPU plugin. Package trafficlib/model/device looks for it there.
func (h Home) Plugin() string { return h.join("pjrt", "pjrt_c_api_cpu_plugin.so") }

// CUDAPlugin is where setup puts the plugin for NVIDIA GPUs, when it is asked to.
func (h Home) CUDAPlugin() string { return h.join("pjrt", "pjrt_c_api_cuda_plugin.so") }

// Scratch is the folder for temporary files of a running setup, so that one that was killed leaves none elsewhere.
func (h Home) Scratch() string { return h.join("setup.tmp") }

// Lock is the file that a running setup holds locked.
func (h Home) Lock() string { return h.join("lock") }

// State is the folder for what work leaves behind: the home itself, or where this user may not write into it, as in an
// image or on a machine that was set up for all of its users, a folder "trafficlab" in the user's cache.
func (h Home) State() string {
	if err := unix.Access(string(h), unix.W_OK); err != unix.EACCES && err != unix.EROFS {
		return string(h)
	}
	if cache, err := os.UserCacheDir(); err == nil {
		return filepath.Join(cache, "trafficlab")
	}
	return filepath.Join(os.TempDir(), fmt.Sprint("trafficlab-", os.Getuid()))
}

// Sessions lists the folders of the images of living sessions. Those that are made go to the first one.
func (h Home) Sessions() []string {
	own, state := h.join("session"), filepath.Join(h.State(), "session")
	if own == state {
		return []string{own}
	}
	return []string{state, own}
}

// TensorBoard is the command that shows what trainings wrote.
func (h Home) TensorBoard() string { return h.join("venv", "bin", "tensorboard") }

// Work is the folder that holds one folder for each notebook which is worked on interactively.
func (h Home) Work() string { return filepath.Join(h.State(), "work") }

// Runs is the folder of the headless runs that were given no other.
func (h Home) Runs() string { return filepath.Join(h.State(), "runs") }

// KernelName is the name under which Jupyter knows the kernel.
const KernelName = "trafficlab"
