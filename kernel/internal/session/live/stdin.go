package live

import (
	"io"
	"os"
	"sync"
)

// Ask asks the kernel for a line of input. It is set by the host. It reports false where nobody can
// answer, and when the cell is to end.
var Ask func(c *Cell) (line string, ok bool)

var input struct {
	mu   sync.Mutex
	rest []byte
}

// Input reads standard input, from what the user types. Where nobody can, it is at its end.
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

// Canceled returns a channel that is closed when the cell is to end.
func (c *Cell) Canceled() <-chan struct{} { return c.ctx.Context.Done() }

// Signals notes that this goroutine's cell has asked for interrupts on a channel.
func Signals(on chan<- os.Signal) {
	if c := owner(); c != nil {
		c.mu.Lock()
		c.signals = append(c.signals, on)
		c.mu.Unlock()
	}
}
