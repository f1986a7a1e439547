package kernel

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
	"github.com/trafficlab/trafficlab/kernel/internal/session"
)

// rerun runs the cells again that have made the session's values, in order: all of them, or those
// whose numbers are given, as in %rerun 3 5-7. It stops at the first that fails.
func (c *cell) rerun(which string) *goerror.Error {
	wanted, err := parseNumbers(which)
	if err != nil {
		return goerror.New(err.Error())
	}
	made := c.k.living.Origins()
	if which == "" {
		c.k.living.Forget()
	}
	ran := 0
	for _, m := range made {
		if wanted != nil && !wanted[m.Count] {
			continue
		}
		c.warn("cell %d", m.Count)
		r, err := c.k.living.Run(c.ctx, session.Cell{Count: m.Count, Code: m.Code}, sessionOutput{c})
		if failure := c.outcome(r, err); failure != nil || c.ctx.Err() != nil {
			return failure
		}
		delete(wanted, m.Count)
		ran++
	}
	for n := range wanted {
		return goerror.New(fmt.Sprintf("%%rerun %d: cell %d has declared no names, or has not run", n, n))
	}
	if ran == 0 {
		c.warn("no cell has declared a name")
	}
	return nil
}

// parseNumbers parses numbers of cells and ranges of them; nil if there are none.
func parseNumbers(text string) (map[int]bool, error) {
	fields := strings.Fields(strings.ReplaceAll(text, ",", " "))
	if len(fields) == 0 {
		return nil, nil
	}
	out := map[int]bool{}
	for _, f := range fields {
		from, to, ok := strings.Cut(f, "-")
		if !ok {
			to = from
		}
		a, err := strconv.Atoi(from)
		b, err2 := strconv.Atoi(to)
		if err != nil || err2 != nil || a < 1 || b < a || b-a > 100_000 {
			return nil, fmt.Errorf("%%rerun %s: %q is neither the number of a cell nor a range such as 3-5", text, f)
		}
		for n := a; n <= b; n++ {
			out[n] = true
		}
	}
	return out, nil
}
