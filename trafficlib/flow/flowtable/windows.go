package flowtable

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
	ByDestination By = "destination" // those of a day to one port; "" means this one
	ByDay         By = "day"         // all of a day
	ByAll         By = "global"      // all, over nights as well
)

// WindowRules says how windows are cut.
type WindowRules struct {
	By     By
	Length int // flows in a window; 0 means 16
	Step   int // flows between the starts of windows; 0 means Length, with less they overlap
}

// Windows are stretches of consecutive flows, in the order of their last flows. A window is labeled
// with its attack, the most frequent if there are several, or Benign if all of its flows are benign
// or unlabeled. Windows hold places in the table, four bytes for each flow, and no values. They are
// an encode.Source whose rows are the flows of the windows, window after window.
type Windows struct {
	Length  int
	Left    int // flows that are in no window, such as those of a port with fewer flows than a window has
	Dropped int // by Split: windows that lie over a cut

	table   *Table
	rules   WindowRules
	order   []uint32 // rows of the table, group after group, each in the order of time
	starts  []uint32 // of each window, its first flow in order
	class   []uint16 // of each window, its label in classes
	part    []uint8  // of each window, in parts; nil before Split
	classes []string // Benign first
	parts   []string
	gather  *gathering
}

// Windows cuts the flows into windows. They must be in the order of time (Options.Sort).
func (t *Table) Windows(r WindowRules) (*Windows, error) {
	r.Length, r.By = cmp.Or(r.Length, 16), cmp.Or(r.By, ByDestination)
	r.Step = cmp.Or(r.Step, r.Length)
	switch {
	case r.Length < 1 || r.Step < 1 || r.Length > 1<<20:
		return nil, fmt.Errorf("flowtable: windows of %d flows in steps of %d: want at least one of each", r.Length, r.Step)
	case r.By != ByDestination && r.By != ByDay && r.By != ByAll:
		return nil, fmt.Errorf("flowtable: windows by %q: want %q, %q or %q", r.By, ByDestination, ByDay, ByAll)
	case t.rows > math.MaxUint32:
		return nil, fmt.Errorf("flowtable: %d flows, at most %d", t.rows, math.MaxUint32)
	}
	days, err := t.days()
	if err != nil {
		return nil, err
	}
	if r.By == ByAll {
		days = []int{0, t.rows}
	}
	w := &Windows{Length: r.Length, table: t, rules: r, order: make([]uint32, t.rows), gather: new(gathering)}
	for d := range days[:len(days)-1] {
		from, to := days[d], days[d+1]
		for _, g := range t.group(r.By, from, to, w.order[from:to]) {
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
	w.classify()
	return w, nil
}

const day = 24 * 3600 * 1_000_000 // in microseconds

// days returns the first row of each day, and at last the number of rows.
func (t *Table) days() ([]int, error) {
	var starts []int
	earlier, today := int64(math.MinInt64), int64(math.MinInt64)
	var err error
	t.each(t.column(Timestamp), 0, t.rows, func(at int, part []byte) {
		for i, x := range view[int64](part) {
			if x < earlier && err == nil {
				err = fmt.Errorf("flowtable: %s: row %d is of %v, the one before it is later: "+
					"windows need rows in the order of time (Options.Sort)", t.path, at+i,
					time.UnixMicro(x).UTC().Format("2006-01-02 15:04:05"))
			}
			earlier = x
			if d := floorTo(x, day); d != today {
				starts, today = append(starts, at+i), d
			}
		}
	})
	return append(starts, t.rows), err
}

// A group is rows that follow each other, as a range of the order.
type group struct{ from, to int }

// group puts the rows from … to-1 into order, those of a group together, and returns the groups.
func (t *Table) group(by By, from, to int, order []uint32) (all []group) {
	if by != ByDestination {
		for i := range order {
			order[i] = uint32(from + i)
		}
		return []group{{from, to}}
	}
	// A counting sort by port.
	var ends [1 << 16]int // of each port: first its flows, then where its next flow goes
	ports := t.column(DestinationPort)
	t.each(ports, from, to, func(_ int, part []byte) {
		for _, p := range view[uint16](part) {
			ends[p]++
		}
	})
	at := 0
	for p, n := range ends {
		ends[p] = at
		if n > 0 {
			all = append(all, group{from + at, from + at + n})
		}
		at += n
	}
	t.each(ports, from, to, func(row int, part []byte) {
		for i, p := range view[uint16](part) {
			order[ends[p]] = uint32(row + i)
			ends[p]++
		}
	})
	return all
}

// last returns the row of the last flow of the window that begins at a place of the order.
func (w *Windows) last(start uint32) uint32 { return w.order[int(start)+w.Length-1] }

// classify labels the windows.
func (w *Windows) classify() {
	w.classes = w.table.Classes()
	var class []int // of each code
	for _, label := range w.table.Labels() {
		class = append(class, max(0, slices.Index(w.classes, label))) // unlabeled flows count as benign
	}
	codes := w.table.Codes(0, w.table.rows)
	count := make([]int, len(w.classes))
	w.class = make([]uint16, len(w.starts))
	for i := range w.starts {
		clear(count)
		for _, row := range w.Rows(i) {
			count[class[codes[row]]]++
		}
		for c, n := range count[1:] {
			if n > 0 && (w.class[i] == 0 || n > count[w.class[i]]) {
				w.class[i] = uint16(c + 1)
			}
		}
	}
}

// Len returns the number of windows.
func (w *Windows) Len() int { return len(w.starts) }

// Rows returns the rows of the table in window i, in the order of time. They must not be changed.
func (w *Windows) Rows(i int) []uint32 { return w.order[w.starts[i]:][:w.Length] }

// Label returns the label of window i.
func (w *Windows) Label(i int) string { return w.classes[w.class[i]] }

// Labels returns the label of each window.
func (w *Windows) Labels() []string {
	all := make([]string, w.Len())
	for i := range all {
		all[i] = w.Label(i)
	}
	return all
}

// where returns some of the windows.
func (w *Windows) where(keep func(i int) bool) *Windows {
	p := *w
	p.starts, p.class, p.part, p.gather = nil, nil, nil, new(gathering)
	for i := range w.starts {
		if !keep(i) {
			continue
		}
		p.starts, p.class = append(p.starts, w.starts[i]), append(p.class, w.class[i])
		if w.part != nil {
			p.part = append(p.part, w.part[i])
		}
	}
	return &p
}

// Normal returns the windows without an attack.
func (w *Windows) Normal() *Windows { return w.where(func(i int) bool { return w.class[i] == 0 }) }

// Sample keeps at most so many windows of each label in each part, drawn by chance; they stay in
// their order. 0 keeps all.
func (w *Windows) Sample(most int, seed int64) *Windows {
	if most <= 0 {
		return w
	}
	groups := make([][]int, len(w.classes)*max(1, len(w.parts)))
	for i, c := range w.class {
		g := int(c)
		if w.part != nil {
			g += int(w.part[i]) * len(w.classes)
		}
		groups[g] = append(groups[g], i)
	}
	rng := rand.New(rand.NewPCG(uint64(seed), 4))
	keep := make([]bool, w.Len())
	for _, all := range groups {
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, i := range all[:min(most, len(all))] {
			keep[i] = true
		}
	}
	return w.where(func(i int) bool { return keep[i] })
}
