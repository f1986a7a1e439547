package table

import (
	"fmt"
	"slices"
	"time"
)

// Concat returns the rows of all tables, one table behind the other. It panics without a table, or
// if they differ in the names, the order or the types of their columns.
func Concat(tables ...*Table) *Table {
	first := tables[0]
	whole := &Table{columns: slices.Clone(first.columns)}
	for _, t := range tables {
		if !slices.Equal(t.Names(), first.Names()) {
			panic(fmt.Sprintf("table: Concat: columns %q behind %q", t.Names(), first.Names()))
		}
		whole.rows += t.rows
	}
	for k, c := range first.columns {
		var parts []Column
		for _, t := range tables {
			if t.columns[k].Type() != c.Type() {
				panic(fmt.Sprintf("table: Concat: column %q is %v behind %v", c.name, t.columns[k].Type(), c.Type()))
			}
			parts = append(parts, t.columns[k])
		}
		whole.columns[k] = join(parts)
	}
	return whole
}

// join concatenates columns of one type, under the name of the first.
func join(parts []Column) Column {
	c := parts[0]
	switch c.values.(type) {
	case []float64:
		c.values = joined[float64](parts)
	case []float32:
		c.values = joined[float32](parts)
	case []int64:
		c.values = joined[int64](parts)
	case []string:
		c.values = joined[string](parts)
	case []bool:
		c.values = joined[bool](parts)
	case []time.Time:
		c.values = joined[time.Time](parts)
	}
	return c
}

func joined[T Value](parts []Column) (all []T) {
	for _, p := range parts {
		all = append(all, p.values.([]T)...)
	}
	return all
}

// Take returns the rows of the given numbers, in that order. It panics if a number is not in the
// table.
func (t *Table) Take(index []int) *Table {
	part := &Table{rows: len(index)}
	for _, c := range t.columns {
		part.columns = append(part.columns, c.take(index))
	}
	return part
}
