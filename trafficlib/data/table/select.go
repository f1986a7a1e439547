package table

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Head gives the first n rows, or all when there are fewer.
func (t *Table) Head(n int) *Table { return t.slice(0, min(max(n, 0), t.rows)) }

// Slice gives rows from … to-1. It panics when they are not all there.
func (t *Table) Slice(from, to int) *Table {
	if from < 0 || to < from || to > t.rows {
		panic(fmt.Sprintf("table: Slice: rows %d … %d of %d", from, to-1, t.rows))
	}
	return t.slice(from, to)
}

// SplitAt cuts the table in two where it stands: the first part has frac of the rows, rounded to the nearest. It panics
// when frac is not in 0 … 1.
func (t *Table) SplitAt(frac float64) (a, b *Table) {
	if !(frac >= 0 && frac <= 1) {
		panic(fmt.Sprintf("table: SplitAt: %v is not in 0 … 1", frac))
	}
	cut := int(math.Round(frac * float64(t.rows)))
	return t.slice(0, cut), t.slice(cut, t.rows)
}

func (t *Table) slice(from, to int) *Table {
	part := &Table{rows: to - from}
	for _, c := range t.columns {
		part.columns = append(part.columns, c.slice(from, to))
	}
	return part
}

// Select gives the named columns, in that order. It panics when one is not there.
func (t *Table) Select(names ...string) *Table {
	part := &Table{rows: t.rows}
	for _, name := range names {
		part.columns = append(part.columns, t.Column(name))
	}
	return New(part.columns...)
}

// Drop gives all columns but the named ones. It panics when one is not there.
func (t *Table) Drop(names ...string) *Table {
	for _, name := range names {
		t.Column(name)
	}
	rest := &Table{rows: t.rows}
	for _, c := range t.columns {
		if !slices.Contains(names, c.name) {
			rest.columns = append(rest.columns, c)
		}
	}
	return rest
}

// Rename gives the table with another name for a column. It panics when there is no column old, or there is another
// one called name.
func (t *Table) Rename(old, name string) *Table {
	t.Column(old)
	columns := slices.Clone(t.columns)
	columns[t.find(old)].name = name
	return New(columns...)
}

// With gives the table with one more column, or with another one in place of that of the same name. It panics when its
// length differs.
func (t *Table) With(c Column) *Table {
	columns := slices.Clone(t.columns)
	if i := t.find(c.name); i >= 0 {
		columns[i] = c
	} else {
		columns = append(columns, c)
	}
	return New(columns...)
}

// Where gives the rows for which keep is true.
func (t *Table) Where(keep func(r Row) bool) *Table {
	var index []int
	for i := range t.rows {
		if keep(Row{t, i}) {
			index = append(index, i)
		}
	}
	return t.Take(index)
}

// A Row is one row of a table, as Where shows it.
type Row struct {
	t *Table
	i int
}

// Index gives the number of the row, from 0.
func (r Row) Index() int { return r.i }

// Float64 gives a value of a column of numbers. It panics when the column is not there or holds text.
func (r Row) Float64(name string) float64 {
	return r.t.Column(name).slice(r.i, r.i+1).Float64s()[0]
}

// String gives a value as text; see Column.Strings. It panics when the column is not there.
func (r Row) String(name string) string {
	return r.t.Column(name).slice(r.i, r.i+1).Strings()[0]
}

// Bool gives a value of a Bool column. It panics when the column is not there or of another type.
func (r Row) Bool(name string) bool { return Values[bool](r.t, name)[r.i] }

// Time gives a value of a Time column. It panics when the column is not there or of another type.
func (r Row) Time(name string) time.Time { return Values[time.Time](r.t, name)[r.i] }
