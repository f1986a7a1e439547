package cic2017

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

// SaveJSON writes the flows as pandas' DataFrame.to_json does: {"column": {"0": value, "1": value, …}, …}, values as
// text, as Splunk has them, several as a list, and null for none. pandas.read_json reads it, and so does Read.
func (f *Flows) SaveJSON(path string) error {
	err := atomicfile.Write(path, func(w io.Writer) error {
		b := bufio.NewWriter(w)
		b.WriteByte('{')
		for k, name := range f.names {
			if k > 0 {
				b.WriteByte(',')
			}
			key, err := json.Marshal(name)
			if err != nil {
				return err
			}
			b.Write(key)
			b.WriteString(":{")
			for i, values := range f.cells[k] {
				var value any
				switch len(values) {
				case 0:
				case 1:
					value = values[0]
				default:
					value = values
				}
				text, err := json.Marshal(value)
				if err != nil {
					return err
				}
				if i > 0 {
					b.WriteByte(',')
				}
				fmt.Fprintf(b, `"%d":%s`, i, text)
			}
			b.WriteByte('}')
		}
		b.WriteString("}\n")
		return b.Flush()
	})
	if err != nil {
		return fmt.Errorf("cic2017: %w", err)
	}
	return nil
}

// readPandas reads what SaveJSON or pandas wrote. Its rows are in the order of their numbers.
func readPandas(in io.Reader) (*Flows, error) {
	d := json.NewDecoder(in)
	want := func(delim json.Delim) error {
		t, err := d.Token()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err == nil && t != delim {
			err = fmt.Errorf("%v where %v was to be: want {column: {row: value}}", t, delim)
		}
		return err
	}
	if err := want('{'); err != nil {
		return nil, err
	}
	f := &Flows{}
	var rows []string // their keys, in order
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name := t.(string)
		if slices.Contains(f.names, name) {
			return nil, fmt.Errorf("two columns %q", name)
		}
		if err := want('{'); err != nil {
			return nil, fmt.Errorf("column %q: %w", name, err)
		}
		var cells [][]string
		for i := 0; d.More(); i++ {
			t, err := d.Token()
			if err != nil {
				return nil, err
			}
			key := t.(string)
			if len(f.names) == 0 {
				rows = append(rows, key)
			} else if i >= len(rows) || rows[i] != key {
				return nil, fmt.Errorf("column %q has a row %q where others have another", name, key)
			}
			var raw json.RawMessage
			if err := d.Decode(&raw); err != nil {
				return nil, err
			}
			values, err := results.Values(raw)
			if err != nil {
				return nil, fmt.Errorf("column %q, row %q: %w", name, key, err)
			}
			cells = append(cells, values)
		}
		if err := want('}'); err != nil {
			return nil, err
		}
		if len(cells) != len(rows) {
			return nil, fmt.Errorf("column %q has %d rows, others have %d", name, len(cells), len(rows))
		}
		f.names, f.cells = append(f.names, name), append(f.cells, cells)
	}
	if err := want('}'); err != nil {
		return nil, err
	}
	f.rows = len(rows)
	return f, f.order(rows)
}

// order sorts the rows by their numbers, where they have some.
func (f *Flows) order(keys []string) error {
	number := make([]int, len(keys))
	index := make([]int, len(keys))
	for i, key := range keys {
		n, err := strconv.Atoi(key)
		if err != nil {
			return fmt.Errorf("row %q has no number", key)
		}
		number[i], index[i] = n, i
	}
	slices.SortStableFunc(index, func(a, b int) int { return number[a] - number[b] })
	for i := 1; i < len(index); i++ {
		if number[index[i]] == number[index[i-1]] {
			return fmt.Errorf("two rows %d", number[index[i]])
		}
	}
	for k, cells := range f.cells {
		sorted := make([][]string, len(cells))
		for i, at := range index {
			sorted[i] = cells[at]
		}
		f.cells[k] = sorted
	}
	return nil
}
