package tlsfeat

import (
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// ReadNames reads the names of the features of a session file from the table beside it: a CSV file
// with a row for each feature and the columns "TLS Protocol Name", "Feature Name" and "Enum Value",
// as WriteInfo writes it. A name is made of the three, without those that are "-": "Length",
// "ClientHello Length", "ClientHello Cipher suites 49155". A name that comes a second time gets a
// number. A table with another number of rows than features is an error.
func ReadNames(path string, features int) ([]string, error) {
	columns := []string{"TLS Protocol Name", "Feature Name", "Enum Value"}
	types := map[string]table.Type{}
	for _, c := range columns {
		types[c] = table.String
	}
	t, err := table.ReadCSV(path, table.Options{Columns: columns, Types: types})
	if err != nil {
		return nil, fmt.Errorf("tlsfeat: %w", err)
	}
	if t.NumRows() != features {
		return nil, fmt.Errorf("tlsfeat: %s: names of %d features, the sessions have %d", path, t.NumRows(), features)
	}
	return named(t.Strings(columns[0]), t.Strings(columns[1]), t.Strings(columns[2])), nil
}

// Names returns the names of the columns of the layout, as ReadNames reads them.
func Names() []string {
	var parts [3][]string
	for _, f := range Features() {
		for k, part := range []string{f.Message, f.Name, f.Value} {
			parts[k] = append(parts[k], part)
		}
	}
	return named(parts[:]...)
}

// named joins the parts of each name.
func named(columns ...[]string) []string {
	names := make([]string, len(columns[0]))
	for _, parts := range columns {
		for i, part := range parts {
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
	return names
}
