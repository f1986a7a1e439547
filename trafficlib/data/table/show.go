package table

import (
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/internal/grid"
)

// layout returns the first 20 rows and columns, with a note of what it leaves out.
func (t *Table) layout() *grid.Grid {
	const most = 20
	g := &grid.Grid{}
	for _, c := range t.columns[:min(len(t.columns), most)] {
		g.Header = append(g.Header, c.name)
		g.Right = append(g.Right, c.numeric())
	}
	for i := range min(t.rows, most) {
		row := make([]string, len(g.Header))
		for k := range row {
			row[k] = t.columns[k].show(i)
		}
		g.Add(row...)
	}
	if t.rows > most {
		g.Note = fmt.Sprintf("… %d more rows", t.rows-most)
	}
	if n := len(t.columns) - most; n > 0 {
		if g.Note != "" {
			g.Note += "; "
		}
		g.Note += fmt.Sprintf("… %d more columns", n)
	}
	return g
}

// String returns the first 20 rows and columns as aligned text, floats with six digits, and a line
// that says how many more there are.
func (t *Table) String() string { return t.layout().Text() }

// MIME returns the same as text and as an HTML table.
func (t *Table) MIME() (map[string]any, error) { return t.layout().MIME() }
