package seq

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Subset returns a view of the sequences with the given numbers, in that order. It panics if a
// number is not in the set.
func (s *Set) Subset(index []int) *Set {
	rows, at := make([][]float32, len(index)), make([]int, len(index))
	for k, i := range index {
		rows[k], at[k] = s.rows[i], s.place(i)
	}
	return s.view(rows, at)
}

// view returns a set with other rows, and with the columns at the given places.
func (s *Set) view(rows [][]float32, index []int) *Set {
	view := newSet(s.features, rows)
	view.index, view.columns, view.lineage = index, s.columns, s.lineage
	return view
}

// Head returns a view of the first n sequences, or of all if there are fewer.
func (s *Set) Head(n int) *Set { return s.Subset(count(0, min(max(n, 0), s.Len()))) }

// Where returns a view of the sequences for which keep returns true.
func (s *Set) Where(keep func(About) bool) *Set {
	var index []int
	for i := range s.Len() {
		if keep(s.About(i)) {
			index = append(index, i)
		}
	}
	return s.Subset(index)
}

// Part returns a view of the sequences of the named parts, and the set itself if none is named. If
// there are none, the view is empty, and Check of examples made of it says so.
func (s *Set) Part(names ...string) *Set {
	if len(names) == 0 {
		return s
	}
	view := s.Where(func(a About) bool { return slices.Contains(names, a.Part) })
	view.chosen = fmt.Sprintf("part %q has no sequences", strings.Join(names, ", "))
	if len(names) > 1 {
		view.chosen = fmt.Sprintf("parts %q have no sequences", names)
	}
	if have := s.Parts(); view.Len() == 0 && len(have) > 0 {
		view.chosen += fmt.Sprintf(": the set has %q", have)
	}
	return view
}

// SplitSteps cuts each sequence in two, after its first n steps. The tail of a sequence that has no
// more than n is empty.
func (s *Set) SplitSteps(n int) (head, tail *Set) {
	heads, tails := make([][]float32, s.Len()), make([][]float32, s.Len())
	for i, rows := range s.rows {
		at := min(max(n, 0)*s.features, len(rows))
		heads[i], tails[i] = rows[:at:at], rows[at:]
	}
	return s.view(heads, s.index), s.view(tails, s.index)
}

// Truncate returns a view of the first steps of each sequence.
func (s *Set) Truncate(steps int) *Set {
	head, _ := s.SplitSteps(steps)
	return head
}

// Encoded returns the sequences in memory with the encoder of the set applied to their rows,
// without an encoder. If the set has none to apply, it returns the set itself.
func (s *Set) Encoded() *Set {
	t := s.transform()
	if t == nil {
		return s
	}
	rows := make([][]float32, s.Len())
	for i, r := range s.rows {
		rows[i] = slices.Clone(r)
		t.Transform(rows[i])
	}
	l := s.Lineage()
	l.Encoder = nil
	return s.view(rows, s.index).WithLineage(l)
}

// Concat returns the sequences of all sets in turn, sharing their memory. The sets must have the
// same features. Names, recipe and encoder are those of the first; if another set states others,
// that is an error, since its rows would mean something else.
func Concat(sets ...*Set) (*Set, error) {
	if len(sets) == 0 {
		return nil, errors.New("seq: concat: no sets")
	}
	var rows [][]float32
	c := new(columns)
	for k, s := range sets {
		if s.features != sets[0].features {
			return nil, fmt.Errorf("seq: concat: set %d has %d features, the first has %d", k, s.features,
				sets[0].features)
		}
		if err := sets[0].Lineage().same(s.Lineage()); err != nil {
			return nil, fmt.Errorf("seq: concat: set %d: %w", k, err)
		}
		rows = append(rows, s.rows...)
		for i := range s.Len() {
			c.add(s.About(i))
		}
	}
	all := newSet(sets[0].features, rows)
	all.columns, all.lineage = c, sets[0].lineage
	return all, nil
}

// count returns the numbers from … to-1.
func count(from, to int) []int {
	index := make([]int, to-from)
	for i := range index {
		index[i] = from + i
	}
	return index
}
