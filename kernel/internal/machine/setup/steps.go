package setup

import (
	"path/filepath"

	"github.com/trafficlab/trafficlab/kernel/internal/session/images"
)

// steps lists what setup makes, in an order in which each finds what it needs. A field lack says that one may be
// missing, and what that costs.
func (s *Setup) steps() []step {
	h, kernel := s.Home, filepath.Join(s.Checkout, "kernel")
	lock, pjrt := filepath.Join(kernel, "requirements.txt"), filepath.Join(kernel, "requirements-pjrt.txt")
	modules := []string{filepath.Join(s.Checkout, "go.mod"), filepath.Join(s.Checkout, "go.sum")}
	editor := []string{filepath.Join(kernel, "tools.mod"), filepath.Join(kernel, "tools.sum")}
	jupyter, plugin := filepath.Join(kernel, "jupyter"), filepath.Join(kernel, "papermill")

	steps := []step{{
		name: "tools", title: "GoNB and goimports",
		inputs: s.hash(modules...),
		makes:  []string{h.Tool("gonb"), h.Tool("goimports")},
		do:     s.buildTools,
	}, {
		name: "program", title: "This command",
		inputs: s.hashGo("kernel", "trafficlib/home"),
		makes:  []string{h.Program()},
		do:     s.buildProgram,
	}, {
		name: "shim", title: "The kernel's shim for GoNB",
		inputs: s.hash(filepath.Join(kernel, "internal", "gonb", "shim")),
		makes:  []string{h.Shim()},
		do:     s.buildShim,
	}, {
		name: "python", title: "Python environment: JupyterLab, papermill, nbconvert",
		inputs: s.hash(lock),
		makes:  []string{h.Python(), filepath.Join(h.Venv(), "bin", "papermill")},
		do:     s.makeVenv,
	}, {
		name: "papermill", title: "Go for papermill",
		inputs: s.hash(plugin),
		makes:  []string{h.Python()},
		do:     s.installPapermillPlugin,
		within: "python",
	}, {
		name: "kernelspec", title: "Jupyter kernel",
		inputs: s.hash(jupyter),
		makes:  []string{filepath.Join(h.Kernelspec(), "kernel.json")},
		do:     s.writeKernelspec,
		within: "python",
	}, {
		name: "editor", title: "gopls",
		inputs: s.hash(editor...),
		makes:  []string{h.Gopls()},
		do:     s.buildGopls,
		lack:   "Without gopls JupyterLab has no completion; all else works",
	}}
	if havePlugin {
		steps = append(steps, step{
			name: "pjrt", title: "XLA's CPU plugin",
			inputs: s.hash(pjrt),
			makes:  []string{h.Plugin()},
			do:     s.installPJRT,
			within: "python",
			lack:   "Without a PJRT plugin models compute on the pure-Go backend",
		}, step{
			name: "cuda", title: "XLA's plugin for NVIDIA GPUs, with CUDA",
			inputs: s.hash(filepath.Join(kernel, "requirements-cuda.txt")),
			makes:  []string{h.CUDAPlugin()},
			do:     s.installCUDA,
			within: "python",
			lack:   "Without it models compute on the CPU",
			asked:  true, // gigabytes, of no use without a GPU
		})
	}
	if images.Supported {
		steps = append(steps, s.sessionStep())
	}
	return append(steps, step{
		name: "try", title: "Plugin check",
		inputs: s.hashGo("kernel/internal/machine/tryplugin", "trafficlib/model/device", "trafficlib/home"),
		makes:  []string{h.Tool("tryplugin")},
		do:     s.buildTry,
		lack:   "Without it doctor cannot try the PJRT plugins",
	}, step{
		name: "warm", title: "Go build cache for the notebooks' cells",
		inputs: s.hashGo("trafficlib", "notebooks"),
		do:     s.warm,
		lack:   "The first cells that need these packages take longer, or fail in the same way",
	})
}
