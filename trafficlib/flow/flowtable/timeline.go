package flowtable

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// A Timeline counts how many flows of each label there are in each interval of time.
type Timeline struct {
	Start  time.Time
	Step   time.Duration
	Labels []string  // the most frequent first
	Counts [][]int64 // by label and interval, intervals without flows included
}

// Timeline counts the flows of each label in intervals of a length, from the first time on. More
// than a million intervals are an error: a few flows of 1970 have that effect.
func (t *Table) Timeline(step time.Duration) (*Timeline, error) {
	if step <= 0 {
		return nil, fmt.Errorf("flowtable: a timeline in steps of %v", step)
	}
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	times := t.column(Timestamp)
	t.each(times, 0, t.rows, func(_ int, part []byte) {
		for _, x := range view[int64](part) {
			first, last = min(first, x), max(last, x)
		}
	})
	line := &Timeline{Step: step}
	if t.rows == 0 {
		return line, nil
	}
	width := max(step.Microseconds(), 1)
	first = floorTo(first, width)
	const most = 1_000_000
	n := (last-first)/width + 1
	if n > most {
		return nil, fmt.Errorf("flowtable: %d intervals of %v from %v to %v, more than %d",
			n, step, time.UnixMicro(first).UTC(), time.UnixMicro(last).UTC(), most)
	}
	line.Start, line.Labels = time.UnixMicro(first).UTC(), t.frequent()
	labels := t.Labels()
	at := make([]int, len(labels)) // by code
	for i, label := range line.Labels {
		if k := slices.Index(labels, label); k >= 0 {
			at[k] = i
		}
		line.Counts = append(line.Counts, make([]int64, n))
	}
	t.each(times, 0, t.rows, func(row int, part []byte) {
		when := view[int64](part)
		for i, k := range t.Codes(row, row+len(when)) {
			line.Counts[at[k]][(when[i]-first)/width]++
		}
	})
	return line, nil
}

// A Day is a part of a timeline without its nights.
type Day struct {
	Name   string      // "14 Feb"
	Start  time.Time   // of its first interval
	Counts [][]float64 // by label and interval, from the first with a flow to the last
}

// Days divides a timeline into days, each from its first flow to its last. Days without flows are
// left out.
func (l *Timeline) Days() (all []Day) {
	if len(l.Counts) == 0 {
		return nil
	}
	n := len(l.Counts[0])
	any := func(k int) bool {
		return slices.ContainsFunc(l.Counts, func(row []int64) bool { return row[k] > 0 })
	}
	at := func(k int) time.Time { return l.Start.Add(time.Duration(k) * l.Step) }
	for from := 0; from < n; from++ {
		if !any(from) {
			continue
		}
		y, m, d := at(from).Date()
		to := from + 1 // behind the last interval of the day with a flow
		for k := to; k < n; k++ {
			if y2, m2, d2 := at(k).Date(); y2 != y || m2 != m || d2 != d {
				break
			}
			if any(k) {
				to = k + 1
			}
		}
		one := Day{Name: at(from).Format("2 Jan"), Start: at(from)}
		for _, row := range l.Counts {
			one.Counts = append(one.Counts, each(row[from:to], func(n int64) float64 { return float64(n) }))
		}
		all = append(all, one)
		from = to - 1
	}
	return all
}

// floorTo rounds a time down to a multiple of a width, before 1970 too.
func floorTo(t, width int64) int64 {
	t -= ((t % width) + width) % width
	return t
}
