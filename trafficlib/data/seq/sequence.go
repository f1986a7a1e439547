package seq

import "github.com/trafficlab/trafficlab/trafficlib/data/table"

// Sequence returns the steps of sequence i as a table: their numbers in a column step, and a column
// for each feature that is not zero in all of them, by its name.
func (s *Set) Sequence(i int) *table.Table {
	rows := s.At(i)
	number := make([]int64, s.Steps(i))
	for k := range number {
		number[k] = int64(k)
	}
	columns := []table.Column{table.Col("step", number)}
	for f, name := range s.Names() {
		column := make([]float32, 0, s.Steps(i))
		used := false
		for at := f; at < len(rows); at += s.features {
			column = append(column, rows[at])
			used = used || rows[at] != 0
		}
		if used {
			columns = append(columns, table.Col(name, column))
		}
	}
	return table.New(columns...)
}
