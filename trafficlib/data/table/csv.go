package table

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Options says how to read a CSV file. The zero value reads all columns, finds their types, and
// fails at the first fault.
type Options struct {
	Comma      rune            // between columns; 0 means ','
	Columns    []string        // read only these, in this order; nil means all
	Types      map[string]Type // the types of some columns, by name
	TimeLayout string          // of Time columns, as in package time; "" means RFC 3339. Times without a zone are UTC
	True       []string        // further words for true in Bool columns, such as "Set"
	False      []string        // and for false

	// Policy says what is done with missing and infinite values. Rows with a value of another type
	// or with more or fewer columns than the header fail, but for Skip; repeated headers are left
	// out, but for Fail.
	Policy Policy

	// Rows, unless it is nil, says which rows are read: cell returns the text of a column, "" if
	// there is none of that name. Rows that it refuses are left out before anything else, and
	// counted.
	Rows func(cell func(column string) string) bool
}

// ReadCSV reads a CSV file (RFC 4180, with quotes) whose first line names the columns. It removes a
// byte order mark and blanks around names; a repeated name gets ".1", ".2" … as in pandas, and an
// empty one becomes "column 3".
//
// Without a type in Options a column has the first of these types that fits all of its values:
// Int64, Float64 (decimal, with inf and nan in any spelling; an empty cell is a missing value),
// Bool (true, false, True, False, TRUE, FALSE, and the words of Options), String. A column without
// any value is a String column. A Time column must be declared. The file is read twice for this,
// unless all types are declared.
//
// Errors name the place: "table: flows.csv:4127: column "Length": "12a" is not a number". Report
// lists what was changed.
func ReadCSV(path string, o Options) (*Table, error) {
	t, err := readCSV(path, o)
	if err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	return t, nil
}

// Header returns the names of the columns of a CSV file, as ReadCSV names them. Of the options only
// Comma counts.
func Header(path string, o Options) ([]string, error) {
	f := &csvFile{path: path, o: Options{Comma: o.Comma}}
	if err := f.header(); err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	return f.names, nil
}

func readCSV(path string, o Options) (*Table, error) {
	f := &csvFile{path: path, o: o}
	if err := f.header(); err != nil { // finds the columns, whose types are needed first
		return nil, err
	}
	types, err := f.types()
	if err != nil {
		return nil, err
	}
	columns := make([]*builder, len(f.index))
	for k := range columns {
		columns[k] = &builder{typ: types[k], layout: o.TimeLayout, words: words{o.True, o.False}}
	}
	report := Report{}
	rows := 0
	f.bad = func(line int, err error) error {
		if !o.Policy.skips(err) {
			return err
		}
		report.Skipped = append(report.Skipped, line)
		return nil
	}
	err = f.scan(func(line int, record []string) error {
		for k, i := range f.index {
			if err := columns[k].add(record[i], o.Policy); err != nil {
				for _, c := range columns {
					c.cut(rows)
				}
				return f.bad(line, fmt.Errorf("%s:%d: column %q: %w", path, line, f.names[i], err))
			}
		}
		rows++
		return nil
	})
	if err != nil {
		return nil, err
	}
	if rows == 0 && f.left > 0 {
		return nil, fmt.Errorf("%s: none of %d rows is of the kind that is read", path, f.left)
	}
	if rows == 0 {
		return nil, fmt.Errorf("%s: no rows below the header", path)
	}
	report.Left = f.left
	report.Rows = rows + len(report.Skipped) + report.Left
	t := &Table{rows: rows}
	for k, i := range f.index {
		name := f.names[i]
		if o.Policy == Clip {
			n, err := columns[k].clip()
			if err != nil {
				return nil, fmt.Errorf("%s: column %q: %w", path, name, err)
			}
			note(&report.Clipped, name, n)
		}
		if o.Policy == Fill {
			n, err := columns[k].fill()
			if err != nil {
				return nil, fmt.Errorf("%s: column %q: %w", path, name, err)
			}
			note(&report.Filled, name, n)
		}
		note(&report.Kept, name, columns[k].kept)
		note(&report.Replaced, name, len(columns[k].repaired))
		t.columns = append(t.columns, columns[k].column(name))
	}
	t.report = report
	return t, nil
}

func note(m *map[string]int, name string, n int) {
	if n == 0 {
		return
	}
	if *m == nil {
		*m = map[string]int{}
	}
	(*m)[name] += n
}

// A csvFile reads a file, once or twice.
type csvFile struct {
	path  string
	o     Options
	names []string // of all columns of the file
	index []int    // of the columns that are read
	left  int      // rows that Options.Rows refused
	bad   func(line int, err error) error
}

// header reads only the header.
func (f *csvFile) header() error {
	stop := errors.New("stop")
	f.bad = func(int, error) error { return stop }
	err := f.scan(func(int, []string) error { return stop })
	if err == stop {
		return nil
	}
	return err
}

// scan reads the header, and passes each row, with the line it starts at, to row. Rows that have
// another number of columns or repeat the header go to bad.
func (f *csvFile) scan(row func(line int, record []string) error) error {
	file, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer file.Close()
	b := bufio.NewReaderSize(file, 1<<18)
	if mark, _ := b.Peek(3); string(mark) == "\xef\xbb\xbf" {
		b.Discard(3)
	}
	r := csv.NewReader(b)
	r.ReuseRecord, r.FieldsPerRecord = true, -1
	if f.o.Comma != 0 {
		r.Comma = f.o.Comma
	}
	first, err := r.Read()
	if err == io.EOF {
		return fmt.Errorf("%s: the file is empty", f.path)
	}
	if err != nil {
		return f.csvError(err)
	}
	header := slices.Clone(first)
	if err := f.head(header); err != nil {
		return err
	}
	wanted := f.filter()
	for {
		record, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return f.csvError(err)
		}
		line, _ := r.FieldPos(0)
		switch {
		case len(record) != len(header):
			err = f.bad(line, fmt.Errorf("%s:%d: %d columns, want %d as in the header", f.path, line, len(record), len(header)))
		case len(header) > 1 && slices.Equal(record, header):
			err = f.bad(line, fmt.Errorf("%s:%d: %w", f.path, line, errHeader))
		case !wanted(record):
			f.left++
		default:
			err = row(line, record)
		}
		if err != nil {
			return err
		}
	}
}

// filter returns Options.Rows as a function of a row.
func (f *csvFile) filter() func(record []string) bool {
	f.left = 0
	if f.o.Rows == nil {
		return func([]string) bool { return true }
	}
	index := map[string]int{}
	for i, name := range f.names {
		index[name] = i
	}
	var row []string
	cell := func(name string) string {
		if i, ok := index[name]; ok {
			return row[i]
		}
		return ""
	}
	return func(record []string) bool {
		row = record
		return f.o.Rows(cell)
	}
}

// csvError adds the place to an error of encoding/csv.
func (f *csvFile) csvError(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return fmt.Errorf("%s:%d: %w", f.path, p.Line, p.Err)
	}
	return err
}

// head finds the columns.
func (f *csvFile) head(header []string) error {
	f.names, f.index = nil, nil
	seen := map[string]bool{}
	for i, name := range header {
		name = strings.ToValidUTF8(strings.TrimSpace(name), "\ufffd")
		if name == "" {
			name = fmt.Sprintf("column %d", i+1)
		}
		base := name
		for n := 1; seen[name]; n++ {
			name = fmt.Sprintf("%s.%d", base, n)
		}
		seen[name] = true
		f.names = append(f.names, name)
	}
	find := func(name string) (int, error) {
		i := slices.Index(f.names, name)
		if i < 0 {
			return 0, fmt.Errorf("%s: no column %q: there are %q", f.path, name, f.names)
		}
		return i, nil
	}
	for name := range f.o.Types {
		if _, err := find(name); err != nil {
			return err
		}
	}
	if f.o.Columns == nil {
		for i := range f.names {
			f.index = append(f.index, i)
		}
		return nil
	}
	for k, name := range f.o.Columns {
		i, err := find(name)
		if err != nil {
			return err
		}
		if slices.Contains(f.o.Columns[:k], name) {
			return fmt.Errorf("%s: column %q is asked for twice", f.path, name)
		}
		f.index = append(f.index, i)
	}
	return nil
}
