// Package flowtable holds tables of network flows, the same table whatever the flows come from.
//
// A table has a row for each flow: when it began, its destination port and protocol, what was
// measured of it, and a label, which is [Benign], the name of an attack, or [Unlabeled]. Packages
// make tables from packets (flow.Extract), from the CSV files of CICIDS2017 and CSE-CIC-IDS2018
// (cic2017.Load, cic2018.Load), and from the answers of a Splunk (cic2017.Load); a [Writer] makes
// them for any other reader. All of them have the [Columns] of CICFlowMeter, under one spelling. A
// column that an origin lacks is absent, but for the time, the destination port and the protocol:
// [Made] names those that are made up, as 0 or, for the time, the order of the rows.
//
// A table is an Arrow IPC file, mapped into memory: millions of flows open in milliseconds and take
// no memory but for the pages that are read. Each column has the smallest type that holds its
// values, texts and labels are dictionaries, and pandas, Polars and DuckDB read the same file. Its
// metadata record what made it.
//
// Tables can be looked at (Head, LabelCounts, Summary, Timeline), encoded (a Table is an
// encode.Source), and cut into windows of consecutive flows, which become sequences to learn from:
//
//	flows, err := flowtable.Open("flows.arrow")
//	windows, err := flows.Windows(flowtable.WindowRules{Length: 8})
//	windows, err = windows.Split(flowtable.SplitAll, 0.6, 0.1) // train, valid, test in order of time
//	set, err := windows.Sequences(encoder)                     // a seq.Set with parts and labels
//
// Open refuses files that are not flow tables, and trusts no length or offset in a file.
package flowtable

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/flowcsv"
	"github.com/trafficlab/trafficlab/trafficlib/internal/mapped"
)

// Names of columns.
const (
	Timestamp       = "timestamp"        // of the first packet, UTC
	SourcePort      = "source_port"      // may be absent
	DestinationPort = "destination_port" // 0 of protocols without ports
	Protocol        = "protocol"         // IP protocol number
	Label           = "label"
)

// Labels that name no attack.
const (
	Benign    = flowcsv.Benign
	Unlabeled = "" // nobody has said what the flow is
)

// Columns returns the names of the columns that CICFlowMeter's flows have, in order, and that of
// the label. A table has those that its origin has, and may have others.
func Columns() []string { return slices.Clone(flowcsv.Names) }

// ColumnOf returns the name of a column in any of CICFlowMeter's spellings: "total_fwd_packets" for
// "Tot Fwd Pkts" and "Total Fwd Packets". Names that are not CICFlowMeter's stay as they are.
func ColumnOf(spelling string) string { return flowcsv.NameOf(spelling) }

// A Table is flows in a file that is mapped into memory. Its methods may be called from several
// goroutines.
type Table struct {
	Cached bool   // set by loaders that keep tables: the file was there
	Why    string // and why an earlier file was not used, "" if there was none

	path    string
	file    *mapped.File
	made    Made
	rows    int
	starts  []int // the first row of each record batch, and at last the number of rows
	columns []column
}

// A role is what a column is for.
type role uint8

const (
	number role = iota
	port
	protocol
	timestamp
	text
)

// A column is numbers, times, or codes of texts, batch by batch.
type column struct {
	name  string
	role  role
	kind  kind
	parts [][]byte
	texts []string // of a dictionary, by code
}

// Made is what a file records about how its table was made.
type Made struct {
	By      string           `json:"by"`                // the package that read the flows
	Version int              `json:"version,omitempty"` // grows when the same sources and options make another table
	Options string           `json:"options,omitempty"`
	Sources []Source         `json:"sources,omitempty"`
	Report  Report           `json:"report"`
	Labels  map[string]int64 `json:"labels"` // how many rows have each label; filled in by Writer
}

// Open maps a table.
func Open(path string) (*Table, error) {
	t, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("flowtable: %w", err)
	}
	return t, nil
}

func open(path string) (*Table, error) {
	file, err := mapped.Open(path)
	if err != nil {
		return nil, err
	}
	t := &Table{path: path, file: file}
	if err := file.Read(t.read); err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Close unmaps the file. Nothing of the table may be used afterwards.
func (t *Table) Close() error { return t.file.Close() }

// NumRows returns the number of flows.
func (t *Table) NumRows() int { return t.rows }

// Made returns what the file records about how it was made.
func (t *Table) Made() Made { return t.made }

// Report returns what reading the flows changed and left out.
func (t *Table) Report() Report { return t.made.Report }

// Names returns the names of the columns, in order.
func (t *Table) Names() []string {
	var names []string
	for _, c := range t.columns {
		names = append(names, c.name)
	}
	return names
}

// Numbers returns the names of the columns of measurements: all but times, ports, the protocol and
// texts.
func (t *Table) Numbers() []string {
	var names []string
	for _, c := range t.columns {
		if c.role == number && c.name != SourcePort {
			names = append(names, c.name)
		}
	}
	return names
}

// Features returns the names of the columns that say what a flow is like: the measurements, and the
// protocol if the origin has it. Ports are not among them, since in a network with one victim for
// each attack they give the attack away.
func (t *Table) Features() []string {
	names := t.Numbers()
	if !slices.Contains(t.made.Report.Absent, Protocol) {
		names = append([]string{Protocol}, names...)
	}
	return names
}

// Addresses returns the names of the columns of text other than the label.
func (t *Table) Addresses() []string {
	var names []string
	for _, c := range t.columns {
		if c.role == text && c.name != Label {
			names = append(names, c.name)
		}
	}
	return names
}

// Has reports whether the table has a column.
func (t *Table) Has(name string) bool { return t.find(name) != nil }

// Text reports whether a column is text. It panics if there is no such column.
func (t *Table) Text(name string) bool { return t.column(name).role == text }

// Type returns the type of a column as Arrow and pandas name it: "uint8" to "float64", "timestamp",
// and "category" for text. It panics if there is no such column.
func (t *Table) Type(name string) string {
	switch c := t.column(name); c.role {
	case timestamp:
		return "timestamp"
	case text:
		return "category"
	default:
		return kinds[c.kind].typ.Name()
	}
}

// Types returns how many columns of measurements have each type: "uint8 23, uint16 6, …".
func (t *Table) Types() string {
	count := [len(kinds)]int{}
	for _, name := range t.Numbers() {
		count[t.column(name).kind]++
	}
	var parts []string
	for k, n := range count {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", kinds[k].typ.Name(), n))
		}
	}
	return strings.Join(parts, ", ")
}

// find returns a column by its name, or by another of CICFlowMeter's spellings of it; nil if there
// is none.
func (t *Table) find(name string) *column {
	for _, n := range []string{name, flowcsv.NameOf(name)} {
		for i := range t.columns {
			if t.columns[i].name == n {
				return &t.columns[i]
			}
		}
	}
	return nil
}

func (t *Table) column(name string) *column {
	c := t.find(name)
	if c == nil {
		panic(fmt.Sprintf("flowtable: %s: no column %q: there are %q", t.path, name, t.Names()))
	}
	return c
}

// each passes on the parts of a column that hold the rows from … to-1, each with its first row.
func (t *Table) each(c *column, from, to int, do func(at int, part []byte)) {
	if from < 0 || to < from || to > t.rows {
		panic(fmt.Sprintf("flowtable: rows %d to %d of %d", from, to, t.rows))
	}
	size := c.kind.size()
	b, exact := slices.BinarySearch(t.starts, from)
	if !exact {
		b--
	}
	for ; from < to; b++ {
		end := min(to, t.starts[b+1])
		do(from, c.parts[b][(from-t.starts[b])*size:(end-t.starts[b])*size])
		from = end
	}
}

// Float64s returns the values of a column of numbers. It panics for times, texts, and columns that
// are not there.
func (t *Table) Float64s(name string) []float64 { return t.float64s(t.column(name), 0, t.rows) }

func (t *Table) float64s(c *column, from, to int) []float64 {
	if c.role == timestamp || c.role == text {
		panic(fmt.Sprintf("flowtable: column %q is not numbers", c.name))
	}
	v := make([]float64, to-from)
	t.each(c, from, to, func(at int, part []byte) { kinds[c.kind].widen(v[at-from:], part) })
	return v
}

// Strings returns the values of a column as text.
func (t *Table) Strings(name string) []string { return t.Rows(0, t.rows, name).Strings(name) }

// Labels returns the different labels, sorted.
func (t *Table) Labels() []string { return slices.Clone(t.column(Label).texts) }

// Codes returns the labels of the rows from … to-1 as indices into Labels.
func (t *Table) Codes(from, to int) []int32 { return t.codes(t.column(Label), from, to) }

// codes panics if a code is not in the dictionary.
func (t *Table) codes(c *column, from, to int) []int32 {
	v := make([]int32, to-from)
	t.each(c, from, to, func(at int, part []byte) {
		d := v[at-from:]
		switch c.kind {
		case i8:
			widenCodes(d, view[int8](part))
		case i16:
			widenCodes(d, view[int16](part))
		default:
			copy(d, view[int32](part))
		}
	})
	for _, k := range v {
		if k < 0 || int(k) >= len(c.texts) {
			panic(fmt.Sprintf("flowtable: %s: column %q: code %d of %d", t.path, c.name, k, len(c.texts)))
		}
	}
	return v
}

func widenCodes[S int8 | int16](d []int32, s []S) {
	for i, x := range s {
		d[i] = int32(x)
	}
}

// Times returns the times of the rows from … to-1, in UTC.
func (t *Table) Times(from, to int) []time.Time {
	v := make([]time.Time, 0, to-from)
	t.each(t.column(Timestamp), from, to, func(_ int, part []byte) {
		for _, x := range view[int64](part) {
			v = append(v, time.UnixMicro(x).UTC())
		}
	})
	return v
}

// Port returns the destination port of a row.
func (t *Table) Port(row int) int {
	return int(t.float64s(t.column(DestinationPort), row, row+1)[0])
}

// Rows copies the rows from … to-1: all columns, or the named ones under the names given.
func (t *Table) Rows(from, to int, columns ...string) *table.Table {
	if len(columns) == 0 {
		columns = t.Names()
	}
	var all []table.Column
	for _, name := range columns {
		c := t.column(name)
		switch {
		case c.role == timestamp:
			all = append(all, table.Col(name, t.Times(from, to)))
		case c.role == text:
			texts := make([]string, 0, to-from)
			for _, k := range t.codes(c, from, to) {
				texts = append(texts, c.texts[k])
			}
			all = append(all, table.Col(name, texts))
		case c.kind == f64:
			all = append(all, table.Col(name, t.float64s(c, from, to)))
		case c.kind == f32:
			all = append(all, table.Col(name, each(t.float64s(c, from, to), func(x float64) float32 { return float32(x) })))
		default:
			all = append(all, table.Col(name, each(t.float64s(c, from, to), func(x float64) int64 { return int64(x) })))
		}
	}
	return table.New(all...)
}

func each[S, T any](v []S, f func(S) T) []T {
	w := make([]T, len(v))
	for i, x := range v {
		w[i] = f(x)
	}
	return w
}

// Memory returns the bytes that the values take: eight for each, as pandas reads them, and as they
// are stored here, with the texts.
func (t *Table) Memory() (before, after int64) {
	for _, c := range t.columns {
		before += 8 * int64(t.rows)
		after += int64(c.kind.size()) * int64(t.rows)
		for _, s := range c.texts {
			after += int64(len(s)) + 4
		}
	}
	return before, after
}
