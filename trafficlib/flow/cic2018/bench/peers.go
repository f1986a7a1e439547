package main

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/internal/pyenv"
)

//go:embed peers.py
var program []byte

//go:embed requirements.txt
var requirements []byte

// peers are the other sides: a Python with their packages, and the program it runs.
type peers struct{ python, program, versions string }

// newPeers makes the environment. The program goes to dir.
func newPeers(dir string) (p peers, err error) {
	p.program = filepath.Join(dir, "peers.py")
	if err := os.WriteFile(p.program, program, 0o666); err != nil {
		return p, err
	}
	if p.python, err = pyenv.Make("bench-flows", requirements); err != nil {
		return p, err
	}
	p.versions, err = pyenv.Output(p.python, p.program, "versions")
	return p, err
}

func (p peers) measure(who, path, dst string) (measurement, error) {
	cmd := exec.Command(p.python, p.program, who, path, dst)
	cmd.Env = pyenv.Alone()
	return watch(cmd)
}
