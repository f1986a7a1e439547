// Package volume counts traffic into intervals: how many bytes a link carries in each five seconds,
// for instance.
//
// It takes timestamped rows, one by one (Sum) or from captures and tshark's CSV (Packets,
// ReadFields), CAIDA's .pcap.stats files (ReadStats) and CSV files that hold a series already
// (ReadCSV), and returns a Series, which is kept as an Arrow file or as CSV; Set makes a sequence
// set of several. An interval without a row is there, with 0; how many there are is reported, and
// so is what came before the start.
//
// Times and numbers that cannot be read, a file without the wanted columns, intervals that overlap,
// and a row so far from the others that the series between would not fit in memory are refused, in
// one line with file and line.
package volume

import (
	"fmt"
	"slices"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// A Series is a value for each of several intervals of time, in their order. The three slices have
// one length; an interval includes From but not To. Intervals may differ in length, and there may
// be gaps between them.
type Series struct {
	From, To []time.Time // UTC
	Values   []float64
}

// Len returns the number of intervals.
func (s Series) Len() int { return len(s.Values) }

// Every returns the length of the first interval, 0 for an empty series.
func (s Series) Every() time.Duration {
	if len(s.From) == 0 {
		return 0
	}
	return s.To[0].Sub(s.From[0])
}

// Gaps returns how many intervals do not begin where the one before ends, to a hundredth of its
// length: where a link's traffic is cut into files, a little time passes between the last packet of
// one and the first of the next.
func (s Series) Gaps() (n int) {
	for i := 1; i < s.Len(); i++ {
		if gap := s.From[i].Sub(s.To[i-1]); gap.Abs() > s.To[i-1].Sub(s.From[i-1])/100 {
			n++
		}
	}
	return n
}

// Slice returns intervals from … to-1, sharing memory. It panics if they are not all there.
func (s Series) Slice(from, to int) Series {
	return Series{s.From[from:to:to], s.To[from:to:to], s.Values[from:to:to]}
}

// Merge sums every k consecutive intervals into one, as from 5 to 10 seconds. Fewer than k at the
// end are left out. It panics if k is not positive.
func (s Series) Merge(k int) Series {
	if k < 1 {
		panic(fmt.Sprintf("volume: Merge: %d intervals", k))
	}
	n := s.Len() / k
	m := Series{make([]time.Time, n), make([]time.Time, n), make([]float64, n)}
	for i := range n {
		m.From[i], m.To[i] = s.From[i*k], s.To[i*k+k-1]
		for _, v := range s.Values[i*k : i*k+k] {
			m.Values[i] += v
		}
	}
	return m
}

// In returns the series in intervals of another length, a multiple of its own.
func (s Series) In(every time.Duration) (Series, error) {
	have := s.Every()
	if have <= 0 || every <= 0 || every%have != 0 {
		return Series{}, fmt.Errorf("volume: intervals of %v cannot be made of intervals of %v: want a multiple", every, have)
	}
	return s.Merge(int(every / have)), nil
}

// steps returns the values as float32 rows of width 1, as package seq takes them.
func (s Series) steps() []float32 {
	rows := make([]float32, s.Len())
	for i, v := range s.Values {
		rows[i] = float32(v)
	}
	return rows
}

// Table returns the series as a table with the columns from, to and bytes.
func (s Series) Table() *table.Table {
	return table.New(table.Col("from", s.From), table.Col("to", s.To), table.Col("bytes", s.Values))
}

// Save writes the table of the series to an Arrow IPC file, whole or not at all. Times are cut to
// microseconds.
func (s Series) Save(path string) error {
	if err := s.Table().Save(path); err != nil {
		return fmt.Errorf("volume: %w", err)
	}
	return nil
}

// Open reads a series that Save wrote. A table with other columns is an error.
func Open(path string) (Series, error) {
	t, err := table.Open(path)
	if err != nil {
		return Series{}, fmt.Errorf("volume: %w", err)
	}
	for name, want := range map[string]table.Type{"from": table.Time, "to": table.Time, "bytes": table.Float64} {
		if !t.Has(name) || t.Column(name).Type() != want {
			return Series{}, fmt.Errorf("volume: %s: no series: there is no column %q of %v", path, name, want)
		}
	}
	s := Series{table.Values[time.Time](t, "from"), table.Values[time.Time](t, "to"), table.Values[float64](t, "bytes")}
	if err := s.check(); err != nil {
		return Series{}, fmt.Errorf("volume: %s: %w", path, err)
	}
	return s, nil
}

// sort returns the intervals in the order of time.
func (s Series) sort() Series {
	order := make([]int, s.Len())
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return s.From[a].Compare(s.From[b]) })
	sorted := Series{make([]time.Time, len(order)), make([]time.Time, len(order)), make([]float64, len(order))}
	for k, i := range order {
		sorted.From[k], sorted.To[k], sorted.Values[k] = s.From[i], s.To[i], s.Values[i]
	}
	return sorted
}

// check finds intervals that end before they begin, or begin before the one before them has.
func (s Series) check() error {
	for i := range s.Values {
		if s.To[i].Before(s.From[i]) {
			return fmt.Errorf("interval %d ends at %s, before its beginning at %s", i, show(s.To[i]), show(s.From[i]))
		}
		if i == 0 {
			continue
		}
		if !s.From[i].After(s.From[i-1]) {
			return fmt.Errorf("interval %d begins at %s, not after the one before it, %s", i, show(s.From[i]),
				show(s.From[i-1]))
		}
		if over := s.To[i-1].Sub(s.From[i]); over > s.To[i-1].Sub(s.From[i-1])/100 {
			return fmt.Errorf("interval %d begins at %s, before the end of the one before it, %s", i,
				show(s.From[i]), show(s.To[i-1]))
		}
	}
	return nil
}

// show formats a time as Python's datetime prints it.
func show(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.999999") }

// Describe returns the mean, the quartiles and so on of several series, a row for each, with every
// k intervals merged into one.
func Describe(k int, all ...Series) *table.Table {
	rows := make([]*table.Table, len(all))
	for i, s := range all {
		rows[i] = table.New(table.Col(fmt.Sprint("series ", i), s.Merge(k).Values)).Describe()
	}
	return table.Concat(rows...)
}

// Set returns a set with a sequence for each series, of the one feature bytes, and with their
// starts.
func Set(all ...Series) *seq.Set {
	rows, starts := make([][]float32, len(all)), make([]time.Time, len(all))
	every := time.Duration(0)
	for i, s := range all {
		rows[i] = s.steps()
		if s.Len() > 0 {
			starts[i], every = s.From[0], s.Every()
		}
	}
	recipe := seq.NewRecipe("volume", 1, map[string]string{"every": every.String()})
	set := seq.New(1, rows...).WithNames("bytes").WithRecipe(recipe)
	if len(all) == 0 {
		return set
	}
	return set.WithStarts(starts...)
}
