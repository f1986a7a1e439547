package main

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/trafficlab/trafficlab/internal/home"
)

//go:embed peer.py
var program []byte

//go:embed requirements.txt
var requirements []byte

// peer is the other side: a Python with numpy, and the program it runs.
type peer struct {
	python, program, versions string
}

// newPeer makes the environment unless it is there and was made of the same list. The program goes to dir.
func newPeer(dir string) (peer, error) {
	h, err := home.Dir()
	if err != nil {
		return peer{}, err
	}
	venv := filepath.Join(h, "bench-venv")
	p := peer{python: filepath.Join(venv, "bin", "python"), program: filepath.Join(dir, "peer.py")}
	if err := os.WriteFile(p.program, program, 0o666); err != nil {
		return p, err
	}
	sum := sha256.Sum256(requirements)
	mark, want := filepath.Join(venv, "made-of"), hex.EncodeToString(sum[:])
	if have, err := os.ReadFile(mark); err != nil || string(have) != want {
		list := filepath.Join(dir, "requirements.txt")
		if err := os.WriteFile(list, requirements, 0o666); err != nil {
			return p, err
		}
		fmt.Fprintf(os.Stderr, "making %s …\n", venv)
		if _, err := output("python3", "-m", "venv", "--clear", venv); err != nil {
			return p, err
		}
		if _, err := output(p.python, "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--quiet",
			"--require-hashes", "-r", list); err != nil {
			return p, err
		}
		if err := os.WriteFile(mark, []byte(want), 0o666); err != nil {
			return p, err
		}
	}
	p.versions, err = output(p.python, "-c", "import sys, numpy; print('Python %d.%d.%d' % sys.version_info[:3] + ', numpy ' + numpy.__version__)")
	return p, err
}

func (p peer) measure(stage, path, work string) (measurement, error) {
	cmd := exec.Command(p.python, p.program, stage, path, work, fmt.Sprint(batchSize), fmt.Sprint(steps))
	cmd.Env = alone()
	return watch(cmd)
}

// alone is an environment in which only what is installed beside the interpreter counts.
func alone() []string {
	return append(os.Environ(), "PYTHONNOUSERSITE=1", "PYTHONPATH=", "PYTHONHOME=")
}

func output(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = alone()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), nil
}
