package seq

import (
	"fmt"
	"math"
)

// A Split divides items, such as the sequences of a set or the rows of a table, into the parts
// Train, Test and Valid. The zero value makes all of them Train.
type Split struct {
	By    SplitBy // which of them are taken; "" means Random
	Test  float64 // the share that is for testing
	Valid float64 // the share that is for validation, of all items as well
	Seed  int64   // of Random and Stratified; only its low 32 bits count
	// Group, unless it is nil, returns the group of item i. Items of a group stay together, and
	// shares count groups; a group has the label of its first item.
	Group func(i int) string
}

// SplitBy names the way in which items are chosen for testing, and then for validation among the
// others.
type SplitBy string

// Shares are rounded to the nearest number of items, Random's to the next above.
const (
	// Random takes the last of Permutation(n, seed): one at least if the share is not 0 and there
	// are two items. It makes the split of train_test_split in older Python programs.
	Random SplitBy = "random"
	// Stratified takes the share of each label, in the order of a Permutation, so that each part
	// has all labels: one at least of a label with two or more items, and never all of them.
	Stratified SplitBy = "stratified"
	// Latest takes the last, whatever they are: where items are in the order of time, nothing is
	// learned from what came later. Keras' validation_split does so.
	Latest SplitBy = "latest"
	// LatestOfEach takes the last of each label, as many as Stratified.
	LatestOfEach SplitBy = "latest_of_each"
)

func (s Split) check() error {
	if !(s.Test >= 0 && s.Valid >= 0 && s.Test+s.Valid <= 1) {
		return fmt.Errorf("seq: split: shares %v for testing and %v for validation: want 0 … 1 together",
			s.Test, s.Valid)
	}
	switch s.By {
	case "", Random, Stratified, Latest, LatestOfEach:
		return nil
	}
	return fmt.Errorf("seq: split by %q: want %q, %q, %q or %q", s.By, Random, Stratified, Latest, LatestOfEach)
}

// Parts returns the part of each item, given the labels of all in their order. Shares that are
// negative or more than 1 together, and an unknown way, are errors.
func (s Split) Parts(labels []string) ([]string, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	items := make([][]int, 0, len(labels)) // of each group
	if s.Group == nil {
		for i := range labels {
			items = append(items, []int{i})
		}
	} else {
		at := map[string]int{}
		for i := range labels {
			g := s.Group(i)
			k, ok := at[g]
			if !ok {
				k = len(items)
				at[g], items = k, append(items, nil)
			}
			items[k] = append(items[k], i)
		}
	}
	parts := make([]string, len(labels))
	for i := range parts {
		parts[i] = Train
	}
	for _, list := range s.lists(items, labels) {
		n := len(list)
		test := s.share(s.Test, n)
		valid := min(s.share(s.Valid, n), n-test)
		for k, g := range list {
			part := Train
			switch {
			case k >= n-test:
				part = Test
			case k >= n-test-valid:
				part = Valid
			}
			for _, i := range items[g] {
				parts[i] = part
			}
		}
	}
	return parts, nil
}

// lists returns the groups in the order in which they are taken from the end: one list, or one for
// each label.
func (s Split) lists(items [][]int, labels []string) [][]int {
	all := count(0, len(items))
	switch s.By {
	case Latest:
		return [][]int{all}
	case Stratified, LatestOfEach:
		at := map[string]int{}
		var lists [][]int
		for _, g := range all {
			label := labels[items[g][0]]
			k, ok := at[label]
			if !ok {
				k = len(lists)
				at[label], lists = k, append(lists, nil)
			}
			lists[k] = append(lists[k], g)
		}
		if s.By == Stratified {
			for k, list := range lists {
				lists[k] = make([]int, len(list))
				for i, j := range Permutation(len(list), uint32(s.Seed)) {
					lists[k][i] = list[j]
				}
			}
		}
		return lists
	}
	return [][]int{Permutation(len(items), uint32(s.Seed))}
}

// share returns how many of n are taken for a share of them.
func (s Split) share(share float64, n int) int {
	if share == 0 {
		return 0
	}
	rest := (1 - share) * float64(n)
	switch s.By {
	case Stratified, LatestOfEach:
		k := int(math.Round(share * float64(n)))
		if n > 1 {
			k = min(max(k, 1), n-1)
		}
		return k
	case Latest:
		return n - int(math.Round(rest))
	}
	k := n - min(int(math.Ceil(rest)), n)
	if k == 0 && n > 1 {
		k = 1
	}
	return k
}

// Split returns the set with its sequences divided into parts. Sequences that have a part keep it:
// attacks that are Attack already are neither learned from nor counted.
func (s *Set) Split(by Split) (*Set, error) {
	var free []int
	var labels []string
	for i := range s.Len() {
		if a := s.About(i); a.Part == "" {
			free, labels = append(free, i), append(labels, a.Label)
		}
	}
	if group := by.Group; group != nil {
		by.Group = func(k int) string { return group(free[k]) }
	}
	parts, err := by.Parts(labels)
	if err != nil {
		return nil, err
	}
	return s.with(func(c *columns) {
		for k, i := range free {
			c.parts[i] = parts[k]
		}
	}), nil
}
