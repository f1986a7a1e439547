//go:build trafficlabhost

package main

import (
	"sync"

	"github.com/trafficlab/trafficlab/kernel/internal/session/live"
	"github.com/trafficlab/trafficlab/kernel/internal/session/live/message"
)

// questions are those that somebody waits to have answered.
var questions struct {
	mu   sync.Mutex
	last int
	open map[int]chan message.Line
}

// ask asks the kernel for a line.
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

// answer hands on a line. Nobody may wait for it any more.
func answer(l message.Line) {
	questions.mu.Lock()
	defer questions.mu.Unlock()
	if c := questions.open[l.Ask]; c != nil {
		c <- l
		delete(questions.open, l.Ask)
	}
}
