// Package progress carries the news of a long piece of work from the library to whoever watches it.
//
// The library reports to the Sink in its context; package nb puts one there that draws a bar in the notebook. A
// context without one gets plain lines on standard error, one every few seconds, so that a program, a test or a CI
// log shows the same news.
package progress

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// Update is the state of a piece of work at one moment.
type Update struct {
	Task    string  // what is being done, "train"
	Unit    string  // what is counted, "step"
	Done    int64   // how many are done
	First   int64   // how many were done before this run: a resumed run starts there, and its rate leaves them out
	Total   int64   // how many there are in all; 0 when that is not known
	Metrics []Value // the latest figures, in the order in which they are to be shown
	Curves  []Curve // how the figures went so far, of the same x; nil for none
	Final   bool    // the last update of this piece of work
	Note    string  // with Final: how it ended, if not plainly ("stopped at step 120")
}

// Value is a named figure.
type Value struct {
	Name  string
	Value float64
}

// Curve is how a figure went.
type Curve struct {
	Name string
	X, Y []float64
}

// Sink takes updates. It is called from one goroutine, often (once a step): a sink decides itself how often it draws.
type Sink interface {
	Update(u Update)
}

type key struct{}

// With gives a context whose work is reported to sink.
func With(ctx context.Context, sink Sink) context.Context {
	return context.WithValue(ctx, key{}, sink)
}

// From gives the sink of the context; without one, plain lines on standard error.
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

// Update prints u when it is time to.
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

// Clock tells the rate and the time left of a series of updates. The zero value is ready.
type Clock struct {
	start time.Time
	from  int64
}

// Tick takes an update and gives the units per second so far (0 when unknown) and the time left (negative when
// unknown). Time starts at the first update, so what was done before it, compiling above all, does not count.
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

// Line is an update in one line of plain text. The last line of a piece of work names no times, so that the output
// of a notebook that is run twice is the same twice.
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
