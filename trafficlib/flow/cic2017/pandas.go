package cic2017

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

// eachRow passes on the rows of a table that pandas wrote with DataFrame.to_json, {"column": {"0":
// value, "1": value, …}, …}, in the order of their numbers and from 1. The table is held in memory,
// since it is written column by column.
func eachRow(in io.Reader, do func(n int, r results.Record) error) error {
	d := json.NewDecoder(in)
	want := func(delim json.Delim) error {
		t, err := d.Token()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err == nil && t != delim {
			if text, ok := t.(string); ok { // an error is one line
				t = strconv.Quote(text[:min(len(text), 40)])
			}
			err = fmt.Errorf("%v where %v was expected: want {column: {row: value}}", t, delim)
		}
		return err
	}
	if err := want('{'); err != nil {
		return err
	}
	var names, keys []string
	var columns [][][]string // by column and row, the values
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name := t.(string)
		if slices.Contains(names, name) {
			return fmt.Errorf("two columns %q", name)
		}
		if err := want('{'); err != nil {
			return fmt.Errorf("column %q: %w", name, err)
		}
		var column [][]string
		for i := 0; d.More(); i++ {
			t, err := d.Token()
			if err != nil {
				return err
			}
			key := t.(string)
			if len(names) == 0 {
				keys = append(keys, key)
			} else if i >= len(keys) || keys[i] != key {
				return fmt.Errorf("column %q has a row %q where others have another", name, key)
			}
			var raw json.RawMessage
			if err := d.Decode(&raw); err != nil {
				return err
			}
			values, err := results.Values(raw)
			if err != nil {
				return fmt.Errorf("column %q, row %q: %w", name, key, err)
			}
			column = append(column, values)
		}
		if err := want('}'); err != nil {
			return err
		}
		if len(column) != len(keys) {
			return fmt.Errorf("column %q has %d rows, others have %d", name, len(column), len(keys))
		}
		names, columns = append(names, name), append(columns, column)
	}
	if err := want('}'); err != nil {
		return err
	}
	order, err := byNumber(keys)
	if err != nil {
		return err
	}
	r := make(results.Record, len(names))
	for n, row := range order {
		for k, name := range names {
			r[k] = results.Field{Name: name, Values: columns[k][row]}
		}
		if err := do(n+1, r); err != nil {
			return err
		}
	}
	return nil
}

// byNumber returns the rows in the order of their numbers.
func byNumber(keys []string) ([]int, error) {
	number, order := make([]int, len(keys)), make([]int, len(keys))
	for i, key := range keys {
		n, err := strconv.Atoi(key)
		if err != nil {
			return nil, fmt.Errorf("row %q has no number", key)
		}
		number[i], order[i] = n, i
	}
	slices.SortStableFunc(order, func(a, b int) int { return number[a] - number[b] })
	for i := 1; i < len(order); i++ {
		if number[order[i]] == number[order[i-1]] {
			return nil, fmt.Errorf("two rows %d", number[order[i]])
		}
	}
	return order, nil
}
