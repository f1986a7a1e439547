// Package table holds named, typed columns: packets, flows, labels, scores.
//
// It takes CSV files (ReadCSV) and gives tables, which are looked at (Head, Counts, Describe), cut (Where, Select,
// Drop), put behind each other (Concat) and kept between cells as Arrow IPC files (Save, Open) that pandas, Polars and DuckDB read too. Showing a table
// gives text and HTML.
//
// Reading refuses what it can not read, with file, line and column, unless a policy says to skip, clip or keep it; the
// table then tells what was changed (Report). A table never changes: methods give a new one, which may share memory
// with the old. Asking for a column that is not there, or as another type, is the programmer's mistake and panics.
package table

import "fmt"

// A Table is columns of one length. The zero value is a table without columns.
type Table struct {
	columns []Column
	rows    int
	report  Report
}

// New makes a table. It panics when the columns differ in length or two have one name.
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

// FromRows makes a table of rows of numbers, row-major, [n][len(names)], as encoders give them: a Float32 column for
// each name. It panics when the numbers are no whole rows.
func FromRows(names []string, rows []float32) *Table {
	if len(names) == 0 || len(rows)%len(names) != 0 {
		panic(fmt.Sprintf("table: FromRows: %d values are no whole rows of %d columns", len(rows), len(names)))
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

// Rows gives the number of rows.
func (t *Table) NumRows() int { return t.rows }

// Names gives the names of the columns, in order.
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

// Has says whether there is a column of that name.
func (t *Table) Has(name string) bool { return t.find(name) >= 0 }

// Column gives a column. It panics when there is none of that name.
func (t *Table) Column(name string) Column {
	i := t.find(name)
	if i < 0 {
		panic(fmt.Sprintf("table: no column %q: there are %q", name, t.Names()))
	}
	return t.columns[i]
}

// Text says whether a column holds text, of which Float64s can give no numbers. It panics when there is none of that
// name.
func (t *Table) Text(name string) bool { return t.Column(name).Type() == String }

// Float64s gives the values of a column of numbers as float64; see Column.Float64s.
func (t *Table) Float64s(name string) []float64 { return t.Column(name).Float64s() }

// Strings gives the values of a column as text; see Column.Strings.
func (t *Table) Strings(name string) []string { return t.Column(name).Strings() }

// Report tells what reading the file changed. It is empty for tables that were not read from a foreign file, and for
// what is cut out of one.
func (t *Table) Report() Report { return t.report }

// Ints gives the values of a column of integers as ints. It panics as Values does.
func (t *Table) Ints(name string) []int {
	v := Values[int64](t, name)
	ints := make([]int, len(v))
	for i, x := range v {
		ints[i] = int(x)
	}
	return ints
}
