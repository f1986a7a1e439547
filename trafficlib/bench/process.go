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
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

//go:embed peers.py
var program []byte

//go:embed requirements.txt
var requirements []byte

// side is a program that is measured: ours or a peer.
type side struct {
	name string
	args []string
	env  []string
}

// sides makes the environment of the peers and returns all sides. Ours, the first, is this program.
func sides(dir, backend string) (all []side, versions string, err error) {
	self, err := benchkit.Self("work", backend)
	if err != nil {
		return nil, "", err
	}
	python, err := benchkit.NewPython(dir, "bench-peers", program, requirements)
	if err != nil {
		return nil, "", err
	}
	versions, err = python.Versions("PyTorch=torch", "JAX=jax", "Keras=keras", "TensorFlow=tensorflow-cpu")
	all = []side{{benchkit.Ours, self.Args, os.Environ()}}
	for _, name := range []string{"torch", "jax", "keras"} {
		cmd := python.Command(name)
		all = append(all, side{name, cmd.Args, cmd.Env})
	}
	return all, versions, err
}

// process is a running side, which works on one shape.
type process struct {
	side
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func (s side) start() (*process, error) {
	p := &process{side: s, cmd: exec.Command(s.args[0], s.args[1:]...)}
	p.cmd.Env = s.env
	p.cmd.Stderr = io.Discard // TensorFlow and JAX are talkative
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

// errNotMade reports that a peer does not have such a model.
var errNotMade = errors.New("not implemented by the peer")

// ask sends a request and waits for its answer.
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

// peak returns the largest resident memory of the process so far, in bytes, or 0 if it is unknown.
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
