// Package live is what cells and the process that they live in share at run time.
//
// It takes part in a cell from its first statement to its end. A cell calls [Stopped] and [Check]
// in its loops, and [Show] with the values of its last expression. The host calls [Start] to run a
// cell in a goroutine of its own, and puts the functions of this package in the place of some of
// the runtime's, for all code in the process: a panic that nobody recovers ends its goroutine and
// is told ([Unrecovered]); os.Exit ends the cell and not the process ([Exit]); reading standard
// input asks the kernel ([Input]).
//
// Which cell a goroutine belongs to is a label of package runtime/pprof, which goroutines inherit.
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

// The runtime is what the host lends of package runtime.
var Runtime struct {
	Labels   func() unsafe.Pointer     // the labels of this goroutine
	Everyone func() []unsafe.Pointer   // the labels of each goroutine
	NewCell  func(ctx context.Context) // called before a cell runs; may be nil
}

// A How is the way in which a cell ended.
type How string

// The ways in which a cell ends.
const (
	OK          How = "ok"
	Panicked    How = "panicked"
	Exited      How = "exited"      // os.Exit
	Goexited    How = "goexited"    // runtime.Goexit
	Interrupted How = "interrupted" // it was asked to, and did
	Abandoned   How = "abandoned"   // it was asked to and waits; it ends when it is back in the cell's code
)

// A Report is how a cell ended.
type Report struct {
	Cell   int             `json:"cell"`
	How    How             `json:"how"`
	Code   int             `json:"code,omitempty"`   // of os.Exit
	Text   string          `json:"text,omitempty"`   // what a panic says
	Trace  string          `json:"trace,omitempty"`  // its stack, with the frames of cells and libraries only
	Result json.RawMessage `json:"result,omitempty"` // the forms of the last expression's value by MIME type

	Reached []int `json:"reached,omitempty"` // the marks of definitions that it has come past
}

// A Cell is one that runs or has run.
type Cell struct {
	id     int
	ctx    *cellContext
	cancel context.CancelCauseFunc
	labels unsafe.Pointer // of its goroutines
	ending unsafe.Pointer // of its goroutines that are being ended
	marks  context.Context

	goroutine atomic.Int64 // the number of the one that it began in
	insist    atomic.Bool  // functions that are deferred are ended too

	mu      sync.Mutex
	asked   bool               // to end
	signals []chan<- os.Signal // on which it has asked for interrupts
	exited  bool               // by os.Exit
	code    int
	trace   string // of the call of os.Exit
	result  json.RawMessage
	reached []int         // the marks of definitions that it has come past
	ended   bool          // the report is made
	done    func(Report)  // called with it
	stopped chan struct{} // closed when the goroutine that it began in has ended
}

// cells is what is known of those that have goroutines.
var cells struct {
	mu      sync.Mutex
	byLabel map[unsafe.Pointer]*Cell
	current *Cell
}

// Current returns the cell that runs, nil for none.
func Current() *Cell {
	cells.mu.Lock()
	defer cells.mu.Unlock()
	return cells.current
}

// owner returns the cell that this goroutine belongs to, nil for none.
func owner() *Cell {
	cells.mu.Lock()
	defer cells.mu.Unlock()
	return cells.byLabel[Runtime.Labels()]
}

// ownerOrCurrent is for a goroutine that has labels of its own.
func ownerOrCurrent() *Cell {
	if c := owner(); c != nil {
		return c
	}
	return Current()
}

// report ends the cell for the kernel, if it has not ended.
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
