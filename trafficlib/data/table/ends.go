package table

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/trafficlab/trafficlab/trafficlib/internal/grid"
)

// Ends shows the first and last rows of a table, as pandas does.
type Ends struct {
	t *Table
	n int
}

// Ends returns a view of the first and last n rows with all columns, the numbers of the rows, and
// the size of the table.
func (t *Table) Ends(n int) Ends { return Ends{t, max(n, 0)} }

func (e Ends) layout() *grid.Grid {
	t := e.t
	g := &grid.Grid{Header: []string{""}, Right: []bool{true},
		Note: fmt.Sprintf("[%d rows x %d columns]", t.rows, len(t.columns))}
	show := make([]func(i int) string, len(t.columns))
	for k, c := range t.columns {
		g.Header, g.Right = append(g.Header, c.name), append(g.Right, true)
		show[k] = c.show
		if c.fractions() {
			show[k] = c.fixed
		}
	}
	add := func(from, to int) {
		for i := from; i < to; i++ {
			row := []string{strconv.Itoa(i)}
			for k := range t.columns {
				row = append(row, show[k](i))
			}
			g.Add(row...)
		}
	}
	if 2*e.n >= t.rows {
		add(0, t.rows)
		return g
	}
	add(0, e.n)
	dots := make([]string, len(g.Header))
	for k := range dots {
		dots[k] = "..."
	}
	g.Add(dots...)
	add(t.rows-e.n, t.rows)
	return g
}

// fractions reports whether it is a column of floats that are not all whole.
func (c Column) fractions() bool {
	if t := c.Type(); t != Float64 && t != Float32 {
		return false
	}
	return slices.ContainsFunc(c.Float64s(), func(v float64) bool { return v != math.Trunc(v) })
}

// fixed returns value i with six decimals, so that the values of a column align.
func (c Column) fixed(i int) string {
	return strconv.FormatFloat(c.slice(i, i+1).Float64s()[0], 'f', 6, 64)
}

// String returns the view as aligned text.
func (e Ends) String() string { return e.layout().Text() }

// MIME returns the view as text and as an HTML table.
func (e Ends) MIME() (map[string]any, error) { return e.layout().MIME() }
