package gonb

import (
	"encoding/json"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/wire"
)

// receive takes a message of GoNB. Most messages are about the cell that runs.
func (g *GoNB) receive(channel string, m *wire.Message) {
	var parent wire.Header
	json.Unmarshal(m.Parent, &parent)
	kind := m.Header.Type
	switch {
	case kind == "execute_reply" && g.caughtUp(parent.ID):
		return
	case strings.HasPrefix(kind, "comm_"):
		g.Comm(m)
		return
	}
	g.mu.Lock()
	r := g.current
	g.mu.Unlock()
	if r != nil && r.isFor(parent.ID) {
		r.receive(channel, m)
	}
}

// isFor reports whether a message with this parent is about the cell.
func (r *run) isFor(parent string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return parent != "" && parent == r.id
}

func (r *run) receive(channel string, m *wire.Message) {
	switch kind := m.Header.Type; {
	case channel == "stdin" && kind == "input_request":
		r.ask(m)
	case kind == "execute_reply":
		r.mu.Lock()
		r.reply = m
		r.finish()
		r.mu.Unlock()
	case kind == "status":
		var s struct {
			State string `json:"execution_state"`
		}
		if json.Unmarshal(m.Content, &s) == nil && s.State == "idle" {
			r.mu.Lock()
			r.idle = true
			r.finish()
			r.mu.Unlock()
		}
	case kind == "stream":
		var s struct{ Name, Text string }
		if json.Unmarshal(m.Content, &s) == nil {
			r.text(s.Name, s.Text)
		}
	case kind == "display_data" || kind == "update_display_data" || kind == "clear_output":
		if !r.ending() {
			r.cell.Host.Display(kind, m.Content)
		}
	}
}

// text takes text that GoNB prints.
func (r *run) text(stream, text string) {
	r.mu.Lock()
	muted := r.muted
	r.mu.Unlock()
	if !muted && !r.ending() {
		r.cell.Host.Text(stream, []byte(text))
	}
}

// ask passes a question of GoNB to the user.
func (r *run) ask(m *wire.Message) {
	var q struct {
		Prompt   string
		Password bool
	}
	if json.Unmarshal(m.Content, &q) != nil {
		return
	}
	r.cell.Host.Ask(q.Prompt, q.Password, func(text string) {
		r.g.mu.Lock()
		p := r.g.process
		r.g.mu.Unlock()
		if p != nil {
			p.input(m, text)
		}
	})
}

// replyError returns the error in GoNB's reply; nil if there is none.
func (g *GoNB) replyError(reply *wire.Message) *goerror.Error {
	var a struct {
		Status, Ename, Evalue string
		Traceback             []string
	}
	if err := json.Unmarshal(reply.Content, &a); err != nil || a.Status == "ok" {
		return nil
	}
	return goerror.FromGoNB(a.Evalue, a.Traceback, g.place)
}

// SendComm passes a message of the front end on a comm to GoNB, if it runs.
func (g *GoNB) SendComm(kind string, content json.RawMessage) {
	g.mu.Lock()
	p := g.process
	g.mu.Unlock()
	if p != nil {
		p.request(kind, content)
	}
}
