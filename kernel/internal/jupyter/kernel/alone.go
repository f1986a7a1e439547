package kernel

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/build/program"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/display"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
	"github.com/trafficlab/trafficlab/kernel/internal/gonb"
)

// isolated runs a cell as a program of its own, which knows nothing of the session's values: first
// the special lines that are the kernel's, then the rest with GoNB.
func (c *cell) isolated(p cellsource.Parts) *goerror.Error {
	for _, line := range p.Special {
		if !cellsource.ForKernel(line) {
			continue
		}
		if failure := c.special(line); c.ended(failure) {
			return failure
		}
	}
	return c.runWithGoNB(withoutLine(c.content.Code, "%isolated"))
}

// withoutLine empties the lines of a cell that consist of a special line.
func withoutLine(code, special string) string {
	lines := strings.Split(code, "\n")
	for i, line := range lines {
		if strings.TrimSpace(line) == special {
			lines[i] = ""
		}
	}
	return strings.Join(lines, "\n")
}

// runWithGoNB has GoNB run a cell, or the part of one that is GoNB's.
func (c *cell) runWithGoNB(code string) *goerror.Error {
	k := c.k
	result, failure := k.gonb.Run(c.ctx, gonb.Cell{Count: c.count, Code: code, Typed: c.content.Code,
		Values: k.living == nil || k.noSession, Host: gonbHost{c}})
	c.mu.Lock()
	c.took.Compile += result.Took.Compile
	c.took.Link += result.Took.Link
	c.finished = result.Interrupted
	c.mu.Unlock()
	if result.Source == nil || c.settle(failure) != nil {
		return failure
	}
	if text := result.Source.Replay(); k.living != nil && text != "" {
		k.mu.Lock()
		k.pending = append(k.pending, declaration{c.count, text})
		k.mu.Unlock()
	}
	k.completer.learn(result.Source)
	return nil
}

// A gonbHost is the kernel's side of a cell that GoNB runs.
type gonbHost struct{ c *cell }

func (h gonbHost) Text(stream string, text []byte) { h.c.out.add(stream, text) }

func (h gonbHost) Display(kind string, content json.RawMessage) {
	h.c.out.sync()
	h.c.publish(kind, content)
}

func (h gonbHost) Ask(prompt string, password bool, answer func(text string)) {
	h.c.k.ask(h.c, prompt, password, answer)
}

func (h gonbHost) AllowsInput() bool { return trueByDefault(h.c.content.AllowStdin) }

// RunProgram runs the program of the cell.
func (h gonbHost) RunProgram(ctx context.Context, p *gonb.Program) (failure *goerror.Error, interrupted bool) {
	c := h.c
	pipes, err := newPipes(c.k.Tmp)
	if err != nil {
		return goerror.New(err.Error()), false
	}
	defer pipes.close()
	env := program.Setenv(p.Env, "GONB_PIPE", pipes.pipe)
	env = program.Setenv(env, "GONB_PIPE_BACK", pipes.back)
	env = program.Setenv(env, resultVariable, pipes.result)
	out := &programOutput{c: c, capture: p.Capture, displays: newDisplayStream(c, pipes)}
	out.displays.capture = p.Capture
	out.displays.widgets.pipe = program.Getenv(p.Env, "GONB_PIPE")
	out.displays.widgets.back = program.Getenv(p.Env, "GONB_PIPE_BACK")
	defer out.displays.close()
	if p.Reruns {
		out.rerunning = map[string][]byte{"stdout": nil, "stderr": nil}
	}
	c.out.setRewrite(func(text string) string { return namePlaces(text, p) })
	r, err := program.Run(ctx, program.Command{Path: p.Path, Args: p.Args, Dir: p.Dir, Env: env, Stdin: pipes.stdin,
		Pipe: pipes.pipe, Grace: c.k.Settings.Grace, Kill: c.k.ctx.Done()}, out)
	if err == nil && !r.Interrupted && (r.Exit == 2 || r.Exit < 0) {
		if trace := c.out.takeCrash(); trace != "" {
			failure = goerror.Crash(trace, r.String(), p.File, p.Places())
		}
	}
	c.out.end()
	c.out.setRewrite(nil)
	switch {
	case failure != nil:
		return failure, false
	case err != nil:
		return goerror.New(err.Error()), false
	case r.Exit != 0:
		return goerror.Exit(r.String(), ""), false
	}
	c.result = pipes.readResult()
	return nil, r.Interrupted
}

// namePlaces inserts the places in cells before lines of GoNB's file that a program names on
// standard error, as a logger does that prints file and line.
func namePlaces(text string, p *gonb.Program) string {
	if !strings.Contains(text, ".go:") {
		return text
	}
	re := regexp.MustCompile(`(?:` + regexp.QuoteMeta(p.File) + `|\bmain(?:_test)?\.go):(\d+)`)
	return re.ReplaceAllStringFunc(text, func(m string) string {
		n, _ := strconv.Atoi(m[strings.LastIndexByte(m, ':')+1:])
		if at, ok := p.Places()[n]; ok {
			return fmt.Sprintf("\x1b[7m[[ Cell [%d] Line %d ]]\x1b[0m %s", at.Cell, at.Line, m)
		}
		return m
	})
}

// A programOutput receives the output of a program or command of a cell.
type programOutput struct {
	c        *cell
	capture  *os.File       // where %capture wants the output as well; nil for nowhere
	displays *displayStream // nil for a command, which displays nothing
	// The streams on which the program still runs again what earlier cells have run, with the last
	// bytes of each, which may begin the mark that ends it.
	rerunning map[string][]byte
}

func (o *programOutput) Text(stream string, text []byte) {
	if text = o.afterMark(stream, text); len(text) == 0 {
		return
	}
	if o.capture != nil {
		o.capture.Write(text)
	}
	o.c.out.add(stream, text)
}

func (o *programOutput) Rich(data []byte) {
	if o.displays == nil {
		return
	}
	if _, rerunning := o.rerunning["stdout"]; rerunning {
		o.displays.skip(data)
	} else {
		o.displays.add(data)
	}
}

// afterMark returns the text that follows the mark after which the cell's own statements run.
func (o *programOutput) afterMark(stream string, text []byte) []byte {
	before, rerunning := o.rerunning[stream]
	if !rerunning {
		return text
	}
	text = append(before, text...)
	if _, after, ok := bytes.Cut(text, []byte(display.Mark)); ok {
		delete(o.rerunning, stream)
		return after
	}
	o.rerunning[stream] = bytes.Clone(text[max(0, len(text)-len(display.Mark)):])
	return nil
}
