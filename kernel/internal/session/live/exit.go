package live

import (
	"runtime"
	"runtime/debug"
)

// Exit is os.Exit for everything in the process: it ends the cell that calls it, by whatever
// goroutine, and keeps the status. It does not return. In a goroutine that belongs to no cell,
// while none runs, it ends only the goroutine.
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
