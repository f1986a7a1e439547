package cic2017

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
	"github.com/trafficlab/trafficlab/trafficlib/internal/flowcsv"
	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

// writeCSV writes the flows of a JSON file, which open opens as often as it is called, as CSV:
// first it finds which fields there are, and then it writes them.
func writeCSV(ctx context.Context, out io.Writer, open func() (io.Reader, error)) error {
	var columns []string // of the flow table, as far as there are fields for them
	err := eachRecord(open, func(_ int, r results.Record) error {
		for _, f := range r {
			if name := flowtable.ColumnOf(f.Name); isColumn(name) && !slices.Contains(columns, name) {
				columns = append(columns, name)
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	switch {
	case len(columns) == 0:
		return errors.New("no flows")
	case !slices.Contains(columns, flowtable.Label):
		return fmt.Errorf("no field %q: these are no flows of CICIDS2017", flowtable.Label)
	}
	slices.SortFunc(columns, func(a, b string) int { return flowcsv.Rank(a) - flowcsv.Rank(b) })
	w := csv.NewWriter(out)
	if err := w.Write(columns); err != nil {
		return err
	}
	row := make([]string, len(columns))
	err = eachRecord(open, func(n int, r results.Record) error {
		clear(row)
		for _, f := range r {
			k := slices.Index(columns, flowtable.ColumnOf(f.Name))
			if k < 0 || len(f.Values) == 0 {
				continue
			}
			name, value := columns[k], strings.TrimSpace(f.Values[0])
			switch flowcsv.RoleOf(flowcsv.Key(name)) {
			case flowcsv.Number, flowcsv.Port, flowcsv.Protocol:
				if _, err := strconv.ParseFloat(value, 64); err != nil && value != "" {
					return fmt.Errorf("record %d: field %q: %q is not a number", n, f.Name, value)
				}
			case flowcsv.Label:
				if len(f.Values) > 1 {
					return fmt.Errorf("record %d: %d labels, want one", n, len(f.Values))
				}
			}
			row[k] = quotes.Replace(value)
		}
		return w.Write(row)
	})
	if err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

func isColumn(name string) bool { return flowcsv.Rank(name) < len(flowcsv.Names) }

// quotes replaces what needs more than plain quotes in a CSV file.
var quotes = strings.NewReplacer(`"`, "'", "\n", " ", "\r", " ")

// eachRecord passes on the records of a JSON file, from 1.
func eachRecord(open func() (io.Reader, error), do func(n int, r results.Record) error) error {
	in, err := open()
	if err != nil {
		return err
	}
	b := bufio.NewReaderSize(in, 1<<16)
	if isPandas(b) {
		return eachRow(b, do)
	}
	if _, err := b.Peek(1); err == io.EOF {
		return errors.New("the file is empty")
	}
	n := 0
	for r, err := range results.Records(b) {
		if err != nil {
			return errors.New(strings.TrimPrefix(err.Error(), "results: "))
		}
		n++
		if err := do(n, r); err != nil {
			return err
		}
	}
	return nil
}

// isPandas distinguishes a table of pandas from a response of Splunk by its first key.
func isPandas(in *bufio.Reader) bool {
	head, _ := in.Peek(4096)
	head = bytes.TrimLeft(head, " \t\r\n{")
	key, _, _ := bytes.Cut(bytes.TrimPrefix(head, []byte(`"`)), []byte(`"`))
	splunk := []string{"preview", "init_offset", "messages", "fields", "results", "result", "lastrow", "offset"}
	return bytes.HasPrefix(head, []byte(`"`)) && !slices.Contains(splunk, string(key))
}
