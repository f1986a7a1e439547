package flowtable

import (
	"fmt"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/grid"
)

// A Preview is some rows of a table, which it shows with all of their columns.
type Preview struct {
	*table.Table
	of int
}

// Head returns the first n rows.
func (t *Table) Head(n int) *Preview { return &Preview{t.Rows(0, min(n, t.rows)), t.rows} }

func (p *Preview) grid() *grid.Grid {
	g := &grid.Grid{Header: append([]string{""}, p.Names()...), Right: []bool{true}}
	texts := make([][]string, len(p.Names()))
	for i, name := range p.Names() {
		c := p.Column(name)
		g.Right = append(g.Right, c.Type() != table.String && c.Type() != table.Time)
		switch c.Type() {
		case table.Time:
			times := table.Values[time.Time](p.Table, name)
			texts[i] = each(times, func(t time.Time) string { return t.Format("2006-01-02 15:04:05") })
		case table.Float32, table.Float64:
			texts[i] = each(c.Float64s(), func(x float64) string { return fmt.Sprintf("%.6g", x) })
		default:
			texts[i] = c.Strings()
		}
	}
	for k := range p.NumRows() {
		row := []string{fmt.Sprint(k)}
		for i := range texts {
			row = append(row, texts[i][k])
		}
		g.Add(row...)
	}
	g.Note = fmt.Sprintf("%d of %d rows × %d columns", p.NumRows(), p.of, len(p.Names()))
	return g
}

// String returns the rows as aligned text.
func (p *Preview) String() string { return p.grid().Text() }

// MIME returns them as text and as an HTML table.
func (p *Preview) MIME() (map[string]any, error) { return p.grid().MIME() }
