// Package table holds named, typed columns in memory: packets, labels, scores, and rows of flows.
//
// It takes CSV files (ReadCSV) and returns tables, to look at (Head, Counts, Describe), to select
// from (Where, Only, Select, Drop), to join (Concat, With), and to keep as Arrow IPC files (Save,
// Open) that pandas, Polars and DuckDB read too. A table shows itself as text and as HTML.
//
// Reading refuses what it cannot read, and names file, line and column, unless a Policy says
// otherwise; Report then lists what was changed. A table never changes: methods return a new one,
// which may share memory with the old. Asking for a column that is not there, or as another type,
// is a programmer's mistake and panics.
package table

import "fmt"

// A Table is columns of one length. The zero value is a table without columns.
type Table struct {
	columns []Column
	rows    int
	report  Report
}

// New makes a table. It panics if the columns differ in length or two have one name.
func New(columns ...Column) *Table {
	t := &Table{}
	for i, c := range columns {
		if i == 0 {
			t.rows = c.Len()
		}
		if c.Len() != t.rows {
			panic(fmt.Sprintf("table: New: column %q has %d rows, column %q has %d", c.name, c.Len(), columns[0].name, t.rows))
		}
		if t.Has(c.name) {
			panic(fmt.Sprintf("table: New: two columns %q", c.name))
		}
		t.columns = append(t.columns, c)
	}
	return t
}

// FromRows makes a table of rows of numbers, row-major, [n][len(names)], as encoders return them: a
// Float32 column for each name. It panics if the numbers are not whole rows.
func FromRows(names []string, rows []float32) *Table {
	if len(names) == 0 || len(rows)%len(names) != 0 {
		panic(fmt.Sprintf("table: FromRows: %d values are not whole rows of %d columns", len(rows), len(names)))
	}
	columns := make([]Column, len(names))
	for k, name := range names {
		values := make([]float32, len(rows)/len(names))
		for i := range values {
			values[i] = rows[i*len(names)+k]
		}
		columns[k] = Col(name, values)
	}
	return New(columns...)
}

// NumRows returns the number of rows.
func (t *Table) NumRows() int { return t.rows }

// Names returns the names of the columns, in order.
func (t *Table) Names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return names
}

func (t *Table) find(name string) int {
	for i, c := range t.columns {
		if c.name == name {
			return i
		}
	}
	return -1
}

// Has reports whether there is a column of that name.
func (t *Table) Has(name string) bool { return t.find(name) >= 0 }

// Column returns a column. It panics if there is none of that name.
func (t *Table) Column(name string) Column {
	i := t.find(name)
	if i < 0 {
		panic(fmt.Sprintf("table: no column %q: there are %q", name, t.Names()))
	}
	return t.columns[i]
}

// Text reports whether a column holds text, which Float64s cannot return as numbers. It panics if
// there is no such column.
func (t *Table) Text(name string) bool { return t.Column(name).Type() == String }

// Float64s returns the values of a column of numbers as float64; see Column.Float64s.
func (t *Table) Float64s(name string) []float64 { return t.Column(name).Float64s() }

// Strings returns the values of a column as text; see Column.Strings.
func (t *Table) Strings(name string) []string { return t.Column(name).Strings() }

// Report returns what reading the file changed. It is empty for tables that ReadCSV did not return.
func (t *Table) Report() Report { return t.report }

// Ints returns the values of a column of integers as ints. It panics as Values does.
func (t *Table) Ints(name string) []int {
	v := Values[int64](t, name)
	ints := make([]int, len(v))
	for i, x := range v {
		ints[i] = int(x)
	}
	return ints
}
