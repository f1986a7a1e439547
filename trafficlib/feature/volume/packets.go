package volume

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// Fields are the columns of tables of packets, as tshark calls them: the addresses, bytes on the
// wire, time of capture.
var Fields = []string{"ip.src", "ip.dst", "frame.len", "frame.time_epoch"}

// EachTCP calls f for each TCP packet over IPv4 of captures, in the order of time: those that
// tshark's filter "tcp && ip && not(icmp)" lets pass. The packet is valid until f returns. It
// handles damage as package capture does, and returns its report. Progress goes to the sink in ctx,
// and when ctx is done it stops with its error.
func EachTCP(ctx context.Context, f func(*capture.Packet) error, paths ...string) (capture.Report, error) {
	return Each(ctx, 0, f, paths...)
}

// Each does the same for packets of other traffic.
func Each(
	ctx context.Context, traffic Traffic, f func(*capture.Packet) error, paths ...string,
) (capture.Report, error) {
	r, err := capture.Open(paths...)
	if err != nil {
		return capture.Report{}, err
	}
	defer r.Close()
	sink, n := progress.From(ctx), 0
	which := filter{traffic: traffic.withDefaults()}
	for p := range r.Packets() {
		if n++; n%(1<<14) == 0 {
			if err := ctx.Err(); err != nil {
				return r.Report(), fmt.Errorf("volume: stopped after %d frames: %w", n, err)
			}
			sink.Update(progress.Update{Task: "read", Unit: "byte", Done: r.Offset(), Total: r.Size()})
		}
		if !which.takes(p) {
			continue
		}
		if err := f(p); err != nil {
			var far *farRow
			if errors.As(err, &far) {
				err = fmt.Errorf("volume: %s: frame %d, %s", r.Files()[p.File], p.Number, far.what())
			}
			return r.Report(), err
		}
	}
	sink.Update(progress.Update{Task: "read", Unit: "byte", Done: r.Offset(), Total: r.Size(), Final: true})
	return r.Report(), nil
}

// Packets returns the TCP packets over IPv4 of captures as a table of Fields, a row for each: text,
// text, int64 and a time. Captures too large for a table go straight into a Sum, by EachTCP.
func Packets(ctx context.Context, paths ...string) (*table.Table, capture.Report, error) {
	var g gathered
	report, err := EachTCP(ctx, func(p *capture.Packet) error {
		g.add(p.Src.String(), p.Dst.String(), int64(p.Length), p.Time())
		return nil
	}, paths...)
	if err != nil {
		return nil, report, err
	}
	return g.table(), report, nil
}

// gathered is the columns of a table of packets.
type gathered struct {
	src, dst []string
	length   []int64
	at       []time.Time
	names    map[string]string // each address once
}

func (g *gathered) add(src, dst string, length int64, at time.Time) {
	g.src, g.dst = append(g.src, g.once(src)), append(g.dst, g.once(dst))
	g.length, g.at = append(g.length, length), append(g.at, at)
}

func (g *gathered) once(name string) string {
	if known, ok := g.names[name]; ok {
		return known
	}
	if g.names == nil {
		g.names = map[string]string{}
	}
	name = strings.Clone(name)
	g.names[name] = name
	return name
}

func (g *gathered) table() *table.Table {
	return table.New(table.Col(Fields[0], g.src), table.Col(Fields[1], g.dst), table.Col(Fields[2], g.length),
		table.Col(Fields[3], g.at))
}

// WriteFields writes a table of packets as tshark -T fields -E header=y -E separator=, does, whole
// or not at all. It panics if the table lacks one of the columns Fields.
func WriteFields(path string, t *table.Table) error {
	src, dst := t.Strings(Fields[0]), t.Strings(Fields[1])
	length, at := table.Values[int64](t, Fields[2]), table.Values[time.Time](t, Fields[3])
	err := atomicfile.Write(path, func(file io.Writer) error {
		w := bufio.NewWriterSize(file, 1<<16)
		fmt.Fprintln(w, strings.Join(Fields, ","))
		for i := range src {
			fmt.Fprintf(w, "%s,%s,%d,%s\n", src[i], dst[i], length[i], epoch(at[i].UnixNano()))
		}
		return w.Flush()
	})
	if err != nil {
		return fmt.Errorf("volume: %w", err)
	}
	return nil
}

// epoch is a time as tshark writes it, seconds with nine digits.
func epoch(nanos int64) string {
	seconds := floor(nanos, 1e9) / 1e9
	return fmt.Sprintf("%d.%09d", seconds, nanos-seconds*1e9)
}

// ReadFields reads a table of packets from the output of tshark -T fields with a header: the
// columns Fields in any order, separated by commas, tabs or semicolons; other columns are ignored.
// Lines before the header are skipped, since shells mix tshark's warnings in; notice says which.
// For IP in IP tshark writes both addresses of each, and the outer ones are taken.
func ReadFields(path string) (t *table.Table, notice string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, "", fmt.Errorf("volume: %w", err)
	}
	defer f.Close()
	t, notice, err = readFields(f)
	if err != nil {
		return nil, "", fmt.Errorf("volume: %s:%w", path, err)
	}
	return t, notice, nil
}

// mostBefore is how many lines may come before the header.
const mostBefore = 20

// readFields returns errors that begin with the number of the line.
func readFields(stream io.Reader) (*table.Table, string, error) {
	in := bufio.NewReaderSize(stream, 1<<16)
	comma, names, before, err := fieldsHeader(in)
	if err != nil {
		return nil, "", err
	}
	at := make([]int, len(Fields))
	for k, name := range Fields {
		at[k] = slices.Index(names, name)
	}
	r := csv.NewReader(in)
	r.Comma, r.FieldsPerRecord, r.ReuseRecord, r.LazyQuotes = comma, -1, true, true
	var g gathered
	for {
		cells, err := r.Read()
		if err == io.EOF {
			break
		}
		line := before + 1
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			return nil, "", fmt.Errorf("%d: %w", line+parse.Line, parse.Err)
		} else if err != nil {
			return nil, "", fmt.Errorf("%d: %w", line+1, err)
		}
		n, _ := r.FieldPos(0)
		if err := g.addCells(cells, names, at); err != nil {
			return nil, "", fmt.Errorf("%d: %w", line+n, err)
		}
	}
	notice := ""
	if before > 0 {
		notice = fmt.Sprintf("%d lines before the header passed over", before)
	}
	return g.table(), notice, nil
}

// fieldsHeader reads up to the header, and returns how many lines came before it.
func fieldsHeader(in *bufio.Reader) (comma rune, names []string, before int, err error) {
	first := ""
	for ; before <= mostBefore; before++ {
		text, err := in.ReadSlice('\n')
		if err != nil && err != io.EOF {
			break // longer than any header
		}
		line := strings.TrimRight(strings.TrimPrefix(string(text), "\ufeff"), "\r\n")
		if before == 0 {
			first = line
		}
		for _, comma := range ",\t;" {
			names := strings.Split(line, string(comma))
			for i, name := range names {
				names[i] = strings.Trim(strings.TrimSpace(name), `"`)
			}
			if !slices.ContainsFunc(Fields, func(f string) bool { return !slices.Contains(names, f) }) {
				return comma, names, before, nil
			}
		}
		if err == io.EOF {
			break
		}
	}
	if len(first) > 60 {
		first = strings.ToValidUTF8(first[:60], "") + "…"
	}
	return 0, nil, 0, fmt.Errorf("1: no header with the columns %s; the file begins with %q",
		strings.Join(Fields, ", "), first)
}

func (g *gathered) addCells(cells, names []string, at []int) error {
	// With a comma between the values of a field as well, two addresses are two cells more for src and
	// dst each.
	if more := len(cells) - len(names); more > 0 && slices.Equal(names, Fields) && more%2 == 0 {
		n := 1 + more/2
		cells = []string{cells[0], cells[n], cells[2*n], cells[2*n+1]}
	}
	if len(cells) != len(names) {
		return fmt.Errorf("%d columns, want %d", len(cells), len(names))
	}
	length, err := strconv.ParseInt(cells[at[2]], 10, 64)
	if err != nil || length < 0 || length > 1<<32-1 {
		return fmt.Errorf("column %q: %q is not a number of bytes", Fields[2], cells[at[2]])
	}
	nanos, err := parseEpoch(cells[at[3]])
	if err != nil {
		return fmt.Errorf("column %q: %w", Fields[3], err)
	}
	outer := func(s string) string { s, _, _ = strings.Cut(s, ","); return s }
	g.add(outer(cells[at[0]]), outer(cells[at[1]]), length, time.Unix(0, nanos).UTC())
	return nil
}

// parseEpoch reads seconds since 1970 with a fraction, to the nanosecond: a float64 would lose the
// last two digits.
func parseEpoch(s string) (nanos int64, err error) {
	bad := fmt.Errorf("%q is not a time in seconds since 1970", s)
	whole, fraction, _ := strings.Cut(strings.TrimSpace(s), ".")
	negative := strings.HasPrefix(whole, "-")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || seconds > 9_000_000_000 || seconds < -9_000_000_000 || len(fraction) > 18 {
		return 0, bad
	}
	for i := range len(fraction) {
		if fraction[i] < '0' || fraction[i] > '9' {
			return 0, bad
		}
	}
	part, _ := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	if negative {
		part = -part
	}
	return seconds*1e9 + part, nil
}

// Bytes counts the packets of a table into intervals.
func Bytes(t *table.Table, rules Rules) (Series, Report, error) {
	sum := NewSum(rules)
	at, length := table.Values[time.Time](t, Fields[3]), table.Values[int64](t, Fields[2])
	for i := range at {
		if err := sum.Add(at[i].UnixNano(), float64(length[i])); err != nil {
			return Series{}, Report{}, err
		}
	}
	s, report := sum.Series()
	return s, report, nil
}
