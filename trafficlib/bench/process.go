package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/internal/pyenv"
)

//go:embed peers.py
var program []byte

//go:embed requirements.txt
var requirements []byte

// side is one that is measured: ours, or a peer.
type side struct {
	name string
	args []string
	env  []string
}

const ours = "trafficlib"

// sides makes the environment of the peers. Ours is this program once more.
func sides(dir, backend string) (all []side, versions string, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	python, err := pyenv.Make("bench-peers", requirements)
	if err != nil {
		return nil, "", err
	}
	peers := filepath.Join(dir, "peers.py")
	if err := os.WriteFile(peers, program, 0o666); err != nil {
		return nil, "", err
	}
	versions, err = pyenv.Output(python, "-c", "from importlib.metadata import version as v; "+
		"print(', '.join(n + ' ' + v(p) for n, p in [('PyTorch', 'torch'), ('JAX', 'jax'), ('Keras', 'keras'), ('TensorFlow', 'tensorflow-cpu')]))")
	all = []side{{ours, []string{self, "work", backend}, os.Environ()}}
	for _, name := range []string{"torch", "jax", "keras"} {
		all = append(all, side{name, []string{python, peers, name}, pyenv.Alone()})
	}
	return all, versions, err
}

// process is a side at work on one shape.
type process struct {
	side
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func (s side) start() (*process, error) {
	p := &process{side: s, cmd: exec.Command(s.args[0], s.args[1:]...)}
	p.cmd.Env = s.env
	p.cmd.Stderr = io.Discard // TensorFlow and JAX talk
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	return p, p.cmd.Start()
}

// errNotMade is what a peer says that has no such model.
var errNotMade = errors.New("not made")

func (p *process) ask(r request) (a answer, err error) {
	line, err := json.Marshal(r)
	if err != nil {
		return a, err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return a, fmt.Errorf("%s: %w", p.name, err)
	}
	answered, err := p.out.ReadBytes('\n')
	if err != nil {
		return a, fmt.Errorf("%s: no answer: %w", p.name, err)
	}
	if err := json.Unmarshal(answered, &a); err != nil {
		return a, fmt.Errorf("%s: %w: %q", p.name, err, answered)
	}
	switch {
	case strings.HasPrefix(a.Error, "NotImplementedError"):
		return a, errNotMade
	case a.Error != "":
		return a, fmt.Errorf("%s: %s", p.name, a.Error)
	}
	return a, nil
}

// peak gives the most memory that the process has had, in bytes; 0 where the system does not tell it as Linux does.
func (p *process) peak() int64 {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	for line := range strings.Lines(string(data)) {
		if name, value, _ := strings.Cut(line, ":"); name == "VmHWM" {
			kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kb << 10
		}
	}
	return 0
}

// stop ends the process.
func (p *process) stop() {
	p.in.Close()
	p.cmd.Process.Kill()
	p.cmd.Wait()
}
