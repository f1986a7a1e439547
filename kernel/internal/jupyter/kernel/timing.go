package kernel

import (
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
	"github.com/trafficlab/trafficlab/kernel/internal/session"
)

// A timing is what %time or %timeit asks for.
type timing struct {
	name      string // the magic; "" for none
	statement string // the statement after it; "" for the whole cell
}

// set records the magic.
func (t *timing) set(name, statement string) *goerror.Error {
	if t.name != "" {
		return goerror.New(name + ": a cell can be timed only once")
	}
	t.name, t.statement = name, statement
	return nil
}

// wrap returns the Go to run. What %timeit times runs in a function of its own, at its place in the
// cell so that lines keep their numbers.
func (t *timing) wrap(code string) string {
	switch {
	case t.name == "":
		return code
	case t.name == "%timeit" && t.statement == "":
		return "ᐧlive.Time(func() {" + code + "\n})"
	case t.name == "%timeit":
		return code + "\nᐧlive.Time(func() {" + t.statement + "\n})"
	}
	return code + "\n" + t.statement
}

// report prints how long the cell took.
func (t *timing) report(c *cell, ran session.Outcome) {
	if t.name != "%time" {
		return
	}
	c.warn("%s (compiled in %s, linked in %s)", short(ran.Took), short(ran.Compile), short(ran.Link))
}

// short rounds a duration to three digits.
func short(d time.Duration) string {
	step := time.Duration(1)
	for d/step >= 1000 {
		step *= 10
	}
	return d.Round(step).String()
}
