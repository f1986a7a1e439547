package table

import (
	"fmt"
	"slices"
	"time"
)

// Head returns the first n rows, or all if there are fewer.
func (t *Table) Head(n int) *Table { return t.slice(0, min(max(n, 0), t.rows)) }

// Slice returns rows from … to-1. It panics if they are not all there.
func (t *Table) Slice(from, to int) *Table {
	if from < 0 || to < from || to > t.rows {
		panic(fmt.Sprintf("table: Slice: rows %d … %d of %d", from, to-1, t.rows))
	}
	return t.slice(from, to)
}

func (t *Table) slice(from, to int) *Table {
	part := &Table{rows: to - from}
	for _, c := range t.columns {
		part.columns = append(part.columns, c.slice(from, to))
	}
	return part
}

// Select returns the named columns, in that order. It panics if one is not there.
func (t *Table) Select(names ...string) *Table {
	part := &Table{rows: t.rows}
	for _, name := range names {
		part.columns = append(part.columns, t.Column(name))
	}
	return New(part.columns...)
}

// Drop returns all columns but the named ones. It panics if one is not there.
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

// Rename returns the table with another name for a column. It panics if there is no column old, or
// another column has the name.
func (t *Table) Rename(old, name string) *Table {
	t.Column(old)
	columns := slices.Clone(t.columns)
	columns[t.find(old)].name = name
	return New(columns...)
}

// With returns the table with one more column, which replaces one of the same name. It panics if
// its length differs.
func (t *Table) With(c Column) *Table {
	columns := slices.Clone(t.columns)
	if i := t.find(c.name); i >= 0 {
		columns[i] = c
	} else {
		columns = append(columns, c)
	}
	return New(columns...)
}

// Where returns the rows for which keep is true.
func (t *Table) Where(keep func(r Row) bool) *Table {
	var index []int
	for i := range t.rows {
		if keep(Row{t, i}) {
			index = append(index, i)
		}
	}
	return t.Take(index)
}

// A Row is one row of a table, for Where.
type Row struct {
	t *Table
	i int
}

// Index returns the number of the row, from 0.
func (r Row) Index() int { return r.i }

// Float64 returns a value of a column of numbers. It panics if the column is not there or holds
// text.
func (r Row) Float64(name string) float64 {
	return r.t.Column(name).slice(r.i, r.i+1).Float64s()[0]
}

// String returns a value as text; see Column.Strings. It panics if the column is not there.
func (r Row) String(name string) string {
	return r.t.Column(name).slice(r.i, r.i+1).Strings()[0]
}

// Bool returns a value of a Bool column. It panics if the column is not there or of another type.
func (r Row) Bool(name string) bool { return Values[bool](r.t, name)[r.i] }

// Time returns a value of a Time column. It panics if the column is not there or of another type.
func (r Row) Time(name string) time.Time { return Values[time.Time](r.t, name)[r.i] }
