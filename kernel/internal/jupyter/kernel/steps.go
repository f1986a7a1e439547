package kernel

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/build/program"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/display"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
	"github.com/trafficlab/trafficlab/kernel/internal/gonb"
)

// engineEnv is the environment of GoNB: that of the cells, with the fronts first on the PATH.
func (k *Kernel) engineEnv() []string {
	env := slices.Clone(k.Env)
	for i, e := range env {
		if path, ok := strings.CutPrefix(e, "PATH="); ok {
			env[i] = "PATH=" + k.fronts.Dir + string(filepath.ListSeparator) + path
		}
	}
	return append(env, gonb.EnvFront+"="+k.fronts.Socket)
}

// ownEnv is the environment of a front without what makes fronts work: that of a real program.
func (k *Kernel) ownEnv(front []string) []string {
	var env []string
	for _, e := range front {
		if path, ok := strings.CutPrefix(e, "PATH="); ok {
			e = "PATH=" + strings.TrimPrefix(path, k.fronts.Dir+string(filepath.ListSeparator))
		}
		if !strings.HasPrefix(e, gonb.EnvFront+"=") {
			env = append(env, e)
		}
	}
	return env
}

func get(env []string, name string) string {
	for _, e := range slices.Backward(env) {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}

func set(env []string, name, value string) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(e string) bool { return strings.HasPrefix(e, name+"=") })
	return append(env, name+"="+value)
}

// step does what a front was started for. The fronts of a cell that has failed end at once: GoNB would go on.
func (k *Kernel) step(s *gonb.Step) int {
	s.Env = k.ownEnv(s.Env)
	k.mu.Lock()
	c := k.cell
	if dir := get(s.Env, "GONB_TMP_DIR"); dir != "" {
		k.cells = dir
	}
	retelling, starting := k.told != nil, k.engine == nil
	k.mu.Unlock()
	switch {
	case retelling:
		return k.builder.pretend(s)
	case c == nil || starting: // a cell may wait for GoNB, or be on its way out with an earlier one
		return k.plain(s)
	case c.failed():
		if s.Kind == "go" || s.Kind == "goimports" {
			return 1 // so that GoNB does not keep what the cell declares
		}
		return 0
	}
	c.mu.Lock()
	if c.over { // GoNB has answered: a front that it has given up
		c.mu.Unlock()
		return 1
	}
	c.active++
	c.steps.Add(1)
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.active--
		c.mu.Unlock()
		c.steps.Done()
	}()
	switch s.Kind {
	case "go", "goimports":
		return k.builder.step(c, s)
	case "shell":
		return c.shell(s)
	case "script":
		return c.script(s)
	case "clear":
		c.clear(false)
		return 0
	}
	return c.program1(s)
}

// plain runs the real program for GoNB itself, outside of a cell.
func (k *Kernel) plain(s *gonb.Step) int {
	path, err := k.real(s)
	if err != nil {
		fmt.Fprintln(s.Stderr, err)
		return 1
	}
	cmd := exec.CommandContext(k.ctx, path, s.Args...)
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

// real finds the program that a front stands for.
func (k *Kernel) real(s *gonb.Step) (string, error) {
	switch s.Kind {
	case "goimports":
		return k.GoImports, nil
	case "go":
		return lookPath(s.Env, "go")
	}
	return "", fmt.Errorf("kernel: %s outside of a cell", s.Kind)
}

func lookPath(env []string, name string) (string, error) {
	for _, dir := range filepath.SplitList(get(env, "PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("kernel: no %s command on the PATH", name)
}

// said is the output of a cell's program.
type said struct {
	c    *cell
	tee  *os.File // for %capture, GoNB's end of the program's output
	rich *rich
	past map[string][]byte // the streams on which the program still runs what earlier cells have run, with what came last
}

// pass returns what follows the mark at which a program has run again what earlier cells have run.
func (s *said) pass(stream string, text []byte) []byte {
	before, waits := s.past[stream]
	if !waits {
		return text
	}
	text = append(before, text...)
	if _, after, ok := bytes.Cut(text, []byte(display.Mark)); ok {
		delete(s.past, stream)
		return after
	}
	s.past[stream] = bytes.Clone(text[max(0, len(text)-len(display.Mark)):])
	return nil
}

func (s *said) Text(stream string, text []byte) {
	if text = s.pass(stream, text); len(text) == 0 {
		return
	}
	if s.tee != nil {
		s.tee.Write(text)
	}
	s.c.out.add(stream, text)
}

func (s *said) Rich(data []byte) {
	if s.rich == nil {
		return
	}
	if _, past := s.past["stdout"]; past {
		s.rich.skip(data)
	} else {
		s.rich.add(data)
	}
}

// shell runs a line that goes to the shell. One that fails fails the cell.
func (c *cell) shell(s *gonb.Step) int {
	if len(s.Args) != 1 {
		return 1
	}
	line, err := base64.StdEncoding.DecodeString(s.Args[0])
	if err != nil {
		return 1
	}
	c.command(s, "/bin/bash", []string{"-c", string(line)}, "!"+string(line))
	return 0
}

// clear takes away what the cell has shown: at once, or when there is something new to show in its place.
func (c *cell) clear(wait bool) {
	c.out.before()
	c.publish("clear_output", map[string]any{"wait": wait})
}

// script runs a whole cell that goes to another program, which reads it.
func (c *cell) script(s *gonb.Step) int {
	if len(s.Args) == 0 {
		return 1
	}
	path := s.Args[0]
	if !strings.ContainsRune(path, '/') {
		var err error
		if path, err = lookPath(s.Env, path); err != nil {
			c.fail(&goerror.Error{Name: "ExitError", Value: err.Error(), Traceback: []string{err.Error()}})
			return 0
		}
	}
	c.command(s, path, s.Args[1:], "%%script "+strings.Join(s.Args, " "))
	return 0
}

func (c *cell) command(s *gonb.Step, path string, args []string, what string) {
	r, err := program.Run(c.ctx, program.Command{Path: path, Args: args, Dir: s.Dir, Env: s.Env, Stdin: s.Stdin,
		Grace: c.k.Settings.Grace, Kill: c.k.stopped}, &said{c: c})
	c.out.before()
	switch {
	case err != nil:
		c.fail(&goerror.Error{Name: "ExitError", Value: err.Error(), Traceback: []string{err.Error()}})
	case !r.OK():
		c.out.end()
		c.fail(goerror.Exit(r.String(), what))
	}
}

// stderrOf is where a program's standard error goes to GoNB, and the path of the file that GoNB marks there.
type stderrOf struct {
	file *os.File
	path string
}

// program1 runs the program of the cell.
func (c *cell) program1(s *gonb.Step) int {
	c.mu.Lock()
	path := c.program
	c.muted = true
	c.mu.Unlock()
	if path == "" {
		c.fail(&goerror.Error{Name: "Error", Value: "kernel: GoNB runs what was not built", Traceback: []string{s.Name}})
		return 0
	}
	run, err := newPipes(c.k.Tmp)
	if err != nil {
		c.fail(&goerror.Error{Name: "Error", Value: err.Error(), Traceback: []string{err.Error()}})
		return 0
	}
	defer run.close()
	env := set(set(s.Env, "GONB_PIPE", run.pipe), "GONB_PIPE_BACK", run.back)
	env = set(env, EnvResult, run.result)
	out := &said{c: c, rich: newRich(c, run, get(s.Env, "GONB_PIPE"), get(s.Env, "GONB_PIPE_BACK"))}
	defer out.rich.close()
	if c.source.Begins() {
		out.past = map[string][]byte{"stdout": nil, "stderr": nil}
	}
	if c.source.Captures() {
		out.tee, out.rich.tee = s.Stdout, s.Stdout
	}
	main := filepath.Join(get(s.Env, "GONB_TMP_DIR"), "main.go")
	if c.source.Tests() {
		main = filepath.Join(get(s.Env, "GONB_TMP_DIR"), "main_test.go")
	}
	at := &stderrOf{s.Stderr, main}
	c.mu.Lock()
	c.mainPath = main
	c.mu.Unlock()
	c.setLines(at)
	r, err := program.Run(c.ctx, program.Command{Path: path, Args: s.Args, Dir: s.Dir, Env: env, Stdin: run.stdin,
		Pipe: run.pipe, Grace: c.k.Settings.Grace, Kill: c.k.stopped}, out)
	if err == nil && !r.Interrupted && (r.Exit == 2 || r.Exit < 0) {
		if words := c.out.crashed(); words != "" {
			c.out.end()
			c.fail(goerror.Crash(words, r.String(), main, c.tracePlaces(words, at)))
		}
	}
	c.out.end()
	c.setLines(nil)
	switch {
	case err != nil:
		c.fail(&goerror.Error{Name: "Error", Value: err.Error(), Traceback: []string{err.Error()}})
	case r.Exit != 0:
		c.fail(goerror.Exit(r.String(), ""))
	default:
		c.result = run.readResult()
		c.mu.Lock()
		c.heeded = r.Interrupted
		c.mu.Unlock()
	}
	return 0
}

var mainLine = regexp.MustCompile(`main(?:_test)?\.go:(\d+)`)

// tracePlaces finds the cells' lines of all lines of GoNB's file that a text names.
func (c *cell) tracePlaces(text string, at *stderrOf) map[int]goerror.Place {
	var numbers []int
	for _, m := range mainLine.FindAllStringSubmatch(text, 200) {
		if n, err := strconv.Atoi(m[1]); err == nil && !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	out := map[int]goerror.Place{}
	for n, p := range c.lines(at, numbers) {
		out[n] = goerror.Place{Cell: p.cell, Line: p.line, Code: c.k.codeOf(p.cell)}
	}
	return out
}

// codeOf is the text of the cell with a number, as the user wrote it.
func (k *Kernel) codeOf(count int) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if code, ok := k.codes[count]; ok {
		return code
	}
	for i := k.builder.numbers; i > 0; i-- {
		if n, ok := k.builder.sources[i]; ok && n.count == count {
			return n.code
		}
	}
	return ""
}

// setLines says where lines can be asked for while the program runs.
func (c *cell) setLines(at *stderrOf) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = at
}

// rewriteLines puts the places of cells before lines of GoNB's file that a program names on standard error, as a
// logger that prints file and line does.
func (c *cell) rewriteLines(text string) string {
	c.mu.Lock()
	at, main := c.asked, c.mainPath
	c.mu.Unlock()
	if at == nil || !strings.Contains(text, ".go:") {
		return text
	}
	places := c.tracePlaces(text, at)
	if len(places) == 0 {
		return text
	}
	re := regexp.MustCompile(`(?:` + regexp.QuoteMeta(main) + `|\bmain(?:_test)?\.go):(\d+)`)
	return re.ReplaceAllStringFunc(text, func(m string) string {
		n, _ := strconv.Atoi(m[strings.LastIndexByte(m, ':')+1:])
		if p, ok := places[n]; ok {
			return fmt.Sprintf("\x1b[7m[[ Cell [%d] Line %d ]]\x1b[0m %s", p.Cell, p.Line, m)
		}
		return m
	})
}

// tool runs a tool of the build, and gives all that it says.
func (c *cell) tool(ctx context.Context, path string, args []string, dir string, env []string) ([]byte, program.Result, error) {
	var out collect
	r, err := program.Run(ctx, program.Command{Path: path, Args: args, Dir: dir, Env: env, Grace: time.Second, Kill: c.k.stopped}, &out)
	return out, r, err
}

type collect []byte

func (c *collect) Text(_ string, text []byte) { *c = append(*c, text...) }
func (c *collect) Rich([]byte)                {}
