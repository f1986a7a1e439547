package cic2018

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/trafficlab/trafficlab/trafficlib/internal/arrowfile"
	"github.com/trafficlab/trafficlab/trafficlib/internal/flowcsv"
	"github.com/trafficlab/trafficlab/trafficlib/internal/mapped"
)

// A Set is a table of flows in a file that is mapped into memory. Its methods can be called from several goroutines.
type Set struct {
	Cached bool   // by Load: the file was there
	Why    string // by Load: what made the file that was there unfit, "" for none there

	path    string
	file    *mapped.File
	made    made
	rows    int
	starts  []int // the first row of each batch, and at last the number of rows
	columns []column
}

// A column of a set: its numbers, or codes of a dictionary, batch by batch.
type column struct {
	name  string
	typ   arrow.DataType
	kind  kind
	parts [][]byte
	role  role      // number, timestamp, or another for a dictionary
	texts []string  // of a dictionary of texts
	value []float64 // of a dictionary of numbers
}

// Open maps what Load wrote. It does not ask whether the sources are still the same: Load does, and Set.Check.
func Open(path string) (*Set, error) {
	s, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("cic2018: %w", err)
	}
	return s, nil
}

func open(path string) (*Set, error) {
	file, err := mapped.Open(path)
	if err != nil {
		return nil, err
	}
	s := &Set{path: path, file: file}
	if err := file.Read(s.read); err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

func (s *Set) read(data []byte) error {
	c, err := arrowfile.Read(data)
	if err != nil {
		return err
	}
	if got := c.Meta["trafficlab.kind"]; got != kindOfFile {
		return fmt.Errorf("it holds %q, want %q", got, kindOfFile)
	}
	if err := json.Unmarshal([]byte(c.Meta[metaMade]), &s.made); err != nil {
		return fmt.Errorf("what it says about itself: %w", err)
	}
	s.starts = []int{0}
	for _, b := range c.Batches {
		if b.NumRows() < 0 {
			return fmt.Errorf("a batch of %d rows", b.NumRows())
		}
		s.rows += int(b.NumRows())
		s.starts = append(s.starts, s.rows)
	}
	for i, field := range c.Schema.Fields() {
		col := column{name: field.Name, typ: field.Type}
		held := field.Type
		switch typ := field.Type.(type) {
		case *arrow.DictionaryType:
			held, col.role = typ.IndexType, label
		case *arrow.TimestampType:
			held, col.role = arrow.PrimitiveTypes.Int64, timestamp
		}
		k := slices.IndexFunc(kinds[:], func(k struct {
			size int
			typ  arrow.DataType
		}) bool {
			return arrow.TypeEqual(k.typ, held)
		})
		if k < 0 {
			return fmt.Errorf("column %q: its type is %s", field.Name, arrowfile.TypeText(field.Type))
		}
		col.kind = kind(k)
		for n, b := range c.Batches {
			d := b.Column(i).Data()
			rows := s.starts[n+1] - s.starts[n]
			if d.Offset() != 0 || d.Len() != rows || d.NullN() != 0 || len(d.Buffers()) < 2 || d.Buffers()[1] == nil || d.Buffers()[1].Len() < rows*col.kind.size() {
				return fmt.Errorf("column %q, batch %d: not %d values", field.Name, n, rows)
			}
			part := d.Buffers()[1].Bytes()[:rows*col.kind.size()]
			if !alignedTo(part, col.kind.size()) {
				return fmt.Errorf("column %q, batch %d: its values are not aligned", field.Name, n)
			}
			col.parts = append(col.parts, part)
		}
		if col.role == label && len(c.Batches) > 0 {
			if err := col.dictionary(c.Batches[0].Column(i).(*array.Dictionary).Dictionary()); err != nil {
				return fmt.Errorf("column %q: %w", field.Name, err)
			}
		}
		s.columns = append(s.columns, col)
	}
	return nil
}

// dictionary copies the values of a dictionary. It trusts no length or offset in the file.
func (c *column) dictionary(dict arrow.Array) error {
	d := dict.Data()
	if d.Offset() != 0 || d.NullN() != 0 {
		return fmt.Errorf("a dictionary with missing values")
	}
	switch dict.DataType().ID() {
	case arrow.UINT16:
		return numbersOf[uint16](c, d)
	case arrow.UINT8:
		return numbersOf[uint8](c, d)
	case arrow.STRING:
		offsets, ok := arrowfile.Numbers[int32](d.Buffers()[1], d.Len()+1)
		if !ok {
			return errShortDictionary
		}
		var text []byte
		if b := d.Buffers()[2]; b != nil {
			text = b.Bytes()
		}
		for i := range d.Len() {
			from, to := int(offsets[i]), int(offsets[i+1])
			if from < 0 || from > to || to > len(text) {
				return fmt.Errorf("text %d of its dictionary from %d to %d of %d bytes", i, from, to, len(text))
			}
			c.texts = append(c.texts, strings.ToValidUTF8(string(text[from:to]), "\ufffd"))
		}
		return nil
	}
	return fmt.Errorf("a dictionary of %s", arrowfile.TypeText(dict.DataType()))
}

var errShortDictionary = errors.New("a dictionary of more values than the file holds")

func numbersOf[T uint8 | uint16](c *column, d arrow.ArrayData) error {
	v, ok := arrowfile.Numbers[T](d.Buffers()[1], d.Len())
	if !ok {
		return errShortDictionary
	}
	for _, x := range v {
		c.value = append(c.value, float64(x))
		c.texts = append(c.texts, fmt.Sprint(x))
	}
	return nil
}

// Close gives the map back. Nothing of the set may be used afterwards.
func (s *Set) Close() error { return s.file.Close() }

// Path gives the path of the file.
func (s *Set) Path() string { return s.path }

// Rows gives the number of flows.
func (s *Set) NumRows() int { return s.rows }

// Report tells what loading changed.
func (s *Set) Report() Report { return s.made.Report }

// Sources gives the files that the table was made of.
func (s *Set) Sources() []Source { return s.made.Sources }

// Check says in what the sources differ from what they were when the table was made of them: nil for in nothing.
func (s *Set) Check(paths ...string) error {
	paths, err := files(paths)
	if err == nil {
		var what string
		if what, err = changed(paths, s.made.Sources, s.made.Report.Odd); err == nil && what != "" {
			err = fmt.Errorf("%s: %s", s.path, what)
		}
	}
	if err != nil {
		return fmt.Errorf("cic2018: %w", err)
	}
	return nil
}

// Columns gives the names of the columns.
func (s *Set) Columns() []string {
	var names []string
	for _, c := range s.columns {
		names = append(names, c.name)
	}
	return names
}

// Numbers gives the names of the columns of plain numbers: all but times and dictionaries.
func (s *Set) Numbers() []string {
	var names []string
	for _, c := range s.columns {
		if c.role == number {
			names = append(names, c.name)
		}
	}
	return names
}

// Type gives the type of a column as Arrow and pandas name it: "uint8" … "float32", "timestamp", and "category" for a
// dictionary. It panics when there is no such column.
func (s *Set) Type(name string) string {
	c := s.column(name)
	switch c.role {
	case timestamp:
		return "timestamp"
	case label:
		return "category"
	}
	return c.typ.Name()
}

func (s *Set) column(name string) *column {
	for i := range s.columns {
		if s.columns[i].name == name {
			return &s.columns[i]
		}
	}
	for i, k := range s.columns { // in another of CICFlowMeter's spellings
		if flowcsv.Key(k.name) == flowcsv.Key(name) {
			return &s.columns[i]
		}
	}
	panic(fmt.Sprintf("cic2018: %s: no column %q: there are %q", s.path, name, s.Columns()))
}

// byRole gives the name of the column for the label, the time and so on, by its key.
func (s *Set) byRole(r role) *column {
	for i := range s.columns {
		if flowcsv.RoleOf(flowcsv.Key(s.columns[i].name)) == r {
			return &s.columns[i]
		}
	}
	panic(fmt.Sprintf("cic2018: %s: a column is missing", s.path))
}

// each hands over the parts of a column that hold the rows from … to, each with its first row.
func (s *Set) each(c *column, from, to int, do func(at int, part []byte)) {
	if from < 0 || to < from || to > s.rows {
		panic(fmt.Sprintf("cic2018: rows %d to %d of %d", from, to, s.rows))
	}
	size := c.kind.size()
	b, exact := slices.BinarySearch(s.starts, from)
	if !exact {
		b--
	}
	for ; from < to; b++ {
		end := min(to, s.starts[b+1])
		do(from, c.parts[b][(from-s.starts[b])*size:(end-s.starts[b])*size])
		from = end
	}
}

// Float64s gives the values of a column in some rows as numbers, ports and protocols too. It panics for texts and times,
// and for rows and columns that are not there.
func (s *Set) Float64s(name string, from, to int) []float64 {
	v := make([]float64, to-from)
	values(s, s.column(name), from, to, v)
	return v
}

// Float32s is Float64s in half of the memory.
func (s *Set) Float32s(name string, from, to int) []float32 {
	v := make([]float32, to-from)
	values(s, s.column(name), from, to, v)
	return v
}

// values puts the numbers of a column into dst.
func values[T float32 | float64](s *Set, c *column, from, to int, dst []T) {
	if c.role == timestamp || c.role == label && c.value == nil {
		panic(fmt.Sprintf("cic2018: column %q is no numbers", c.name))
	}
	if c.role == label {
		for i, k := range s.codes(c, from, to) {
			dst[i] = T(c.value[k])
		}
		return
	}
	s.each(c, from, to, func(at int, part []byte) {
		d := dst[at-from:]
		switch c.kind {
		case u8:
			widen(d, view[uint8](part))
		case u16:
			widen(d, view[uint16](part))
		case u32:
			widen(d, view[uint32](part))
		case u64:
			widen(d, view[uint64](part))
		case i8:
			widen(d, view[int8](part))
		case i16:
			widen(d, view[int16](part))
		case i32:
			widen(d, view[int32](part))
		case i64:
			widen(d, view[int64](part))
		case f32:
			widen(d, view[float32](part))
		case f64:
			widen(d, view[float64](part))
		}
	})
}

// codes gives those of a dictionary. It panics where the file holds one that is not in the dictionary.
func (s *Set) codes(c *column, from, to int) []int32 {
	v := make([]int32, to-from)
	s.each(c, from, to, func(at int, part []byte) {
		d := v[at-from:]
		switch c.kind {
		case i8:
			widen(d, view[int8](part))
		case i16:
			widen(d, view[int16](part))
		case i32:
			widen(d, view[int32](part))
		}
	})
	for _, k := range v {
		if k < 0 || int(k) >= len(c.texts) {
			panic(fmt.Sprintf("cic2018: %s: column %q: code %d of %d", s.path, c.name, k, len(c.texts)))
		}
	}
	return v
}

// Labels gives the labels that there are, in the order of their codes.
func (s *Set) Labels() []string { return slices.Clone(s.byRole(label).texts) }

// Codes gives the labels of some rows, as places in Labels.
func (s *Set) Codes(from, to int) []int32 { return s.codes(s.byRole(label), from, to) }

// Ports gives the destination ports of some rows.
func (s *Set) Ports(from, to int) []float64 {
	v := make([]float64, to-from)
	values(s, s.byRole(port), from, to, v)
	return v
}

// Times gives the times of some rows, in UTC as if the files told it so.
func (s *Set) Times(from, to int) []time.Time {
	v := make([]time.Time, 0, to-from)
	s.each(s.byRole(timestamp), from, to, func(_ int, part []byte) {
		for _, t := range view[int64](part) {
			v = append(v, time.UnixMicro(t).UTC())
		}
	})
	return v
}

// Memory gives the bytes that the values take: of a frame as pandas reads the files, eight for each value, and as they
// are held here, with the dictionaries.
func (s *Set) Memory() (before, after int64) {
	for _, c := range s.columns {
		before += 8 * int64(s.rows)
		after += int64(c.kind.size()) * int64(s.rows)
		for _, t := range c.texts {
			if c.value == nil {
				after += int64(len(t)) + 4
			} else {
				after += 2
			}
		}
	}
	return before, after
}

// alignedTo says whether a part of a file can be looked at as numbers of a size.
func alignedTo(b []byte, size int) bool {
	return len(b) == 0 || uintptr(unsafe.Pointer(unsafe.SliceData(b)))%uintptr(size) == 0
}
