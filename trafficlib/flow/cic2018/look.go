package cic2018

import (
	"cmp"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/internal/grid"
)

// Types tells how many columns of numbers are of each type, in the order of the widths: "uint8 23, uint16 6, …".
func (s *Set) Types() string {
	count := [len(kinds)]int{}
	for _, c := range s.columns {
		if c.role == number {
			count[c.kind]++
		}
	}
	var parts []string
	for k, n := range count {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", kinds[k].typ.Name(), n))
		}
	}
	return strings.Join(parts, ", ")
}

// MemoryLine tells what Memory gives, in one line.
func (s *Set) MemoryLine() string {
	before, after := s.Memory()
	return fmt.Sprintf("memory: %.1f MB as pandas reads it, %.1f MB as it is held (%.1f %% less)", float64(before)/(1<<20), float64(after)/(1<<20), 100-100*float64(after)/float64(before))
}

// A Count is how many flows have a label.
type Count struct {
	Label string
	Rows  int64
}

// Counts are those of all labels, the most frequent first, equal ones by name.
type Counts []Count

// LabelCounts gives them. They are kept in the file.
func (s *Set) LabelCounts() Counts {
	var all Counts
	for name, n := range s.made.Labels {
		all = append(all, Count{name, n})
	}
	slices.SortFunc(all, func(a, b Count) int { return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Label, b.Label)) })
	return all
}

// String gives the counts as the original prints them, which is how pandas prints value_counts().
func (c Counts) String() string {
	return c.series("int64", func(n Count) string { return fmt.Sprint(n.Rows) })
}

// Shares gives the shares of all rows, printed in the same way.
func (c Counts) Shares() string {
	total := int64(0)
	for _, n := range c {
		total += n.Rows
	}
	return c.series("float64", func(n Count) string { return fmt.Sprintf("%.6f", float64(n.Rows)/float64(total)) })
}

func (c Counts) series(typ string, show func(Count) string) string {
	name, value := 0, 0
	for _, n := range c {
		name, value = max(name, utf8.RuneCountInString(n.Label)), max(value, len(show(n)))
	}
	var b strings.Builder
	for _, n := range c {
		fmt.Fprintf(&b, "%s%s    %*s\n", n.Label, strings.Repeat(" ", name-utf8.RuneCountInString(n.Label)), value, show(n))
	}
	fmt.Fprintf(&b, "Name: Label, dtype: %s\n", typ)
	return b.String()
}

// Table copies some rows into a table: all columns, or the ones that are named.
func (s *Set) Table(from, to int, columns ...string) *table.Table {
	if len(columns) == 0 {
		columns = s.Columns()
	}
	var all []table.Column
	for _, name := range columns {
		c := s.column(name)
		switch {
		case c.role == timestamp:
			all = append(all, table.Col(name, s.Times(from, to)))
		case c.role == label && c.value == nil:
			texts := make([]string, 0, to-from)
			for _, k := range s.codes(c, from, to) {
				texts = append(texts, c.texts[k])
			}
			all = append(all, table.Col(name, texts))
		case c.kind == f32 && c.role == number:
			all = append(all, table.Col(name, s.Float32s(name, from, to)))
		case c.kind == f64 && c.role == number:
			all = append(all, table.Col(name, s.Float64s(name, from, to)))
		default:
			v := s.Float64s(name, from, to)
			ints := make([]int64, len(v))
			for i, x := range v {
				ints[i] = int64(x)
			}
			all = append(all, table.Col(name, ints))
		}
	}
	return table.New(all...)
}

// Head shows the first n rows with all of their columns.
func (s *Set) Head(n int) *Preview { return &Preview{s.Table(0, min(n, s.rows)), s.rows} }

// Rows are some rows of a table, which show with all of their columns.
type Preview struct {
	*table.Table
	of int
}

func (r *Preview) grid() *grid.Grid {
	g := &grid.Grid{Header: append([]string{""}, r.Names()...), Right: []bool{true}}
	texts := make([][]string, len(r.Names()))
	for i, name := range r.Names() {
		c := r.Column(name)
		g.Right = append(g.Right, c.Type() != table.String && c.Type() != table.Time)
		switch c.Type() {
		case table.Time:
			for _, t := range table.Values[time.Time](r.Table, name) {
				texts[i] = append(texts[i], t.Format("2006-01-02 15:04:05"))
			}
		case table.Float32, table.Float64:
			for _, x := range c.Float64s() {
				texts[i] = append(texts[i], fmt.Sprintf("%.6g", x))
			}
		default:
			texts[i] = c.Strings()
		}
	}
	for k := range r.Table.NumRows() {
		row := []string{fmt.Sprint(k)}
		for i := range texts {
			row = append(row, texts[i][k])
		}
		g.Add(row...)
	}
	g.Note = fmt.Sprintf("%d of %d rows × %d columns", r.Table.NumRows(), r.of, len(r.Names()))
	return g
}

// String gives the rows as aligned text.
func (r *Preview) String() string { return r.grid().Text() }

// MIME gives them as text and as an HTML table.
func (r *Preview) MIME() (map[string]any, error) { return r.grid().MIME() }

// Summary gives, for each label and each of the columns (all numbers when none is named), how many values are finite,
// their mean, standard deviation (of a sample: divided by n−1), minimum and maximum, which are NaN where there are none:
// a row for each label and column, the labels by their counts. It is two passes over the columns, on all cores.
func (s *Set) Summary(columns ...string) *table.Table {
	if len(columns) == 0 {
		columns = s.Numbers()
	}
	labels := s.Labels()
	all := make([][]moments, len(columns)) // by column and label
	for i, name := range columns {
		s.column(name)
		all[i] = make([]moments, len(labels))
		for k := range all[i] {
			all[i][k] = moments{low: math.Inf(1), high: math.Inf(-1)}
		}
	}
	var next atomic.Int64
	var work sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(columns)) {
		work.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(columns); i = int(next.Add(1)) - 1 {
				s.moments(columns[i], all[i])
			}
		})
	}
	work.Wait()
	var names, of []string
	var count []int64
	var mean, std, low, high []float64
	for _, n := range s.LabelCounts() {
		k := slices.Index(labels, n.Label)
		for i, name := range columns {
			m := all[i][k]
			if m.n == 0 {
				m.mean, m.squares, m.low, m.high = math.NaN(), math.NaN(), math.NaN(), math.NaN()
			}
			names, of, count = append(names, n.Label), append(of, name), append(count, m.n)
			mean, std, low, high = append(mean, m.mean), append(std, math.Sqrt(m.squares/float64(m.n-1))), append(low, m.low), append(high, m.high)
		}
	}
	return table.New(table.Col("label", names), table.Col("column", of), table.Col("count", count), table.Col("mean", mean),
		table.Col("std", std), table.Col("min", low), table.Col("max", high))
}

type moments struct {
	n                        int64
	mean, squares, low, high float64 // squares: Σ(x − mean)²
}

// moments adds up a column by label: first the means, then the squares about them.
func (s *Set) moments(name string, m []moments) {
	pass := func(do func(m *moments, x float64)) {
		for from := 0; from < s.rows; from += batchRows {
			to := min(from+batchRows, s.rows)
			codes := s.Codes(from, to)
			for i, x := range s.Float64s(name, from, to) {
				if x-x == 0 { // finite
					do(&m[codes[i]], x)
				}
			}
		}
	}
	pass(func(m *moments, x float64) {
		m.n++
		m.mean += (x - m.mean) / float64(m.n)
		m.low, m.high = min(m.low, x), max(m.high, x)
	})
	pass(func(m *moments, x float64) { m.squares += (x - m.mean) * (x - m.mean) })
}

// A Timeline is how many flows of each label there are in each interval of time.
type Timeline struct {
	Start  time.Time
	Step   time.Duration
	Labels []string  // the most frequent first
	Counts [][]int64 // by label and interval; the intervals without any flow are there too
}

// Timeline counts the flows of each label in intervals of a length, from the first time on. More than a million
// intervals are an error: a few rows of 1970 make such a table, see Options.Since.
func (s *Set) Timeline(step time.Duration) (*Timeline, error) {
	if step <= 0 {
		return nil, fmt.Errorf("cic2018: a timeline in steps of %v", step)
	}
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	times := s.byRole(timestamp)
	s.each(times, 0, s.rows, func(_ int, part []byte) {
		for _, t := range view[int64](part) {
			first, last = min(first, t), max(last, t)
		}
	})
	t := &Timeline{Step: step}
	if s.rows == 0 {
		return t, nil
	}
	width := max(step.Microseconds(), 1)
	first = floorTo(first, width)
	const most = 1_000_000
	n := (last-first)/width + 1
	if n > most {
		return nil, fmt.Errorf("cic2018: %d intervals of %v from %v to %v, more than %d", n, step, time.UnixMicro(first).UTC(), time.UnixMicro(last).UTC(), most)
	}
	t.Start = time.UnixMicro(first).UTC()
	labels := s.Labels()
	at := make([]int, len(labels))
	for i, c := range s.LabelCounts() {
		if k := slices.Index(labels, c.Label); k >= 0 {
			at[k] = i
		}
		t.Labels, t.Counts = append(t.Labels, c.Label), append(t.Counts, make([]int64, n))
	}
	s.each(times, 0, s.rows, func(row int, part []byte) {
		when := view[int64](part)
		for i, k := range s.Codes(row, row+len(when)) {
			t.Counts[at[k]][(when[i]-first)/width]++
		}
	})
	return t, nil
}

// A Day is a part of a timeline without its nights.
type Day struct {
	Name   string      // "14 Feb"
	Start  time.Time   // of its first interval
	Counts [][]float64 // by label and interval, from the first with a flow to the last
}

// Days cuts a timeline into days, each from its first flow to its last. Days without any are left out.
func (t *Timeline) Days() (all []Day) {
	if len(t.Counts) == 0 {
		return nil
	}
	n := len(t.Counts[0])
	any := func(k int) bool {
		return slices.ContainsFunc(t.Counts, func(row []int64) bool { return row[k] > 0 })
	}
	at := func(k int) time.Time { return t.Start.Add(time.Duration(k) * t.Step) }
	for from := 0; from < n; from++ {
		if !any(from) {
			continue
		}
		y, m, d := at(from).Date()
		to := from + 1 // behind the last one of the day with a flow
		for k := to; k < n; k++ {
			if y2, m2, d2 := at(k).Date(); y2 != y || m2 != m || d2 != d {
				break
			}
			if any(k) {
				to = k + 1
			}
		}
		one := Day{Name: at(from).Format("2 Jan"), Start: at(from)}
		for _, row := range t.Counts {
			var v []float64
			for _, c := range row[from:to] {
				v = append(v, float64(c))
			}
			one.Counts = append(one.Counts, v)
		}
		all = append(all, one)
		from = to - 1
	}
	return all
}

func floorTo(t, width int64) int64 {
	t -= ((t % width) + width) % width
	return t
}
