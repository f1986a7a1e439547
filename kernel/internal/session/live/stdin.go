package live

import (
	"io"
	"os"
	"sync"
)

// Ask asks the kernel for a line of input. The host sets it. It reports false if nobody can answer,
// or if the cell is asked to end.
var Ask func(c *Cell) (line string, ok bool)

var input struct {
	mu   sync.Mutex
	rest []byte
}

// Input replaces reading from standard input. It returns what the user types, or io.EOF if nobody
// can answer.
func Input(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	input.mu.Lock()
	defer input.mu.Unlock()
	if len(input.rest) == 0 {
		c := ownerOrCurrent()
		if c == nil || c.over() {
			return 0, io.EOF
		}
		line, ok := Ask(c)
		if !ok {
			return 0, io.EOF
		}
		input.rest = append(input.rest[:0], line+"\n"...)
	}
	n := copy(b, input.rest)
	input.rest = input.rest[n:]
	return n, nil
}

// Canceled returns a channel that is closed when the cell is asked to end.
func (c *Cell) Canceled() <-chan struct{} { return c.ctx.Context.Done() }

// Signals records that the cell of this goroutine has asked for interrupts on a channel.
func Signals(on chan<- os.Signal) {
	if c := owner(); c != nil {
		c.mu.Lock()
		c.signals = append(c.signals, on)
		c.mu.Unlock()
	}
}
