package seq

import (
	"fmt"
	"strconv"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// ReadNames reads what the features of a session file are called out of the table that lies beside it: a CSV file with
// a row for each feature and the columns "TLS Protocol Name", "Feature Name" and "Enum Value". The name of a feature is
// made of the three, without those that are "-": "Length", "ClientHello Length", "ClientHello Cipher suites 49155". A
// name that comes a second time gets a number. A table with another number of rows than features is an error.
//
// Without a path the features are called f0, f1, and so on.
func ReadNames(path string, features int) ([]string, error) {
	names := make([]string, features)
	if path == "" {
		for i := range names {
			names[i] = "f" + strconv.Itoa(i)
		}
		return names, nil
	}
	columns := []string{"TLS Protocol Name", "Feature Name", "Enum Value"}
	types := map[string]table.Type{}
	for _, c := range columns {
		types[c] = table.String
	}
	t, err := table.ReadCSV(path, table.Options{Columns: columns, Types: types})
	if err != nil {
		return nil, fmt.Errorf("seq: %w", err)
	}
	if t.NumRows() != features {
		return nil, fmt.Errorf("seq: %s: names of %d features, the sessions have %d", path, t.NumRows(), features)
	}
	for _, c := range columns {
		for i, part := range t.Strings(c) {
			if part == "-" || part == "" {
				continue
			}
			if names[i] != "" {
				names[i] += " "
			}
			names[i] += part
		}
	}
	seen := map[string]int{}
	for i, name := range names {
		if seen[name]++; seen[name] > 1 {
			names[i] = fmt.Sprintf("%s (%d)", name, seen[name])
		}
	}
	return names, nil
}

// Packets gives the steps of a sequence as a table, a row for each and a column for each feature that is not zero in
// all of them, under the names given. It panics when there are not as many names as features.
func (s *Set) Packets(i int, names []string) *table.Table {
	if len(names) != s.features {
		panic(fmt.Sprintf("seq: Packets: %d names for %d features", len(names), s.features))
	}
	rows := s.At(i)
	number := make([]int64, s.Steps(i))
	for k := range number {
		number[k] = int64(k)
	}
	columns := []table.Column{table.Col("packet", number)}
	for f, name := range names {
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
