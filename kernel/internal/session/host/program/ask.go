//go:build trafficlabhost

package main

import (
	"sync"

	"github.com/trafficlab/trafficlab/kernel/internal/session/live"
	"github.com/trafficlab/trafficlab/kernel/internal/session/live/message"
)

// questions holds the open questions for input.
var questions struct {
	mu   sync.Mutex
	last int
	open map[int]chan message.Line
}

// ask asks the kernel for a line of input. It reports false if there is none, or if the cell was
// canceled.
func ask(c *live.Cell) (string, bool) {
	answer := make(chan message.Line, 1)
	questions.mu.Lock()
	if questions.open == nil {
		questions.open = map[int]chan message.Line{}
	}
	questions.last++
	n := questions.last
	questions.open[n] = answer
	questions.mu.Unlock()
	send(message.FromHost{Ask: n})
	select {
	case l := <-answer:
		return l.Text, !l.EOF
	case <-c.Canceled():
		questions.mu.Lock()
		delete(questions.open, n)
		questions.mu.Unlock()
		return "", false
	}
}

// answer passes on a line to the cell that asked for it, if it still waits.
func answer(l message.Line) {
	questions.mu.Lock()
	defer questions.mu.Unlock()
	if c := questions.open[l.Ask]; c != nil {
		c <- l
		delete(questions.open, l.Ask)
	}
}
