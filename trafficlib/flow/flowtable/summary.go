package flowtable

import (
	"cmp"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// frequent returns the labels, the most frequent first, equal ones by name.
func (t *Table) frequent() []string {
	var all []string
	for label := range t.made.Labels {
		all = append(all, label)
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(t.made.Labels[b], t.made.Labels[a]), cmp.Compare(a, b))
	})
	return all
}

// LabelCounts returns a row for each label, the most frequent first: how many flows have it, and
// their share of all. The counts are kept in the file.
func (t *Table) LabelCounts() *table.Table {
	labels := t.frequent()
	return table.New(
		table.Col(Label, labels),
		table.Col("flows", each(labels, func(l string) int64 { return t.made.Labels[l] })),
		table.Col("share", each(labels, func(l string) float64 { return float64(t.made.Labels[l]) / float64(t.rows) })))
}

// Classes returns the labels with Benign first, whether any flow has it or not, and then the
// attacks, the most frequent first. Unlabeled is not among them.
func (t *Table) Classes() []string {
	attacks := slices.DeleteFunc(t.frequent(), func(l string) bool { return l == Benign || l == Unlabeled })
	return append([]string{Benign}, attacks...)
}

// MemoryLine returns the result of Memory as a line of text.
func (t *Table) MemoryLine() string {
	before, after := t.Memory()
	return fmt.Sprintf("memory: %.1f MB as pandas reads it, %.1f MB as it is stored (%.1f %% less)",
		float64(before)/(1<<20), float64(after)/(1<<20), 100-100*float64(after)/float64(before))
}

// Summary returns a row for each label and each of the columns, or of all Numbers if none is named:
// how many values are finite, their mean, standard deviation (of a sample: divided by n−1), minimum
// and maximum, which are NaN without values. Labels come by their counts. It makes two passes over
// each column, on all cores.
func (t *Table) Summary(columns ...string) *table.Table {
	if len(columns) == 0 {
		columns = t.Numbers()
	}
	labels := t.Labels()
	all := make([][]moments, len(columns)) // by column and label
	for i, name := range columns {
		t.column(name) // panics here rather than in a goroutine
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
				t.moments(columns[i], all[i])
			}
		})
	}
	work.Wait()
	var names, of []string
	var count []int64
	var mean, std, low, high []float64
	for _, label := range t.frequent() {
		k := slices.Index(labels, label)
		for i, name := range columns {
			m := all[i][k]
			if m.n == 0 {
				m.mean, m.squares, m.low, m.high = math.NaN(), math.NaN(), math.NaN(), math.NaN()
			}
			names, of, count = append(names, label), append(of, name), append(count, m.n)
			mean, std = append(mean, m.mean), append(std, math.Sqrt(m.squares/float64(m.n-1)))
			low, high = append(low, m.low), append(high, m.high)
		}
	}
	return table.New(table.Col(Label, names), table.Col("column", of), table.Col("count", count), table.Col("mean", mean),
		table.Col("std", std), table.Col("min", low), table.Col("max", high))
}

type moments struct {
	n                        int64
	mean, squares, low, high float64 // squares: Σ(x − mean)²
}

// moments adds up a column by label: first the means, then the squares about them.
func (t *Table) moments(name string, m []moments) {
	c := t.column(name)
	pass := func(do func(m *moments, x float64)) {
		for from := 0; from < t.rows; from += batchRows {
			to := min(from+batchRows, t.rows)
			codes := t.Codes(from, to)
			for i, x := range t.float64s(c, from, to) {
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
