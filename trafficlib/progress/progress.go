// Package progress carries reports on long work from the library to its observers.
//
// The library reports to the Sink in its context: implement one to show the progress of a training,
// a download or a conversion in your own way, and put it into the context with With. Package nb has
// one that draws a bar in a notebook. A context without a sink gets plain lines on standard error,
// one every few seconds, so that a program, a test or a CI log shows the same reports; Discard
// takes none.
package progress

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// An Update is the state of a piece of work at one moment.
type Update struct {
	Task    string  // what is being done, "train"
	Unit    string  // what is counted, "step"
	Done    int64   // how many are done
	First   int64   // how many were done before this run: a resumed run starts there, and its rate leaves them out
	Total   int64   // how many there are in all; 0 if that is not known
	Metrics []Value // the latest figures, in the order in which to show them
	Curves  []Curve // how the figures went so far, of the same x; nil for none
	Final   bool    // the last update of this piece of work
	Note    string  // with Final: how it ended, if not plainly ("stopped at step 120")
}

// A Value is a named figure.
type Value struct {
	Name  string
	Value float64
}

// A Curve is how a figure went.
type Curve struct {
	Name string
	X, Y []float64
}

// A Sink takes updates. It is called from one goroutine, often (once a step): it decides itself how
// often to draw.
type Sink interface {
	Update(u Update)
}

// SinkFunc is a function that is a sink.
type SinkFunc func(u Update)

// Update calls the function.
func (f SinkFunc) Update(u Update) { f(u) }

// Discard is a sink that ignores all updates.
var Discard Sink = SinkFunc(func(Update) {})

type key struct{}

// With returns a context whose work is reported to sink.
func With(ctx context.Context, sink Sink) context.Context {
	return context.WithValue(ctx, key{}, sink)
}

// From returns the sink of the context; without one, plain lines on standard error.
func From(ctx context.Context) Sink {
	if s, ok := ctx.Value(key{}).(Sink); ok {
		return s
	}
	return &Lines{W: os.Stderr}
}

// Lines is a sink that prints a line every few seconds, and one at the end.
type Lines struct {
	W     io.Writer
	Every time.Duration // 0 means 5 s

	mu    sync.Mutex
	clock Clock
	last  time.Time
}

// Update prints u if it is time to.
func (l *Lines) Update(u Update) {
	l.mu.Lock()
	defer l.mu.Unlock()
	every := l.Every
	if every == 0 {
		every = 5 * time.Second
	}
	now := time.Now()
	rate, eta := l.clock.Tick(u, now)
	if l.last.IsZero() {
		l.last = now // the first line comes after the first wait, not at step 1
	}
	if !u.Final && now.Sub(l.last) < every {
		return
	}
	l.last = now
	fmt.Fprintln(l.W, Line(u, rate, eta))
}

// A Clock computes the rate and the time left of a series of updates. The zero value is ready.
type Clock struct {
	start time.Time
	from  int64
}

// Tick takes an update and returns the units per second so far (0 if unknown) and the time left
// (negative if unknown). Time starts at the first update, so that what was done before it,
// compiling above all, does not count.
func (c *Clock) Tick(u Update, now time.Time) (rate float64, eta time.Duration) {
	if c.start.IsZero() {
		c.start, c.from = now, u.Done
	}
	elapsed := now.Sub(c.start).Seconds()
	if done := u.Done - c.from; done > 0 && elapsed > 0 {
		rate = float64(done) / elapsed
	}
	eta = -1
	if rate > 0 && u.Total > 0 {
		eta = time.Duration(float64(u.Total-u.Done) / rate * float64(time.Second)).Round(time.Second)
	}
	return rate, eta
}

// Line returns an update in one line of plain text. The last line of a piece of work names no
// times, so that the output of a notebook that is run twice is the same twice.
func Line(u Update, rate float64, eta time.Duration) string {
	s := u.Task
	if u.Total > 0 {
		s += fmt.Sprintf(" %s %d/%d", u.Unit, u.Done, u.Total)
	} else {
		s += fmt.Sprintf(" %s %d", u.Unit, u.Done)
	}
	for _, m := range u.Metrics {
		s += fmt.Sprintf(" · %s %.5g", m.Name, m.Value)
	}
	if u.Final {
		if u.Note != "" {
			s += " · " + u.Note
		}
		return s
	}
	if rate > 0 {
		s += fmt.Sprintf(" · %.3g %s/s", rate, u.Unit)
	}
	if eta >= 0 {
		s += fmt.Sprintf(" · %s left", eta)
	}
	return s
}
