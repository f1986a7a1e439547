package live

import (
	"bytes"
	"context"
	"runtime"
	"runtime/pprof"
	"strconv"
	"unsafe"
)

// label is the key of the label of a cell's goroutines.
const label = "cell"

// Start runs a cell in a new goroutine and returns at once. It calls done once, when the cell has
// ended for the kernel; goroutines of the cell may still run.
func Start(id int, run func(), done func(Report)) *Cell {
	ctx, cancel := context.WithCancelCause(pprof.WithLabels(context.Background(),
		pprof.Labels(label, strconv.Itoa(id))))
	c := &Cell{id: id, ctx: &cellContext{Context: ctx}, cancel: cancel, done: done, stopped: make(chan struct{})}
	c.marks = pprof.WithLabels(context.Background(), pprof.Labels(label, strconv.Itoa(id)+" ends"))
	cells.mu.Lock()
	cells.current = c
	cells.mu.Unlock()
	prune()
	freshFlags()
	if Runtime.NewCell != nil {
		Runtime.NewCell(c.ctx)
	}
	ready := make(chan struct{})
	go func() {
		c.begin(ctx)
		close(ready)
		c.run(run)
	}()
	<-ready
	return c
}

// pruneAfter is the number of cells that are remembered before those without goroutines are
// dropped.
const pruneAfter = 128

// prune forgets the cells that have ended and have no goroutines left.
func prune() {
	cells.mu.Lock()
	n := len(cells.byLabel)
	cells.mu.Unlock()
	if n < 2*pruneAfter {
		return
	}
	has := map[unsafe.Pointer]bool{}
	for _, labels := range Runtime.Everyone() {
		has[labels] = true
	}
	cells.mu.Lock()
	defer cells.mu.Unlock()
	for _, c := range cells.byLabel {
		if c.over() && !has[c.labels] && !has[c.ending] {
			delete(cells.byLabel, c.labels)
			delete(cells.byLabel, c.ending)
		}
	}
}

// begin makes this goroutine the cell's.
func (c *Cell) begin(ctx context.Context) {
	pprof.SetGoroutineLabels(c.marks)
	c.ending = Runtime.Labels()
	pprof.SetGoroutineLabels(ctx)
	c.labels = Runtime.Labels()
	c.goroutine.Store(goroutine())
	cells.mu.Lock()
	defer cells.mu.Unlock()
	if cells.byLabel == nil {
		cells.byLabel = map[unsafe.Pointer]*Cell{}
	}
	cells.byLabel[c.labels], cells.byLabel[c.ending] = c, c
}

// run runs the cell's code. It returns, or its goroutine ends in runtime.Goexit or Unrecovered.
func (c *Cell) run(code func()) {
	returned := false
	defer func() {
		if !returned && panicking() {
			return // Unrecovered follows
		}
		// After a normal return the goroutines that the cell started may continue, under its
		// context.
		if !returned {
			c.cancel(nil)
		}
		close(c.stopped)
		c.mu.Lock()
		r := Report{How: OK}
		switch {
		case c.exited:
			r.How, r.Code, r.Trace = Exited, c.code, c.trace
		case c.asked && !returned:
			r.How = Interrupted
		case !returned:
			r.How = Goexited
		}
		c.mu.Unlock()
		c.report(r)
	}()
	code()
	returned = true
}

// panicking reports whether the deferred function that calls it runs because of a panic, not
// because of runtime.Goexit.
func panicking() bool {
	var pcs [8]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		switch f.Function {
		case "runtime.gopanic":
			return true
		case "runtime.Goexit":
			return false
		}
		if !more {
			return false
		}
	}
}

// goroutine returns the ID of this goroutine, as traces print it.
func goroutine() int64 {
	var buf [64]byte
	words := bytes.Fields(buf[:runtime.Stack(buf[:], false)])
	if len(words) < 2 {
		return 0
	}
	n, _ := strconv.ParseInt(string(words[1]), 10, 64)
	return n
}
