// Package paths knows where the files of the kernel are: the folder that setup fills for this user,
// the checkout that contains a notebook, and the record of what setup has done.
//
// It reads paths, environment variables and that record. It installs and starts nothing.
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

// UserHome returns the folder of this user: TRAFFICLAB_HOME if set, else a folder in the user's
// cache. It may not exist.
func UserHome() (Home, error) {
	dir, err := home.Dir()
	if err != nil {
		return "", fmt.Errorf("kernel: %w", err)
	}
	return Home(dir), nil
}

// OwnHome returns the folder that the running program was installed in, so that a kernel started by
// Jupyter finds its files whatever Jupyter's environment is. For a program that is not installed it
// returns [UserHome].
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

// Bin returns the folder of the programs on the kernel's PATH.
func (h Home) Bin() string { return h.join("bin") }

// Tool returns the path of an installed program.
func (h Home) Tool(name string) string { return h.join("bin", name) }

// Program returns the path of the installed copy of this command, which the kernelspec names.
func (h Home) Program() string { return h.Tool("trafficlab") }

// ShimBin returns the folder of the shim, which stands in for the programs that GoNB starts. It is
// on no PATH.
func (h Home) ShimBin() string { return h.join("bin", "shim") }

// Shim returns the path of the shim.
func (h Home) Shim() string { return h.join("bin", "shim", "shim") }

// EditorBin returns the folder of gopls, which is on the PATH only of kernels in which somebody
// types.
func (h Home) EditorBin() string { return h.join("bin", "editor") }

// Gopls returns the path of the language server.
func (h Home) Gopls() string { return h.join("bin", "editor", "gopls") }

// Venv returns the Python environment, which contains the kernelspec.
func (h Home) Venv() string { return h.join("venv") }

// Python returns the interpreter of that environment.
func (h Home) Python() string { return h.join("venv", "bin", "python") }

// Kernelspec returns the folder of the kernelspec.
func (h Home) Kernelspec() string { return h.join("venv", "share", "jupyter", "kernels", KernelName) }

// Plugin returns the path at which setup installs the PJRT CPU plugin. Package model/device of
// trafficlib looks for it there.
func (h Home) Plugin() string { return h.join("pjrt", "pjrt_c_api_cpu_plugin.so") }

// CUDAPlugin returns the path at which setup installs the plugin for NVIDIA GPUs, on request.
func (h Home) CUDAPlugin() string { return h.join("pjrt", "pjrt_c_api_cuda_plugin.so") }

// Scratch returns the folder for temporary files of a running setup. It is here so that a killed
// setup leaves nothing elsewhere.
func (h Home) Scratch() string { return h.join("setup.tmp") }

// Lock returns the file that a running setup holds locked.
func (h Home) Lock() string { return h.join("lock") }

// State returns the folder for the files of users' work. It is the home itself, or "trafficlab" in
// the user's cache if this user may not write to the home, as in an image or on a machine that was
// set up for all users.
func (h Home) State() string {
	if err := unix.Access(string(h), unix.W_OK); err != unix.EACCES && err != unix.EROFS {
		return string(h)
	}
	if cache, err := os.UserCacheDir(); err == nil {
		return filepath.Join(cache, "trafficlab")
	}
	return filepath.Join(os.TempDir(), fmt.Sprint("trafficlab-", os.Getuid()))
}

// Sessions returns the folders of the images of living sessions. New images go to the first.
func (h Home) Sessions() []string {
	own, state := h.join("session"), filepath.Join(h.State(), "session")
	if own == state {
		return []string{own}
	}
	return []string{state, own}
}

// TensorBoard returns the path of the tensorboard command.
func (h Home) TensorBoard() string { return h.join("venv", "bin", "tensorboard") }

// Work returns the folder that contains a work folder for each notebook used interactively.
func (h Home) Work() string { return filepath.Join(h.State(), "work") }

// Runs returns the folder for headless runs without --out.
func (h Home) Runs() string { return filepath.Join(h.State(), "runs") }

// KernelName is Jupyter's name for the kernel.
const KernelName = "trafficlab"
