package fit

import (
	"math"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// A Stopwatch is a Callback that records when each point of the history was reached, compiling
// included.
type Stopwatch struct {
	began   time.Time
	steps   []int64
	seconds []float64
}

// StartWatch starts a stopwatch.
func StartWatch() *Stopwatch { return &Stopwatch{began: time.Now()} }

// Point records the time.
func (w *Stopwatch) Point(m Checkpoint) error {
	w.steps, w.seconds = append(w.steps, int64(m.Step)), append(w.seconds, time.Since(w.began).Seconds())
	return nil
}

// Table returns the columns step and seconds, a row for each point.
func (w *Stopwatch) Table() *table.Table {
	return table.New(table.Col("step", w.steps), table.Col("seconds", w.seconds))
}

// SecondsAt returns when a step was reached, by the table of a Stopwatch: the time of the first
// point that is not before it, NaN if there is none.
func SecondsAt(t *table.Table, step int) float64 {
	for i, s := range table.Values[int64](t, "step") {
		if s >= int64(step) {
			return t.Float64s("seconds")[i]
		}
	}
	return math.NaN()
}
