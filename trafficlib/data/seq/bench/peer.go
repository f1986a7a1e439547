package main

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/internal/pyenv"
)

//go:embed peer.py
var program []byte

//go:embed requirements.txt
var requirements []byte

// peer is the other side: a Python with numpy, and the program it runs.
type peer struct {
	python, program, versions string
}

// newPeer makes the environment. The program goes to dir.
func newPeer(dir string) (p peer, err error) {
	p.program = filepath.Join(dir, "peer.py")
	if err := os.WriteFile(p.program, program, 0o666); err != nil {
		return p, err
	}
	if p.python, err = pyenv.Make("bench-venv", requirements); err != nil {
		return p, err
	}
	p.versions, err = pyenv.Output(p.python, "-c", "import sys, numpy; print('Python %d.%d.%d' % sys.version_info[:3] + ', numpy ' + numpy.__version__)")
	return p, err
}

func (p peer) measure(stage, path, work string) (measurement, error) {
	cmd := exec.Command(p.python, p.program, stage, path, work, fmt.Sprint(batchSize), fmt.Sprint(steps))
	cmd.Env = pyenv.Alone()
	return watch(cmd)
}
