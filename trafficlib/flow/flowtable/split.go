package flowtable

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// SplitBy says which windows are compared in time when they are divided into parts.
type SplitBy string

const (
	SplitAll  SplitBy = "time" // all of them; "" means this one
	SplitEach SplitBy = "each" // those of each label, for attacks that were recorded apart from the rest
)

// Split divides the windows in time into the parts seq.Train, seq.Valid and seq.Test: the first
// share train of them, the next share valid, and the rest. A window that lies over a cut, with its
// first flow before it and its last behind, is in no part and is left out, so that no flow is in
// two parts, and with SplitAll all flows of a part are before those of the next; Dropped counts
// these windows.
//
// It is an error when the shares are invalid, when a part is empty, and when no window for
// training or validation is normal, since thresholds are found on those.
func (w *Windows) Split(by SplitBy, train, valid float64) (*Windows, error) {
	switch {
	case !(train >= 0 && valid >= 0 && train+valid <= 1):
		return nil, fmt.Errorf("flowtable: shares of %v for training and %v for validation: want at most 1 in sum",
			train, valid)
	case by != "" && by != SplitAll && by != SplitEach:
		return nil, fmt.Errorf("flowtable: split by %q: want %q or %q", by, SplitAll, SplitEach)
	}
	groups := make([][]int, 1)
	if by == SplitEach {
		groups = make([][]int, len(w.classes))
	}
	for i, c := range w.class {
		g := 0
		if by == SplitEach {
			g = int(c)
		}
		groups[g] = append(groups[g], i)
	}
	part := make([]int, w.Len())
	for _, group := range groups {
		w.cut(group, train, valid, part)
	}
	if by == SplitEach {
		w.apart(part)
	}
	s := w.where(func(i int) bool { return part[i] != none })
	s.parts = []string{seq.Train, seq.Valid, seq.Test}
	s.Dropped = w.Len() - s.Len()
	s.part = nil
	for _, k := range part {
		if k != none {
			s.part = append(s.part, uint8(k))
		}
	}
	return s, s.enough()
}

const none = -1

// cut finds the part of each window of a group, none for those that lie over a cut.
func (w *Windows) cut(group []int, train, valid float64, part []int) {
	at := func(share float64) uint32 { // a row: what ends before it is of an earlier part
		if i := int(math.Round(share * float64(len(group)))); i < len(group) {
			return w.last(w.starts[group[i]])
		}
		return math.MaxUint32
	}
	limits := []uint32{0, at(train), at(train + valid), math.MaxUint32}
	for _, i := range group {
		part[i] = none
		for k := range 3 {
			if w.Rows(i)[0] >= limits[k] && w.last(w.starts[i]) < limits[k+1] {
				part[i] = k
				break
			}
		}
	}
}

// apart leaves out the windows that share a flow with an earlier one of another part.
func (w *Windows) apart(part []int) {
	of := make([]int8, w.table.rows) // of each row: the part of its windows and one, 0 if it has none
	for i, k := range part {
		if k == none {
			continue
		}
		for _, row := range w.Rows(i) {
			if of[row] != 0 && of[row] != int8(k+1) {
				part[i] = none
			}
		}
		if part[i] == none {
			continue
		}
		for _, row := range w.Rows(i) {
			of[row] = int8(k + 1)
		}
	}
}

// enough returns an error that names the part with too few windows.
func (w *Windows) enough() error {
	lacking, all := "", ""
	for i, name := range w.parts {
		p := w.Part(name)
		normal := p.Normal().Len()
		if lacking == "" && (p.Len() == 0 || name != seq.Test && normal == 0) {
			lacking = name
		}
		if i > 0 {
			all += ", "
		}
		all += fmt.Sprintf("%s %d (%d normal)", name, p.Len(), normal)
	}
	if lacking == "" {
		return nil
	}
	return fmt.Errorf("flowtable: too few windows for %s: %s: shorter windows (Length), smaller steps (Step), "+
		"another grouping (By) or other shares make more", lacking, all)
}

// Part returns the windows of a part.
func (w *Windows) Part(name string) *Windows {
	k := slices.Index(w.parts, name)
	return w.where(func(i int) bool { return w.part != nil && int(w.part[i]) == k })
}

// Counts returns how many windows have each label: a row for each, the most frequent first, and a
// column for each part, or "windows" before Split. Labels of flows that no window has are there
// with 0.
func (w *Windows) Counts() *table.Table {
	parts := w.parts
	if len(parts) == 0 {
		parts = []string{"windows"}
	}
	count, total := make([][]int64, len(parts)), make([]int64, len(w.classes))
	for k := range count {
		count[k] = make([]int64, len(w.classes))
	}
	for i, c := range w.class {
		k := 0
		if w.part != nil {
			k = int(w.part[i])
		}
		count[k][c]++
		total[c]++
	}
	order := make([]int, len(w.classes))
	for c := range order {
		order[c] = c
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(total[b], total[a]) })
	columns := []table.Column{table.Col(Label, each(order, func(c int) string { return w.classes[c] }))}
	for k, name := range parts {
		columns = append(columns, table.Col(name, each(order, func(c int) int64 { return count[k][c] })))
	}
	return table.New(columns...)
}
