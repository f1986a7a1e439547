package setup

import (
	"path/filepath"

	"github.com/trafficlab/trafficlab/kernel/internal/session/images"
)

// steps returns the steps of setup, each after those it needs.
func (s *Setup) steps() []step {
	h, kernel := s.Home, filepath.Join(s.Checkout, "kernel")
	lock, pjrt := filepath.Join(kernel, "requirements.txt"), filepath.Join(kernel, "requirements-pjrt.txt")
	modules := []string{filepath.Join(s.Checkout, "go.mod"), filepath.Join(s.Checkout, "go.sum")}
	editor := []string{filepath.Join(kernel, "tools.mod"), filepath.Join(kernel, "tools.sum")}
	jupyter, plugin := filepath.Join(kernel, "jupyter"), filepath.Join(kernel, "papermill")

	steps := []step{{
		name: "tools", title: "GoNB and goimports",
		inputs:  s.hash(modules...),
		outputs: []string{h.Tool("gonb"), h.Tool("goimports")},
		do:      s.buildTools,
	}, {
		name: "program", title: "This command",
		inputs:  s.hashGo("kernel", "trafficlib/home"),
		outputs: []string{h.Program()},
		do:      s.buildProgram,
	}, {
		name: "shim", title: "The kernel's shim for GoNB",
		inputs:  s.hash(filepath.Join(kernel, "internal", "gonb", "shim")),
		outputs: []string{h.Shim()},
		do:      s.buildShim,
	}, {
		name: "python", title: "Python environment: JupyterLab, papermill, nbconvert",
		inputs:  s.hash(lock),
		outputs: []string{h.Python(), filepath.Join(h.Venv(), "bin", "papermill")},
		do:      s.makeVenv,
	}, {
		name: "papermill", title: "Go for papermill",
		inputs:  s.hash(plugin),
		outputs: []string{h.Python()},
		do:      s.installPapermillPlugin,
		within:  "python",
	}, {
		name: "kernelspec", title: "Jupyter kernel",
		inputs:  s.hash(jupyter),
		outputs: []string{filepath.Join(h.Kernelspec(), "kernel.json")},
		do:      s.writeKernelspec,
		within:  "python",
	}, {
		name: "editor", title: "gopls",
		inputs:  s.hash(editor...),
		outputs: []string{h.Gopls()},
		do:      s.buildGopls,
		without: "Without gopls JupyterLab has no completion; all else works",
	}}
	if havePlugin {
		steps = append(steps, step{
			name: "pjrt", title: "XLA's CPU plugin",
			inputs:  s.hash(pjrt),
			outputs: []string{h.Plugin()},
			do:      s.installPJRT,
			within:  "python",
			without: "Without a PJRT plugin models compute on the pure-Go backend",
		}, step{
			name: "cuda", title: "XLA's plugin for NVIDIA GPUs, with CUDA",
			inputs:  s.hash(filepath.Join(kernel, "requirements-cuda.txt")),
			outputs: []string{h.CUDAPlugin()},
			do:      s.installCUDA,
			within:  "python",
			without: "Without it models compute on the CPU",
			optIn:   true, // gigabytes, useless without a GPU
		})
	}
	if images.Supported {
		steps = append(steps, s.sessionStep())
	}
	return append(steps, step{
		name: "try", title: "Plugin check",
		inputs:  s.hashGo("kernel/internal/machine/tryplugin", "trafficlib/model/device", "trafficlib/home"),
		outputs: []string{h.Tool("tryplugin")},
		do:      s.buildTry,
		without: "Without it doctor cannot try the PJRT plugins",
	}, step{
		name: "warm", title: "Go build cache for the notebooks' cells",
		inputs:  s.hashGo("trafficlib", "notebooks"),
		do:      s.warm,
		without: "The first cells that need these packages take longer, or fail in the same way",
	})
}
