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

// widgets are packages whose other end is GoNB's: cells that import them are programs that GoNB runs.
var widgets = []string{"janpfeifer/gonb/gonbui/widgets", "janpfeifer/gonb/gonbui/comms", "janpfeifer/gonb/gonbui/dom"}

// lives reports whether a cell runs in the living session. The others are programs of their own, which GoNB makes.
func (c *cell) lives(p cellsource.Parts) bool {
	if c.k.living == nil || p.Program {
		return false
	}
	for _, path := range widgets {
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

// patience is how long a cell waits for the session before it says so.
const patience = time.Second

// awaited waits for the session, and reports whether there is one. Why there is none is told once.
func (c *cell) awaited() bool {
	timer := time.AfterFunc(patience, func() {
		if !c.k.living.Ready() {
			c.out.add("stderr", []byte("packages of the checkout have changed: the session is made anew, which takes some seconds\n"))
		}
	})
	defer timer.Stop()
	err := c.k.living.Wait(c.ctx)
	if err == nil || c.ctx.Err() != nil {
		return true
	}
	c.k.mu.Lock()
	told := c.k.unlived
	c.k.unlived = true
	c.k.mu.Unlock()
	if !told {
		c.out.add("stderr", []byte(fmt.Sprintf("there is no living session, so cells are programs of their own: %v\n", err)))
	}
	return false
}

// live runs a cell in the living session: its special lines in their order, then its Go.
func (c *cell) live(p cellsource.Parts) *goerror.Error {
	var how timing
	for _, line := range p.Special {
		if failure := c.special(line, &how); failure != nil || c.ctx.Err() != nil {
			return c.settle(failure)
		}
	}
	code := how.wrap(p.Go)
	if strings.TrimSpace(code) == "" {
		return c.settle(nil)
	}
	c.adopt()
	ran, err := c.runLiving(session.Cell{Count: c.label(), Code: code})
	if errors.Is(err, session.ErrStandalone) {
		return c.isolated(c.execute.Code)
	}
	failure := c.outcome(ran, err)
	if failure == nil && err == nil && ran.How == process.OK {
		how.tell(c, ran)
		if source, err := cellsource.Compose(p.Go, cellsource.Options{Fronts: c.k.fronts.Dir}); err == nil {
			c.k.keep(numbered{c.count, source, c.execute.Code})
			c.k.tips.learn(source)
		}
	}
	return c.settle(failure)
}

// runLiving runs Go in the session and notes what it took.
func (c *cell) runLiving(cell session.Cell) (session.Outcome, error) {
	c.k.remember(cell.Count, c.execute.Code)
	ran, err := c.k.living.Run(c.ctx, cell, c.spoken())
	c.mu.Lock()
	c.took.Compile += ran.Compile
	c.took.Link += ran.Link
	c.heeded = err == nil && ran.How == process.OK && c.ctx.Err() != nil
	c.mu.Unlock()
	if err == nil && ran.How == process.OK {
		c.result = ran.Result
	}
	return ran, err
}

// outcome makes an error of what became of a cell; nil when all went well.
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
		return failed(err.Error())
	}
	for _, n := range ran.Notices {
		c.out.add("stderr", []byte(n+"\n"))
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
		c.out.add("stderr", []byte("the cell waits for something and is left behind; it ends when it comes back to code of its own\n"))
	case process.Died:
		return c.lost(ran)
	}
	return nil
}

func failed(why string) *goerror.Error {
	return &goerror.Error{Name: "Error", Value: why, Traceback: []string{why}}
}

// sessionLost names the error of a cell with which the session has ended.
const sessionLost = "SessionLost"

// mostLost bounds the names that a message lists.
const mostLost = 20

// lost makes the error of a cell with which the session has ended.
func (c *cell) lost(ran session.Outcome) *goerror.Error {
	var names []string
	for _, n := range ran.Lost {
		if n.Kind == "var" {
			names = append(names, n.Name)
		}
	}
	text := "the session ended (" + died(ran.Died) + ") and a new one has started"
	switch n := len(names); {
	case n > mostLost:
		text += fmt.Sprintf("; lost are %s and %d more values", strings.Join(names[:mostLost], ", "), n-mostLost)
	case n > 1:
		text += "; lost are the values " + strings.Join(names, ", ")
	case n == 1:
		text += "; lost is the value " + names[0]
	}
	if len(names) > 0 {
		text += ". %rerun runs the cells again that made them"
	}
	return goerror.Trace(sessionLost, text, c.out.crashed(), c.k.codeOf)
}

// died says in a line why the process of the session has ended: by its last words, or else its status.
func died(why string) string {
	status, words, _ := strings.Cut(strings.TrimSpace(why), "\n")
	for line := range strings.SplitSeq(words, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return status
}

// isolated runs a cell as a program of its own, which knows nothing of the session's values.
func (c *cell) isolated(code string) *goerror.Error {
	var kept []string
	for line := range strings.SplitSeq(code, "\n") {
		if strings.TrimSpace(line) == "%isolated" {
			line = ""
		}
		kept = append(kept, line)
	}
	return c.performGoNB(strings.Join(kept, "\n"))
}

// adopt takes declarations into the session that cells written for GoNB have brought. What their initialisation says
// has been said when they ran.
func (c *cell) adopt() {
	c.k.mu.Lock()
	pending, removed := c.k.pending, c.k.removed
	c.k.pending, c.k.removed = nil, nil
	c.k.mu.Unlock()
	for _, n := range pending {
		code := cellsource.WithoutMain(cellsource.Take(n.source.Replay()).Go)
		if strings.TrimSpace(code) == "" {
			continue
		}
		if _, err := c.k.living.Run(c.ctx, session.Cell{Count: n.count, Code: code}, silent{}); err != nil {
			c.k.log.Printf("what cell %d declares is not taken into the session: %v", n.count, err)
		}
	}
	for _, name := range removed {
		_ = c.k.living.Delete(name) // it may not have been taken in
	}
}

// silent is the output of what is not to be heard.
type silent struct{}

func (silent) Text(string, []byte)                  {}
func (silent) Rich([]byte)                          {}
func (silent) Input(context.Context) (string, bool) { return "", false }
func (silent) Goroutine(int, string, string)        {}

// label is the number by which errors name the cell; 0 for one that does not count.
func (c *cell) label() int {
	if c.execute.Silent || !isTrue(c.execute.StoreHistory) {
		return 0
	}
	return c.count
}

// remember keeps the text of a cell, for the lines around a place.
func (k *Kernel) remember(count int, code string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.codes == nil {
		k.codes = map[int]string{}
	}
	k.codes[count] = code
}

// startLiving starts the living session.
func (k *Kernel) startLiving(c session.Config) (err error) {
	if k.pipes, err = newPipes(k.Tmp); err != nil {
		return err
	}
	c.Env = set(set(c.Env, "GONB_PIPE", k.pipes.pipe), "GONB_PIPE_BACK", k.pipes.back)
	c.Pipe, c.Grace = k.pipes.pipe, k.Settings.Grace
	c.Run = func(ctx context.Context, path string, args []string, dir string, env []string) ([]byte, bool, error) {
		var out collect
		r, err := program.Run(ctx, program.Command{Path: path, Args: args, Dir: dir, Env: env, Grace: time.Second, Kill: k.stopped}, &out)
		if err == nil && ctx.Err() != nil {
			err = ctx.Err()
		}
		return out, r.OK(), err
	}
	first := &cell{k: k, out: &output{most: k.Settings.Text, stream: func(string, string) {}}} // before any cell nothing is shown
	c.Fresh = func() {                                                                         // what a host shows is one stream
		fresh := newRich(first, k.pipes, "", "")
		k.mu.Lock()
		old := k.rich
		k.rich = fresh
		k.mu.Unlock()
		if old != nil {
			old.close()
		}
	}
	k.living, err = session.New(c)
	return err
}

// spoken is the cell's output as the session's host has it.
func (c *cell) spoken() process.Output { return &spoken{c: c} }

type spoken struct{ c *cell }

func (s *spoken) Text(stream string, text []byte) { s.c.out.add(stream, text) }

func (s *spoken) Rich(data []byte) {
	s.c.k.mu.Lock()
	r := s.c.k.rich
	s.c.k.mu.Unlock()
	r.turn(s.c)
	r.add(data)
}

// Input asks the user for a line of standard input.
func (s *spoken) Input(ctx context.Context) (line string, ok bool) {
	if !isTrue(s.c.execute.AllowStdin) {
		return "", false
	}
	answer := make(chan string, 1)
	if !s.c.k.question(s.c, "", false, func(text string) { answer <- text }) {
		return "", false
	}
	select {
	case line := <-answer:
		return line, true
	case <-ctx.Done():
		return "", false
	}
}

// Goroutine tells of a panic in a goroutine that outlived its cell. It is no failure of the cell that runs.
func (s *spoken) Goroutine(cell int, text, trace string) {
	e := goerror.Trace("Panic", text, trace, s.c.k.codeOf)
	s.c.out.add("stderr", []byte(strings.Join(e.Traceback, "\n")+"\n"))
}
