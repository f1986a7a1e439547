package cic2018

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// By says which flows follow each other in a window.
type By string

const (
	ByDestination By = "destination" // those of a day to the same port; "" means this one
	ByDay         By = "day"         // all of a day
	ByAll         By = "global"      // all, over nights as well
)

// WindowRules says how windows are cut.
type WindowRules struct {
	By     By
	Length int // flows in a window; 0 means 16
	Step   int // from the first flow of one to that of the next of the same kind; 0 means Length, below it they overlap
}

// Windows are stretches of consecutive flows, in the order of their last flows. A window is of the class of its attack,
// the most frequent where there are several, or "Benign" when all of its flows are. It holds places, four bytes for
// each flow, and no values.
type Windows struct {
	Length int
	Left   int // flows that are in no window, such as those of a kind of which fewer came than a window has

	set     *Set
	order   []uint32 // the rows of the set, kind after kind, each in the order of time
	starts  []uint32 // of each window, into order
	class   []uint16 // of each window, into classes
	classes []string
}

// Windows cuts the flows into windows. They must be in the order of time (Options.Sort).
func (s *Set) Windows(r WindowRules) (*Windows, error) {
	r.Length, r.By = cmp.Or(r.Length, 16), cmp.Or(r.By, ByDestination)
	r.Step = cmp.Or(r.Step, r.Length)
	switch {
	case r.Length < 1 || r.Step < 1 || r.Length > 1<<20:
		return nil, fmt.Errorf("cic2018: windows of %d flows in steps of %d: want at least one of each", r.Length, r.Step)
	case r.By != ByDestination && r.By != ByDay && r.By != ByAll:
		return nil, fmt.Errorf("cic2018: windows by %q: want %q, %q or %q", r.By, ByDestination, ByDay, ByAll)
	case s.rows > math.MaxUint32:
		return nil, fmt.Errorf("cic2018: %d flows, at most %d", s.rows, math.MaxUint32)
	}
	days, err := s.days()
	if err != nil {
		return nil, err
	}
	if r.By == ByAll {
		days = []int{0, s.rows}
	}
	w := &Windows{Length: r.Length, set: s, order: make([]uint32, s.rows)}
	for d := range days[:len(days)-1] {
		from, to := days[d], days[d+1]
		for _, g := range s.group(r.By, from, to, w.order[from:to]) {
			n := 0
			for at := g.from; at+r.Length <= g.to; at += r.Step {
				w.starts = append(w.starts, uint32(at))
				n++
			}
			w.Left += g.to - g.from
			if n > 0 {
				w.Left -= (n-1)*min(r.Step, r.Length) + r.Length
			}
		}
	}
	slices.SortFunc(w.starts, func(a, b uint32) int { return cmp.Compare(w.last(a), w.last(b)) })
	w.name()
	return w, nil
}

// days gives the first row of each day, and at last the number of rows.
func (s *Set) days() ([]int, error) {
	var starts []int
	earlier, today := int64(math.MinInt64), int64(math.MinInt64)
	var err error
	s.each(s.byRole(timestamp), 0, s.rows, func(at int, part []byte) {
		for i, t := range view[int64](part) {
			if t < earlier && err == nil {
				err = fmt.Errorf("cic2018: %s: row %d is of %v, the one before it is later: windows need Options.Sort", s.path, at+i, time.UnixMicro(t).UTC().Format("2006-01-02 15:04:05"))
			}
			earlier = t
			if d := floorTo(t, day); d != today {
				starts, today = append(starts, at+i), d
			}
		}
	})
	return append(starts, s.rows), err
}

// A group is rows that follow each other, as places in the order.
type group struct{ from, to int }

// group puts the rows from … to into order, those of a group together, and gives the groups.
func (s *Set) group(by By, from, to int, order []uint32) (all []group) {
	if by != ByDestination {
		for i := range order {
			order[i] = uint32(from + i)
		}
		return []group{{from, to}}
	}
	ports := s.Ports(from, to)
	var ends [1 << 16]int // of the flows to each port: first their number, then where the next goes
	for _, p := range ports {
		ends[int(p)]++
	}
	at := 0
	for p, n := range ends {
		ends[p] = at
		if n > 0 {
			all = append(all, group{from + at, from + at + n})
		}
		at += n
	}
	for i, p := range ports {
		order[ends[int(p)]] = uint32(from + i)
		ends[int(p)]++
	}
	return all
}

// last gives the row of the last flow of the window that begins at a place.
func (w *Windows) last(start uint32) uint32 { return w.order[int(start)+w.Length-1] }

// name finds the classes.
func (w *Windows) name() {
	w.classes = w.set.Classes()
	var of []int // the class of each code
	for _, label := range w.set.Labels() {
		of = append(of, slices.Index(w.classes, label))
	}
	codes := w.set.Codes(0, w.set.rows)
	count := make([]int, len(w.classes))
	w.class = make([]uint16, len(w.starts))
	for i := range w.starts {
		clear(count)
		for _, row := range w.Rows(i) {
			count[of[codes[row]]]++
		}
		for c, n := range count[1:] {
			if n > 0 && (w.class[i] == 0 || n > count[w.class[i]]) {
				w.class[i] = uint16(c + 1)
			}
		}
	}
}

// Len gives the number of windows.
func (w *Windows) Len() int { return len(w.starts) }

// Rows gives the rows of the set in window i, in the order of time. They must not be modified.
func (w *Windows) Rows(i int) []uint32 { return w.order[w.starts[i]:][:w.Length] }

// Classes gives the class of each window, as a place in Set.Classes: 0 for a normal one.
func (w *Windows) Classes() []int {
	all := make([]int, len(w.class))
	for i, c := range w.class {
		all[i] = int(c)
	}
	return all
}

// Attacks gives the name of the attack in each window, "" for a normal one.
func (w *Windows) Attacks() []string {
	all := make([]string, len(w.class))
	for i, c := range w.class {
		if c > 0 {
			all[i] = w.classes[c]
		}
	}
	return all
}

// Counts gives how many windows are of each class, the most frequent first.
func (w *Windows) Counts() Counts {
	count := make([]int64, len(w.classes))
	for _, c := range w.class {
		count[c]++
	}
	var all Counts
	for c, n := range count {
		if n > 0 {
			all = append(all, Count{w.classes[c], n})
		}
	}
	slices.SortStableFunc(all, func(a, b Count) int { return cmp.Compare(b.Rows, a.Rows) })
	return all
}

// pick gives some of the windows.
func (w *Windows) pick(keep func(i int) bool) *Windows {
	p := *w
	p.starts, p.class = nil, nil
	for i := range w.starts {
		if keep(i) {
			p.starts, p.class = append(p.starts, w.starts[i]), append(p.class, w.class[i])
		}
	}
	return &p
}

// Normal gives the windows of which all flows are benign.
func (w *Windows) Normal() *Windows { return w.pick(func(i int) bool { return w.class[i] == 0 }) }

// Split cuts the windows where they stand in time: of n parts, which sum up to at most 1, each has about that part of the
// windows, and a last one has the rest. A window that lies over a cut, with its first flow before and its last behind
// it, is in none, so that no flow is in two parts and all of one are before all of the next: dropped says how many.
// It panics when a part is negative or they are more than 1.
func (w *Windows) Split(parts ...float64) (all []*Windows, dropped int) {
	var cuts []uint32 // rows: what ends before is of an earlier part
	sum := 0.0
	for _, part := range parts {
		if sum += part; !(part >= 0) || sum > 1+1e-9 {
			panic(fmt.Sprintf("cic2018: Split: parts %v", parts))
		}
		if i := int(math.Round(sum * float64(len(w.starts)))); i < len(w.starts) {
			cuts = append(cuts, w.last(w.starts[i]))
		} else {
			cuts = append(cuts, math.MaxUint32)
		}
	}
	kept := 0
	for k := range len(cuts) + 1 {
		from, to := uint32(0), uint32(math.MaxUint32)
		if k > 0 {
			from = cuts[k-1]
		}
		if k < len(cuts) {
			to = cuts[k]
		}
		p := w.pick(func(i int) bool { return w.Rows(i)[0] >= from && w.last(w.starts[i]) < to })
		kept += p.Len()
		all = append(all, p)
	}
	return all, w.Len() - kept
}

// Sample keeps at most so many windows of each class, drawn by chance; they stay in their order. 0 keeps all.
func (w *Windows) Sample(most int, seed int64) *Windows {
	if most <= 0 {
		return w
	}
	byClass := make([][]int, len(w.classes))
	for i, c := range w.class {
		byClass[c] = append(byClass[c], i)
	}
	rng := rand.New(rand.NewPCG(uint64(seed), 4))
	keep := make([]bool, w.Len())
	for _, all := range byClass {
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, i := range all[:min(most, len(all))] {
			keep[i] = true
		}
	}
	return w.pick(func(i int) bool { return keep[i] })
}
