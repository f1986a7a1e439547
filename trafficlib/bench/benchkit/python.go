package benchkit

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/internal/pyenv"
)

// Python is a Python environment with the packages of the peers and the program that uses them.
type Python struct {
	Path    string // of the interpreter
	Program string // path of the program
}

// NewPython makes the environment of a benchmark, unless an earlier run has made it, and writes the
// program to dir. requirements is a list for pip with hashes.
func NewPython(dir, name string, program, requirements []byte) (p Python, err error) {
	p.Program = filepath.Join(dir, "peers.py")
	if err := os.WriteFile(p.Program, program, 0o666); err != nil {
		return p, err
	}
	p.Path, err = pyenv.Make(name, requirements)
	return p, err
}

// Command returns a command that runs the program.
func (p Python) Command(args ...string) *exec.Cmd {
	cmd := exec.Command(p.Path, append([]string{p.Program}, args...)...)
	cmd.Env = pyenv.Alone()
	return cmd
}

// Versions returns the versions of Python and of packages, as in "Python 3.11.7, numpy 2.4.6". A
// package is named as pip knows it, or as "PyTorch=torch" to be called by another name.
func (p Python) Versions(packages ...string) (string, error) {
	var script strings.Builder
	script.WriteString("import sys; from importlib.metadata import version; print('Python %d.%d.%d' % " +
		"sys.version_info[:3]")
	for _, name := range packages {
		label, dist, found := strings.Cut(name, "=")
		if !found {
			dist = name
		}
		fmt.Fprintf(&script, " + ', %s ' + version('%s')", label, dist)
	}
	return pyenv.Output(p.Path, "-c", script.String()+")")
}
