package kernel

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/build/program"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
	"github.com/trafficlab/trafficlab/kernel/internal/session"
	"github.com/trafficlab/trafficlab/kernel/internal/session/process"
	"github.com/trafficlab/trafficlab/kernel/internal/session/rewrite"
)

// widgetPackages are packages whose other end is GoNB's: GoNB runs the cells that import them.
var widgetPackages = []string{"janpfeifer/gonb/gonbui/widgets", "janpfeifer/gonb/gonbui/comms",
	"janpfeifer/gonb/gonbui/dom"}

// lives reports whether a cell runs in the living session. The others are programs of their own.
func (c *cell) lives(p cellsource.Parts) bool {
	if c.k.living == nil || p.Program {
		return false
	}
	for _, path := range widgetPackages {
		if strings.Contains(p.Go, path) {
			return false
		}
	}
	for _, line := range p.Special {
		switch name, _, _ := strings.Cut(line, " "); name {
		case "%isolated", "%args", "%capture", "%goflags":
			return false
		}
	}
	return c.awaited()
}

// noticeDelay is how long a cell waits for the session before the user is told.
const noticeDelay = time.Second

// awaited waits for the session and reports whether there is one. If there is none, the user is
// told why, once.
func (c *cell) awaited() bool {
	timer := time.AfterFunc(noticeDelay, func() {
		if !c.k.living.Ready() {
			c.warn("packages of the checkout have changed: the session is rebuilt, which takes some seconds")
		}
	})
	defer timer.Stop()
	err := c.k.living.Wait(c.ctx)
	if err == nil || c.ctx.Err() != nil {
		return true
	}
	c.k.mu.Lock()
	told := c.k.noSession
	c.k.noSession = true
	c.k.mu.Unlock()
	if !told {
		c.warn("there is no living session, so cells are programs of their own: %v", err)
	}
	return false
}

// live runs a cell in the living session: its special lines in their order, then its Go.
func (c *cell) live(p cellsource.Parts) *goerror.Error {
	var t timing
	for _, line := range p.Special {
		if failure := c.sessionSpecial(line, &t); c.ended(failure) {
			return failure
		}
	}
	code := t.wrap(p.Go)
	if strings.TrimSpace(code) == "" {
		return nil
	}
	c.adopt()
	ran, err := c.runLiving(session.Cell{Count: c.label(), Code: code})
	if errors.Is(err, session.ErrStandalone) { // its special lines have been done
		return c.runWithGoNB(p.Go)
	}
	failure := c.outcome(ran, err)
	if failure == nil && err == nil && ran.How == process.OK {
		t.report(c, ran)
		if source, err := c.k.gonb.Declare(c.count, p.Go); err == nil {
			c.k.completer.learn(source)
		}
	}
	return failure
}

// runLiving runs Go in the session and records its result and the times of its build.
func (c *cell) runLiving(cell session.Cell) (session.Outcome, error) {
	ran, err := c.k.living.Run(c.ctx, cell, sessionOutput{c})
	c.mu.Lock()
	c.took.Compile += ran.Compile
	c.took.Link += ran.Link
	c.finished = err == nil && ran.How == process.OK && c.ctx.Err() != nil
	c.mu.Unlock()
	if err == nil && ran.How == process.OK {
		c.result = ran.Result
	}
	return ran, err
}

// outcome returns why a cell of the session failed; nil if it did not.
func (c *cell) outcome(ran session.Outcome, err error) *goerror.Error {
	var refused *rewrite.Error
	switch {
	case errors.As(err, &refused):
		var list []goerror.Diagnostic
		for _, d := range refused.List {
			list = append(list, goerror.Diagnostic{Cell: d.Cell, Line: d.Line, Column: d.Column, Message: d.Msg})
		}
		return goerror.Compile(list, c.k.codeOf)
	case errors.Is(err, context.Canceled):
		return nil // settle says why
	case err != nil:
		return goerror.New(err.Error())
	}
	for _, n := range ran.Notices {
		c.warn("%s", n)
	}
	switch ran.How {
	case process.Panicked:
		return goerror.Trace("Panic", ran.Text, ran.Trace, c.k.codeOf)
	case process.Exited:
		if ran.Code == 0 {
			return nil
		}
		return goerror.Trace("ExitError", fmt.Sprintf("exit status %d", ran.Code), ran.Trace, c.k.codeOf)
	case process.Abandoned:
		c.warn("the cell waits for something and is left behind; it ends when it returns to code of its own")
	case process.Died:
		return c.lost(ran)
	}
	return nil
}

// sessionLost is the name of the error of a cell with which the session has ended.
const sessionLost = "SessionLost"

// maxLost bounds the names that a message lists.
const maxLost = 20

// lost returns the error of a cell with which the session has ended.
func (c *cell) lost(ran session.Outcome) *goerror.Error {
	var names []string
	for _, n := range ran.Lost {
		if n.Kind == "var" {
			names = append(names, n.Name)
		}
	}
	text := "the session ended (" + died(ran.Died) + ") and a new one has started"
	switch n := len(names); {
	case n > maxLost:
		text += fmt.Sprintf("; the values of %s and %d more names are lost", strings.Join(names[:maxLost], ", "),
			n-maxLost)
	case n > 1:
		text += "; the values of " + strings.Join(names, ", ") + " are lost"
	case n == 1:
		text += "; the value of " + names[0] + " is lost"
	}
	if len(names) > 0 {
		text += ". %rerun runs the cells again that made them"
	}
	return goerror.Trace(sessionLost, text, c.out.takeCrash(), c.k.codeOf)
}

// died returns in a line why the process of the session has ended: what it printed last, or else
// its status.
func died(why string) string {
	status, words, _ := strings.Cut(strings.TrimSpace(why), "\n")
	for line := range strings.SplitSeq(words, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return status
}

// A declaration is a cell that ran in GoNB, without what it ran.
type declaration struct {
	count int
	text  string
}

// adopt takes into the session what cells that ran in GoNB have declared. What their initialization
// prints was shown when they ran.
func (c *cell) adopt() {
	c.k.mu.Lock()
	pending, removed := c.k.pending, c.k.removed
	c.k.pending, c.k.removed = nil, nil
	c.k.mu.Unlock()
	for _, d := range pending {
		code := cellsource.WithoutMain(cellsource.Parse(d.text).Go)
		if strings.TrimSpace(code) == "" {
			continue
		}
		if _, err := c.k.living.Run(c.ctx, session.Cell{Count: d.count, Code: code}, silent{}); err != nil {
			c.k.log.Printf("the session cannot adopt the declarations of cell %d: %v", d.count, err)
		}
	}
	for _, name := range removed {
		_ = c.k.living.Delete(name) // it may not have been adopted
	}
}

// label returns the number by which errors name the cell; 0 if the cell does not count.
func (c *cell) label() int {
	if c.content.Silent || !trueByDefault(c.content.StoreHistory) {
		return 0
	}
	return c.count
}

// startLiving starts the living session.
func (k *Kernel) startLiving(c session.Config) (err error) {
	if k.pipes, err = newPipes(k.Tmp); err != nil {
		return err
	}
	c.Env = program.Setenv(program.Setenv(c.Env, "GONB_PIPE", k.pipes.pipe), "GONB_PIPE_BACK", k.pipes.back)
	c.Pipe, c.Grace = k.pipes.pipe, k.Settings.Grace
	c.Run = func(ctx context.Context, path string, args []string, dir string, env []string) ([]byte, bool, error) {
		text, r, err := program.Capture(ctx, program.Command{Path: path, Args: args, Dir: dir, Env: env,
			Grace: time.Second, Kill: k.ctx.Done()})
		if err == nil && ctx.Err() != nil {
			err = ctx.Err()
		}
		return text, r.OK(), err
	}
	// Before the first cell nothing is shown.
	first := &cell{k: k, out: &output{max: k.Settings.Text, stream: func(string, string) {}}}
	c.Fresh = func() { // the displays of a host are one stream
		fresh := newDisplayStream(first, k.pipes)
		k.mu.Lock()
		old := k.displays
		k.displays = fresh
		k.mu.Unlock()
		if old != nil {
			old.close()
		}
	}
	k.living, err = session.New(c)
	return err
}

// A sessionOutput receives the output of a cell in the session's host.
type sessionOutput struct{ c *cell }

func (o sessionOutput) Text(stream string, text []byte) { o.c.out.add(stream, text) }

func (o sessionOutput) Rich(data []byte) {
	o.c.k.mu.Lock()
	s := o.c.k.displays
	o.c.k.mu.Unlock()
	s.c = o.c
	s.add(data)
}

// Input asks the user for a line of standard input.
func (o sessionOutput) Input(ctx context.Context) (line string, ok bool) {
	if !trueByDefault(o.c.content.AllowStdin) {
		return "", false
	}
	answer := make(chan string, 1)
	if !o.c.k.question(o.c, "", false, func(text string) { answer <- text }) {
		return "", false
	}
	select {
	case line := <-answer:
		return line, true
	case <-ctx.Done():
		return "", false
	}
}

// Goroutine reports a panic in a goroutine that outlived its cell. The cell that runs has not
// failed.
func (o sessionOutput) Goroutine(cell int, text, trace string) {
	e := goerror.Trace("Panic", text, trace, o.c.k.codeOf)
	o.c.out.add("stderr", []byte(strings.Join(e.Traceback, "\n")+"\n"))
}

// silent drops all output.
type silent struct{}

func (silent) Text(string, []byte)                  {}
func (silent) Rich([]byte)                          {}
func (silent) Input(context.Context) (string, bool) { return "", false }
func (silent) Goroutine(int, string, string)        {}
