package setup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

// pythons lists the names of Python interpreters to try, the usual one first.
var pythons = []string{"python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"}

// probe fails with a message for each thing that a Python may lack.
const probe = `
import sys
if sys.version_info < (3, 10): sys.exit("it is Python %d.%d" % sys.version_info[:2])
try:
    import venv, ensurepip
except ImportError:
    sys.exit("it has no venv module")
print("%d.%d.%d" % sys.version_info[:3])`

// FindPython returns the path and version of a Python 3.10 or newer that can make virtual
// environments.
func FindPython(ctx context.Context) (path, version string, err error) {
	why := "" // for the first that exists, which users know
	for _, name := range pythons {
		found, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		var output strings.Builder
		cmd := exec.CommandContext(ctx, found, "-c", probe)
		cmd.Stderr = &output
		cmd.Env = PythonEnv(os.Environ())
		out, err := cmd.Output()
		if err == nil {
			return found, strings.TrimSpace(string(out)), nil
		}
		if why == "" {
			why = fmt.Sprintf("%s: %s", found, strings.TrimSpace(output.String()))
		}
	}
	if why == "" {
		why = "none is on the PATH"
	}
	return "", "", fmt.Errorf("kernel: Python 3.10 or newer with venv is required; %s "+
		"(apt install python3 python3-venv, dnf install python3, or brew install python)", why)
}

// PythonEnv returns base without the variables that would make Python look outside its environment.
func PythonEnv(base []string) []string {
	var out []string
	for _, entry := range base {
		switch name, _, _ := strings.Cut(entry, "="); name {
		case "PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "VIRTUAL_ENV":
		default:
			out = append(out, entry)
		}
	}
	return append(out, "PYTHONNOUSERSITE=1", "PYTHONUTF8=1")
}

// makeVenv makes the Python environment again. It must be made in its final place, since its
// programs name their interpreter by path. At the end the list that it was made from is copied into
// it. An environment with a copy of the right list is kept, so that an image may have it in a layer
// below the one in which setup runs.
func (s *Setup) makeVenv(ctx context.Context) error {
	list, err := os.ReadFile(filepath.Join(s.Checkout, "kernel", "requirements.txt"))
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	copied := filepath.Join(s.Home.Venv(), "requirements.txt")
	if has, err := os.ReadFile(copied); err == nil && bytes.Equal(has, list) && allThere([]string{s.Home.Python()}) {
		return nil
	}
	python, _, err := FindPython(ctx)
	if err != nil {
		return err
	}
	for _, t := range s.steps() {
		if t.within == "python" {
			delete(s.record.Steps, t.name)
		}
	}
	if err := s.Home.WriteRecord(s.record); err != nil {
		return err
	}
	if err := os.RemoveAll(s.Home.Venv()); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	cmd := exec.CommandContext(ctx, python, "-m", "venv", s.Home.Venv())
	cmd.Env = PythonEnv(os.Environ())
	if err := s.output(cmd); err != nil {
		return err
	}
	if err := s.pip(ctx, "requirements.txt"); err != nil {
		return err
	}
	return paths.WriteFile(copied, list, 0o644)
}

// pip installs a list of the checkout into the kernel's environment.
func (s *Setup) pip(ctx context.Context, list string, args ...string) error {
	return s.pipInto(ctx, s.Home.Python(), list, args...)
}

// pipInto installs a list of the checkout into the environment of a Python, with only files whose
// hashes are in the list.
func (s *Setup) pipInto(ctx context.Context, python, list string, args ...string) error {
	args = append([]string{"-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--quiet",
		"--require-hashes", "-r", filepath.Join(s.Checkout, "kernel", list)}, args...)
	cmd := exec.CommandContext(ctx, python, args...)
	cmd.Env = PythonEnv(os.Environ())
	return s.output(cmd)
}

// havePlugin reports whether there is a CPU plugin to install for this kind of machine. On others
// go-xla fetches its own at the first use of XLA.
const havePlugin = runtime.GOOS == "linux" && runtime.GOARCH == "amd64"

// installPJRT installs the CPU plugin under the name that trafficlib/model/device looks for.
func (s *Setup) installPJRT(ctx context.Context) error {
	return s.installPlugin(ctx, "requirements-pjrt.txt", "lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so",
		s.Home.Plugin())
}

// installCUDA installs the plugin for NVIDIA GPUs and the libraries of CUDA, all from wheels. The
// machine need only have the driver.
func (s *Setup) installCUDA(ctx context.Context) error {
	return s.installPlugin(ctx, "requirements-cuda.txt", "jax_plugins/xla_cuda13/xla_cuda_plugin.so",
		s.Home.CUDAPlugin())
}

// installPlugin installs a list of wheels, without the jax that they require and do not use, and
// links the plugin's file, given by its path among the installed files.
func (s *Setup) installPlugin(ctx context.Context, list, file, link string) error {
	if err := s.pip(ctx, list, "--no-deps"); err != nil {
		return err
	}
	site, err := s.sitePackages(ctx)
	if err != nil {
		return err
	}
	file = filepath.Join(site, filepath.FromSlash(file))
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("kernel: %w", err)
	}
	if err := os.Symlink(file, link); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	return nil
}

func (s *Setup) sitePackages(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, s.Home.Python(), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
	cmd.Env = PythonEnv(os.Environ())
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("kernel: %s: %w", s.Home.Python(), err)
	}
	return strings.TrimSpace(string(out)), nil
}

// installPapermillPlugin copies our papermill plugin into the environment, with the entry point by
// which papermill finds it. That needs neither network nor build tools.
func (s *Setup) installPapermillPlugin(ctx context.Context) error {
	site, err := s.sitePackages(ctx)
	if err != nil {
		return err
	}
	const name = "trafficlab_papermill"
	if err := replaceDir(filepath.Join(s.Checkout, "kernel", "papermill", name), filepath.Join(site, name),
		nil); err != nil {
		return err
	}
	info := filepath.Join(site, name+"-1.dist-info")
	return replaceDir("", info, map[string]string{
		"METADATA":         "Metadata-Version: 2.1\nName: trafficlab-papermill\nVersion: 1\n",
		"entry_points.txt": "[papermill.engine]\n" + paths.KernelName + " = " + name + ".engine:Engine\n",
		"INSTALLER":        "trafficlab\n",
	})
}
