package gonb

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/trafficlab/trafficlab/kernel/internal/build/program"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
)

// env returns the environment of GoNB: that of the cells, with the shims first on the PATH.
func (g *GoNB) env() []string {
	env := slices.Clone(g.Env)
	for i, e := range env {
		if path, ok := strings.CutPrefix(e, "PATH="); ok {
			env[i] = "PATH=" + g.shims.dir + string(filepath.ListSeparator) + path
		}
	}
	return append(env, socketVariable+"="+g.shims.socket)
}

// realEnv returns the environment of a real program, from that of the shim in its place.
func (g *GoNB) realEnv(shim []string) []string {
	var env []string
	for _, e := range shim {
		if path, ok := strings.CutPrefix(e, "PATH="); ok {
			e = "PATH=" + strings.TrimPrefix(path, g.shims.dir+string(filepath.ListSeparator))
		}
		if !strings.HasPrefix(e, socketVariable+"=") {
			env = append(env, e)
		}
	}
	return env
}

// step does what a shim was started for. The shims of a cell that has failed end at once: GoNB
// would continue with the cell.
func (g *GoNB) step(s *step) int {
	s.Env = g.realEnv(s.Env)
	g.mu.Lock()
	r := g.current
	if dir := program.Getenv(s.Env, "GONB_TMP_DIR"); dir != "" {
		g.dir = dir
	}
	catchingUp, starting := g.pending != nil, g.process == nil
	g.mu.Unlock()
	switch {
	case catchingUp:
		return g.builder.skip(s)
	case r == nil || starting: // a cell may wait for GoNB, or still be ending with an earlier process
		return g.passOn(s)
	case r.ending():
		if s.Kind == "cell" {
			return 0
		}
		return 1 // so that GoNB does not keep what the cell declares
	}
	end, ok := r.begin()
	if !ok {
		return 1
	}
	defer end()
	if s.Kind == "cell" {
		r.runProgram(s)
		return 0
	}
	return g.builder.step(r, s)
}

// passOn runs the real program for GoNB, outside of a cell.
func (g *GoNB) passOn(s *step) int {
	path, err := g.realProgram(s)
	if err != nil {
		fmt.Fprintln(s.Stderr, err)
		return 1
	}
	cmd := exec.CommandContext(g.ctx, path, s.Args...)
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = s.Dir, s.Env, s.Stdin, s.Stdout, s.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode()
	case err != nil:
		fmt.Fprintln(s.Stderr, err)
		return 1
	}
	return 0
}

// realProgram returns the path of the program that a shim stands for.
func (g *GoNB) realProgram(s *step) (string, error) {
	switch s.Kind {
	case "goimports":
		return g.GoImports, nil
	case "go":
		return program.LookPath(s.Env, "go")
	}
	return "", fmt.Errorf("kernel: %s outside of a cell", s.Kind)
}

// places returns the places in cells of the lines of GoNB's file.
func (r *run) places(file string) map[int]goerror.Place {
	source, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	r.g.mu.Lock()
	cells := slices.Clone(r.g.known)
	r.g.mu.Unlock()
	return places(source, append(cells, r.entry))
}

// runProgram has the host run the program of the cell.
func (r *run) runProgram(s *step) {
	file := "main.go"
	if r.source.Tests() {
		file = "main_test.go"
	}
	r.mu.Lock()
	p := &Program{Path: r.program, Args: s.Args, Dir: s.Dir, Env: s.Env, Reruns: r.source.Reruns(),
		File: filepath.Join(program.Getenv(s.Env, "GONB_TMP_DIR"), file)}
	r.muted = true
	r.mu.Unlock()
	if p.Path == "" {
		r.fail(goerror.New(errNotBuilt.Error()))
		return
	}
	p.Places = sync.OnceValue(func() map[int]goerror.Place { return r.places(p.File) })
	if r.source.Captures() {
		p.Capture = s.Stdout
	}
	failure, interrupted := r.cell.Host.RunProgram(r.ctx, p)
	if failure != nil {
		r.fail(failure)
	}
	r.mu.Lock()
	r.interrupted = interrupted
	r.mu.Unlock()
}
