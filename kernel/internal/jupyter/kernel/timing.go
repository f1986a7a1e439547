package kernel

import (
	"fmt"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
	"github.com/trafficlab/trafficlab/kernel/internal/session"
)

// A timing is what %time and %timeit ask of a cell.
type timing struct {
	name      string // the magic, "" for none
	statement string // that stands behind it; "" for the whole cell
}

func (t *timing) set(name, statement string) *goerror.Error {
	if t.name != "" {
		return failed(name + ": a cell can be timed once")
	}
	t.name, t.statement = name, statement
	return nil
}

// wrap returns the Go that is to run. What is timed many times runs in a function of its own, in the cell's place for it
// so that all lines keep their numbers.
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

// tell says how long the cell took.
func (t *timing) tell(c *cell, ran session.Outcome) {
	if t.name != "%time" {
		return
	}
	c.out.add("stderr", []byte(fmt.Sprintf("%s (compiled in %s, linked in %s)\n", short(ran.Took), short(ran.Compile), short(ran.Link))))
}

// short writes a duration with three digits.
func short(d time.Duration) string {
	step := time.Duration(1)
	for d/step >= 1000 {
		step *= 10
	}
	return d.Round(step).String()
}
