package kernel

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/wire"
)

// fromEngine takes what GoNB says. Most of it is about the cell that runs.
func (k *Kernel) fromEngine(channel string, m *wire.Message) {
	var parent wire.Header
	json.Unmarshal(m.Parent, &parent)
	k.mu.Lock()
	c := k.cell
	k.mu.Unlock()
	mine := false
	if c != nil {
		c.mu.Lock()
		mine = parent.ID != "" && parent.ID == c.id
		c.mu.Unlock()
	}
	switch kind := m.Header.Type; {
	case kind == "execute_reply" && k.replayed(parent.ID):
	case strings.HasPrefix(kind, "comm_"):
		k.fromEngineComm(m, c)
	case !mine:
		return
	case channel == "stdin" && kind == "input_request":
		k.askFor(c, m)
	case kind == "execute_reply":
		c.mu.Lock()
		c.answer = m
		c.finish()
		c.mu.Unlock()
	case kind == "status":
		var s struct {
			State string `json:"execution_state"`
		}
		if json.Unmarshal(m.Content, &s) == nil && s.State == "idle" {
			c.mu.Lock()
			c.idle = true
			c.finish()
			c.mu.Unlock()
		}
	case kind == "stream":
		var s struct{ Name, Text string }
		if json.Unmarshal(m.Content, &s) == nil {
			c.engineStream(s.Name, s.Text)
		}
	case kind == "display_data" || kind == "update_display_data" || kind == "clear_output":
		if !c.failed() {
			c.out.before()
			c.publish(kind, m.Content)
		}
	}
}

// engineStream takes text that GoNB says by itself: about special commands, and, while the cell's program runs, the
// answers to [cell.lines].
func (c *cell) engineStream(name, text string) {
	c.mu.Lock()
	muted, failed := c.muted, c.failure != nil || c.ctx.Err() != nil
	if muted {
		c.echo.WriteString(text)
	}
	c.mu.Unlock()
	switch {
	case muted:
		select {
		case c.echoed <- struct{}{}:
		default:
		}
	case !failed:
		c.out.add(name, []byte(text))
	}
}

// A spot is a line of a cell, both counted from one.
type spot struct{ cell, line int }

var echoLine = regexp.MustCompile(`\[\[ Cell (?:\[(\d+)\] )?Line (\d+) \]\][^/]* (\S*main(?:_test)?\.go):(\d+)`)

// lines asks GoNB which lines of cells some lines of its file are. GoNB marks them in what a program says on its
// standard error, so they are said there, in the name of the program.
func (c *cell) lines(s *stderrOf, numbers []int) map[int]spot {
	found := map[int]spot{}
	if len(numbers) == 0 || s == nil {
		return found
	}
	var text strings.Builder
	for _, n := range numbers {
		text.WriteString(s.path + ":" + strconv.Itoa(n) + "\n")
	}
	c.mu.Lock()
	c.echo.Reset()
	c.mu.Unlock()
	if _, err := s.file.WriteString(text.String()); err != nil {
		return found
	}
	last := s.path + ":" + strconv.Itoa(numbers[len(numbers)-1])
	for until := time.After(time.Second); ; {
		c.mu.Lock()
		said := c.echo.String()
		c.mu.Unlock()
		if strings.Contains(said, last+"\n") {
			for _, m := range echoLine.FindAllStringSubmatch(said, -1) {
				cell, _ := strconv.Atoi(m[1])
				line, _ := strconv.Atoi(m[2])
				n, _ := strconv.Atoi(m[4])
				if at, ok := c.k.userPlace(cell, line); ok {
					found[n] = at
				}
			}
			return found
		}
		select {
		case <-c.echoed:
		case <-until:
			return found
		case <-c.done:
			return found
		}
	}
}

// userPlace gives the place in the cells as the user knows them: GoNB counts its own cells, and their lines after the
// kernel has rewritten them.
func (k *Kernel) userPlace(cell, line int) (spot, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	n, ok := k.builder.sources[cell]
	if !ok {
		return spot{}, false
	}
	return spot{n.count, n.source.Line(line)}, true
}

// engineError makes an error of GoNB's reply; nil when it says that all is well.
func (k *Kernel) engineError(c *cell, answer *wire.Message) *goerror.Error {
	var a struct {
		Status, Ename, Evalue string
		Traceback             []string
	}
	if err := json.Unmarshal(answer.Content, &a); err != nil || a.Status == "ok" {
		return nil
	}
	return goerror.FromGoNB(a.Evalue, a.Traceback, func(cell, line int) (goerror.Place, bool) {
		at, ok := k.userPlace(cell, line)
		if !ok {
			return goerror.Place{}, false
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		n := k.builder.sources[cell]
		return goerror.Place{Cell: at.cell, Line: at.line, Code: n.code, Shift: n.source.Shift(line)}, true
	})
}
