package live

import (
	"runtime"
	"runtime/debug"
)

// Exit replaces os.Exit for all code of the process. It ends the cell of the calling goroutine with
// a status, and does not return. In a goroutine that belongs to no cell, while no cell runs, it
// ends only that goroutine.
func Exit(code int) {
	c := ownerOrCurrent()
	if c == nil {
		runtime.Goexit()
	}
	c.mu.Lock()
	if !c.exited {
		c.exited, c.code, c.trace = true, code, trim(string(debug.Stack()))
	}
	trace := c.trace
	c.mu.Unlock()
	if goroutine() != c.goroutine.Load() {
		if c.report(Report{How: Exited, Code: code, Trace: trace}) {
			c.end()
		}
	}
	runtime.Goexit()
}
