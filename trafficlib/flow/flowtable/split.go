package flowtable

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// Split divides the windows in time into the parts seq.Train, seq.Valid and seq.Test: the first
// share train of them, the next share valid, and the rest. A window that lies over a cut, with its
// first flow before it and its last behind, is in no part and is left out, so that no flow is in
// two parts and all flows of a part are before those of the next; Dropped counts these windows.
//
// It is an error when the shares are no shares, when a part is empty, and when no window for
// training or validation is normal, since thresholds are found on those.
func (w *Windows) Split(train, valid float64) (*Windows, error) {
	if !(train >= 0 && valid >= 0 && train+valid <= 1) {
		return nil, fmt.Errorf("flowtable: shares of %v for training and %v for validation: want at most 1 in sum",
			train, valid)
	}
	cut := func(share float64) uint32 { // a row: what ends before it is of an earlier part
		if i := int(math.Round(share * float64(len(w.starts)))); i < len(w.starts) {
			return w.last(w.starts[i])
		}
		return math.MaxUint32
	}
	limits := []uint32{0, cut(train), cut(train + valid), math.MaxUint32}
	part := func(i int) int {
		for k := range 3 {
			if w.Rows(i)[0] >= limits[k] && w.last(w.starts[i]) < limits[k+1] {
				return k
			}
		}
		return -1
	}
	s := w.where(func(i int) bool { return part(i) >= 0 })
	s.parts = []string{seq.Train, seq.Valid, seq.Test}
	s.Dropped = w.Len() - s.Len()
	for i := range w.Len() {
		if k := part(i); k >= 0 {
			s.part = append(s.part, uint8(k))
		}
	}
	return s, s.enough()
}

// enough tells which part has too few windows.
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

// Counts tells how many windows have each label: a row for each, the most frequent first, and a
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
