package live

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"sync/atomic"
	"time"
	"unsafe"
)

// stop is not 0 while goroutines of some cell are to end.
var stop atomic.Uint32

// Stopped reports whether some cell is being stopped. If it returns true, the caller must call
// [Check].
func Stopped() bool { return stop.Load() != 0 }

// stopping lists the cells whose goroutines are to end.
var stopping atomic.Pointer[[]*Cell]

// Check ends this goroutine, as runtime.Goexit does, if it belongs to a cell that is being stopped.
// Its deferred functions run; for a while Check does not end those.
func Check() {
	list := stopping.Load()
	if list == nil {
		return
	}
	mine := Runtime.Labels()
	for _, c := range *list {
		if mine == c.labels || mine == c.ending && c.insist.Load() {
			pprof.SetGoroutineLabels(c.marks)
			runtime.Goexit()
		}
	}
}

// errInterrupted is the cause with which the context of an interrupted cell is canceled.
var errInterrupted = errors.New("interrupted")

// The times of a stop.
const (
	signalGrace  = 800 * time.Millisecond  // before code that watches the context or signals is stopped as well
	parkedGrace  = time.Second             // before a goroutine that waits is left behind
	finishGrace  = 5 * time.Second         // the same for code that may be finishing its work
	pollInterval = 200 * time.Millisecond  // between two checks whether it waits
	deferGrace   = 1500 * time.Millisecond // before deferred functions are ended as well
)

// Interrupt asks a cell to end, and cancels its context. Code that has never looked at the context
// or asked for signals is stopped at once, other code a little later. Code that has taken the
// signal, or has looked at the context since, has three quarters of grace to finish; after the
// whole of it the kernel ends the process. Code that then still waits for something is left behind.
// A second call stops all of it at once.
func (c *Cell) Interrupt(grace time.Duration) {
	c.mu.Lock()
	insist := c.asked
	c.asked = true
	couldLook := c.ctx.looked.Load() || len(c.signals) > 0
	c.mu.Unlock()
	wait, patience := time.Duration(0), parkedGrace
	if couldLook && !insist {
		wait, patience = signalGrace, finishGrace
	}
	c.cancel(errInterrupted)
	go func() {
		if c.stoppedWithin(wait) {
			return
		}
		if wait > 0 && c.heeds() {
			if c.stoppedWithin(grace*3/4 - wait) {
				return
			}
			patience = parkedGrace // it has had its time
		}
		c.end()
		ended := time.Now()
		for waits := 0; !c.stoppedWithin(pollInterval); {
			since := time.Since(ended)
			c.insist.Store(since > deferGrace)
			switch {
			case since < patience:
			case !waiting(c.goroutine.Load()):
				waits = 0
			case waits == 0:
				waits++
			default:
				c.report(Report{How: Abandoned})
				return
			}
			if c.over() {
				return
			}
		}
	}()
}

// heeds reports whether code of the cell has noticed that it is to end: it has looked at the
// canceled context, or taken the signal from a channel.
func (c *Cell) heeds() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := func(on chan<- os.Signal) bool { return len(on) == 0 }
	return c.ctx.late.Load() || slices.ContainsFunc(c.signals, taken)
}

func (c *Cell) stoppedWithin(d time.Duration) bool {
	select {
	case <-c.stopped:
		return true
	case <-time.After(d):
		return false
	}
}

// end makes the goroutines of a cell end at their next call of Check.
func (c *Cell) end() {
	cells.mu.Lock()
	defer cells.mu.Unlock()
	var list []*Cell
	if old := stopping.Load(); old != nil {
		list = slices.Clone(*old)
	}
	if slices.Contains(list, c) {
		return
	}
	list = append(list, c)
	stopping.Store(&list)
	stop.Store(1)
	if len(list) == 1 {
		go watch()
	}
}

// watch keeps stop set until no cell that is being stopped has goroutines. In the first seconds
// stop is always set, later only one fiftieth of the time: otherwise the goroutines of other cells
// would pay for one that waits for ever.
func watch() {
	began := time.Now()
	for {
		if time.Since(began) < 3*time.Second {
			time.Sleep(20 * time.Millisecond)
		} else {
			for range 20 {
				stop.Store(0)
				time.Sleep(100 * time.Millisecond)
				stop.Store(1)
				time.Sleep(2 * time.Millisecond)
			}
		}
		if !pruneStopping() {
			return
		}
	}
}

// pruneStopping removes the cells without goroutines from the list, and reports whether any remain.
func pruneStopping() bool {
	has := map[unsafe.Pointer]bool{}
	for _, labels := range Runtime.Everyone() {
		has[labels] = true
	}
	cells.mu.Lock()
	defer cells.mu.Unlock()
	var list []*Cell
	for _, c := range *stopping.Load() {
		if has[c.labels] || has[c.ending] {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		stopping.Store(nil)
		stop.Store(0)
		return false
	}
	stopping.Store(&list)
	return true
}

// waiting reports whether a goroutine is parked: it waits for a channel, a lock, a timer or a
// connection, and does not compute.
func waiting(number int64) bool {
	buf := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		if len(buf) >= 1<<28 {
			break
		}
		buf = make([]byte, 4*len(buf))
	}
	state := stateOf(buf, number)
	for _, busy := range []string{"", "running", "runnable", "syscall", "copystack", "preempted"} {
		if state == busy {
			return false
		}
	}
	return true
}

// stateOf returns the state of a goroutine in a trace: what it does or waits for.
func stateOf(trace []byte, number int64) string {
	head := []byte("goroutine " + strconv.FormatInt(number, 10) + " [")
	if !bytes.HasPrefix(trace, head) {
		i := bytes.Index(trace, append([]byte("\n"), head...))
		if i < 0 {
			return ""
		}
		trace = trace[i+1:]
	}
	state, _, _ := bytes.Cut(trace[len(head):], []byte("]"))
	state, _, _ = bytes.Cut(state, []byte(","))
	return string(state)
}
