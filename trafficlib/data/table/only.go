package table

import "slices"

// Only returns the rows whose column has one of the values, as text: t.Only("part", "train"). It
// panics if there is no such column.
func (t *Table) Only(column string, values ...string) *Table {
	return t.Take(t.Rows(column, values...))
}

// Rows returns the numbers of the rows whose column has one of the values, as text. It panics if
// there is no such column.
func (t *Table) Rows(column string, values ...string) []int {
	var rows []int
	for i, v := range t.Strings(column) {
		if slices.Contains(values, v) {
			rows = append(rows, i)
		}
	}
	return rows
}
