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

// Stopped reports whether a cell is being stopped, perhaps the one that asks: then [Check] is to be
// called.
func Stopped() bool { return stop.Load() != 0 }

// stopping lists the cells whose goroutines are to end.
var stopping atomic.Pointer[[]*Cell]

// Check ends this goroutine, as runtime.Goexit does, if it belongs to a cell that is being stopped.
// Functions that it has deferred run; in them Check ends nothing for a while.
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

// errInterrupted is the cause with which a cell's context is canceled when it is asked to end.
var errInterrupted = errors.New("interrupted")

// These are the times of a stop.
const (
	heeded   = 800 * time.Millisecond  // until code that could look at the context or at signals is stopped too
	parked   = time.Second             // until a goroutine that waits is left behind
	finishes = 5 * time.Second         // the same for one that may be finishing its work
	again    = 200 * time.Millisecond  // between two looks at whether it waits
	insists  = 1500 * time.Millisecond // until functions that are deferred are ended too
)

// Interrupt asks a cell to end. Its context is canceled at once. Code that has never looked at the
// context or asked for signals is stopped at once, other code a little later; code that has taken
// the signal, or has looked at the context since, has most of the grace to finish, after which the
// kernel ends the process. What waits for something then is left behind. A second call stops all of
// it at once.
func (c *Cell) Interrupt(grace time.Duration) {
	c.mu.Lock()
	insist := c.asked
	c.asked = true
	couldLook := c.ctx.looked.Load() || len(c.signals) > 0
	c.mu.Unlock()
	wait, patience := time.Duration(0), parked
	if couldLook && !insist {
		wait, patience = heeded, finishes
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
			patience = parked // it has had its time
		}
		c.end()
		ended := time.Now()
		for waits := 0; !c.stoppedWithin(again); {
			since := time.Since(ended)
			c.insist.Store(since > insists)
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

// heeds reports whether code of the cell has noticed that it is to end.
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

// end has the goroutines of a cell end where they call Check.
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

// watch keeps stop set until no cell that is being stopped has goroutines. The first seconds it is
// set all the time, later for one moment in fifty: goroutines of other cells would pay for one that
// is parked for ever.
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
		if !left() {
			return
		}
	}
}

// left removes the cells that have no goroutine from the list, and reports whether some remain.
func left() bool {
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

// stateOf returns what a trace says of a goroutine: what it does, or waits for.
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
