package cic2017

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/trafficlab/trafficlab/trafficlib/internal/flowcsv"
	"github.com/trafficlab/trafficlab/trafficlib/source/splunk/results"
)

// Read gives the flows of files, one behind the other, scrubbed: records of Splunk, or a cache of SaveJSON or of pandas'
// to_json, whose names end in .json; published CSV files. All may be gzipped. A file without a flow is an error; of several
// files one that can not be read is left out and named by Notice.
func Read(paths ...string) (*Flows, error) {
	all := &Flows{}
	var odd []string
	for _, path := range paths {
		f, err := read(path)
		switch {
		case err != nil && len(paths) == 1:
			return nil, fmt.Errorf("cic2017: %w", err)
		case err != nil:
			odd = append(odd, err.Error())
			continue
		}
		if all.rows == 0 {
			all = f
		} else {
			all = all.Append(f)
		}
	}
	if all.rows == 0 && len(odd) > 0 {
		return nil, fmt.Errorf("cic2017: none of %d files can be read: %s", len(paths), strings.Join(odd, "; "))
	}
	if all.rows == 0 {
		return nil, fmt.Errorf("cic2017: no files")
	}
	all.left.odd = append(all.left.odd, odd...)
	return all.Scrub(), nil // once more, so that a column that one file alone has is in its place
}

func read(path string) (*Flows, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<16)
	if magic, _ := in.Peek(2); string(magic) == "\x1f\x8b" {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		in = bufio.NewReaderSize(z, 1<<16)
	}
	where := func(row int) string { return fmt.Sprintf("%s: record %d", path, row+1) }
	var flows *Flows
	var lines []int
	if strings.HasSuffix(strings.TrimSuffix(path, ".gz"), ".json") {
		flows, err = readJSON(path, in)
	} else {
		flows, lines, err = readCSV(path, in)
		where = func(row int) string { return fmt.Sprintf("%s:%d", path, lines[row]) }
	}
	if err != nil {
		return nil, err
	}
	if flows.rows == 0 {
		return nil, fmt.Errorf("%s: no flows", path)
	}
	flows = flows.Scrub()
	if err := flows.check(where); err != nil {
		if !strings.Contains(err.Error(), path) {
			err = fmt.Errorf("%s: %w", path, err)
		}
		return nil, err
	}
	if flows = flows.labeled(); flows.rows == 0 {
		return nil, fmt.Errorf("%s: no flow has a label", path)
	}
	return flows, nil
}

// readJSON tells a cache from an answer of Splunk by its first key.
func readJSON(path string, in *bufio.Reader) (*Flows, error) {
	head, _ := in.Peek(4096)
	head = bytes.TrimLeft(head, " \t\r\n{")
	key, _, _ := bytes.Cut(bytes.TrimPrefix(head, []byte(`"`)), []byte(`"`))
	if bytes.HasPrefix(head, []byte(`"`)) && !slices.Contains([]string{"preview", "init_offset", "messages", "fields", "results", "result", "lastrow", "offset"}, string(key)) {
		flows, err := readPandas(in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return flows, nil
	}
	records, err := results.ReadAny(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", path, strings.TrimPrefix(err.Error(), "results: "))
	}
	return From(records), nil
}

// rename is the rule by which the original named the fields in Splunk after the header of the CSV files.
func rename(header string) string {
	name := strings.ToLower(strings.TrimSpace(header))
	return strings.ReplaceAll(strings.ReplaceAll(name, " ", "_"), "/", "_per_")
}

// known are the columns by what their spellings have in common.
var known = func() map[string]string {
	of := map[string]string{}
	for _, name := range slices.Concat(Columns, []string{"flow_id", "timestamp"}) {
		of[flowcsv.Key(name)] = name
	}
	return of
}()

// columnOf returns the name of a column, "" for one that is left out: the number of a row, or what was found out later.
func columnOf(header string) string {
	header = strings.TrimPrefix(header, "\ufeff")
	key := flowcsv.Key(header)
	if name, ok := known[key]; ok {
		return name
	}
	if flowcsv.RoleOf(key) == flowcsv.Left {
		return ""
	}
	return rename(header)
}

// readCSV reads a published file. The column that it has twice, Fwd Header Length, becomes one with two values, as in
// Splunk. Bytes that are not UTF-8 are taken for Windows-1252, of which some labels have a dash.
func readCSV(path string, in io.Reader) (*Flows, []int, error) {
	r := csv.NewReader(in)
	r.ReuseRecord = true
	header, err := r.Read()
	if err == io.EOF {
		return nil, nil, fmt.Errorf("%s: the file is empty", path)
	}
	if err != nil {
		return nil, nil, csvError(path, err)
	}
	f := &Flows{}
	to := make([]int, len(header)) // the column of each cell, -1 for none
	keys := make([]string, len(header))
	for i, h := range header {
		name := columnOf(h)
		if keys[i] = flowcsv.Key(h); name == "" {
			to[i] = -1
			continue
		}
		if base, ok := strings.CutSuffix(name, ".1"); ok && slices.Contains(f.names, base) { // as pandas calls the second one
			name = base
		}
		to[i] = slices.Index(f.names, name)
		if to[i] < 0 {
			to[i] = len(f.names)
			f.names = append(f.names, name)
			f.cells = append(f.cells, nil)
		} else if name != "fwd_header_length" {
			return nil, nil, fmt.Errorf("%s:1: two columns %q", path, name)
		}
	}
	var lines []int
	for {
		record, err := r.Read()
		if err == io.EOF {
			return f, lines, nil
		}
		if err != nil {
			return nil, nil, csvError(path, err)
		}
		if at := slices.Index(keys, "label"); at >= 0 && (strings.TrimSpace(record[at]) == "" || flowcsv.Key(record[at]) == "label") {
			row := raw(record)
			switch {
			case flowcsv.Blank(row):
				f.left.blank++
				continue
			case flowcsv.Repeats(keys, row):
				f.left.headers++
				continue
			}
		}
		line, _ := r.FieldPos(0)
		lines = append(lines, line)
		for k := range f.cells {
			f.cells[k] = append(f.cells[k], nil)
		}
		for i, cell := range record {
			if to[i] < 0 {
				continue
			}
			if cell = text(strings.TrimSpace(cell)); cell != "" {
				cells := f.cells[to[i]]
				cells[f.rows] = append(cells[f.rows], cell)
			}
		}
		f.rows++
	}
}

// raw returns cells as bytes.
func raw(record []string) (cells [][]byte) {
	for _, c := range record {
		cells = append(cells, []byte(c))
	}
	return cells
}

func csvError(path string, err error) error {
	if e, ok := err.(*csv.ParseError); ok {
		return fmt.Errorf("%s:%d: %w", path, e.Line, e.Err)
	}
	return fmt.Errorf("%s: %w", filepath.Clean(path), err)
}

// text gives a cell in UTF-8. A control character of the second kind (U+0080 … U+009F) is a byte of Windows-1252 that
// somebody has already taken for Latin-1: no text has one.
func text(cell string) string {
	if !utf8.ValidString(cell) {
		var b strings.Builder
		for i := range len(cell) {
			b.WriteRune(charmap.Windows1252.DecodeByte(cell[i]))
		}
		return b.String()
	}
	return strings.Map(func(r rune) rune {
		if r >= 0x80 && r <= 0x9f {
			return charmap.Windows1252.DecodeByte(byte(r))
		}
		return r
	}, strings.Clone(cell))
}
