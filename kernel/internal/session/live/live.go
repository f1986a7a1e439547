// Package live is the run-time library of cells: what a cell and the process that it lives in share
// while the cell runs.
//
// A cell calls [Stopped] and [Check] in its loops, and [Show] with the values of its last
// expression. The host calls [Start] to run a cell in a goroutine of its own. It also replaces some
// functions of the runtime by those of this package, for all code in the process: a panic that
// nobody recovers ends its goroutine and is reported ([Unrecovered]); os.Exit ends the cell and not
// the process ([Exit]); reading standard input asks the kernel ([Input]).
//
// A label of package runtime/pprof, which goroutines inherit, says which cell a goroutine belongs
// to.
package live

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Runtime holds functions of package runtime that the host provides.
var Runtime struct {
	Labels   func() unsafe.Pointer     // the labels of this goroutine
	Everyone func() []unsafe.Pointer   // the labels of each goroutine
	NewCell  func(ctx context.Context) // called before a cell runs; may be nil
}

// How is the way in which a cell ended.
type How string

// The ways in which a cell ends.
const (
	OK          How = "ok"
	Panicked    How = "panicked"
	Exited      How = "exited"      // os.Exit
	Goexited    How = "goexited"    // runtime.Goexit
	Interrupted How = "interrupted" // it was interrupted and has ended
	Abandoned   How = "abandoned"   // it was interrupted and still waits; it ends once it returns to the cell's code
)

// A Report says how a cell ended.
type Report struct {
	Cell   int             `json:"cell"`
	How    How             `json:"how"`
	Code   int             `json:"code,omitempty"`   // the argument of os.Exit
	Text   string          `json:"text,omitempty"`   // the panic's message
	Trace  string          `json:"trace,omitempty"`  // the panic's stack, only the frames of cells and libraries
	Result json.RawMessage `json:"result,omitempty"` // the last expression's value by MIME type

	Reached []int `json:"reached,omitempty"` // the marks of the definitions that were executed
}

// A Cell is a cell that runs or has run.
type Cell struct {
	id     int
	ctx    *cellContext
	cancel context.CancelCauseFunc
	labels unsafe.Pointer // of its goroutines
	ending unsafe.Pointer // of its goroutines that are being ended
	marks  context.Context

	goroutine atomic.Int64 // the ID of the goroutine that it began in
	insist    atomic.Bool  // end deferred functions too

	mu      sync.Mutex
	asked   bool               // it was asked to end
	signals []chan<- os.Signal // the channels on which it asked for interrupts
	exited  bool               // it called os.Exit
	code    int
	trace   string // of the call of os.Exit
	result  json.RawMessage
	reached []int         // the marks of the definitions that were executed
	ended   bool          // the report was made
	done    func(Report)  // called with the report
	stopped chan struct{} // closed when the goroutine that it began in has ended
}

// cells holds the cells that have goroutines.
var cells struct {
	mu      sync.Mutex
	byLabel map[unsafe.Pointer]*Cell
	current *Cell
}

// Current returns the running cell, or nil.
func Current() *Cell {
	cells.mu.Lock()
	defer cells.mu.Unlock()
	return cells.current
}

// owner returns the cell that this goroutine belongs to, or nil.
func owner() *Cell {
	cells.mu.Lock()
	defer cells.mu.Unlock()
	return cells.byLabel[Runtime.Labels()]
}

// ownerOrCurrent also works for a goroutine that has replaced its labels.
func ownerOrCurrent() *Cell {
	if c := owner(); c != nil {
		return c
	}
	return Current()
}

// report reports the end of the cell to the kernel. It returns false if the cell had ended already.
func (c *Cell) report(r Report) bool {
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return false
	}
	c.ended = true
	r.Cell, r.Result, r.Reached = c.id, c.result, slices.Clone(c.reached)
	c.mu.Unlock()
	cells.mu.Lock()
	if cells.current == c {
		cells.current = nil
	}
	cells.mu.Unlock()
	c.done(r)
	return true
}

func (c *Cell) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}
