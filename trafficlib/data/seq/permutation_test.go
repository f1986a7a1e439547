package seq

import (
	"slices"
	"testing"
)

// The lists are the results of numpy.random.RandomState(seed).permutation(n) in numpy 2.4.
func TestPermutation(t *testing.T) {
	for _, c := range []struct {
		n    int
		seed uint32
		want []int
	}{
		{14, 2019, []int{7, 1, 3, 9, 0, 12, 4, 11, 10, 6, 13, 5, 2, 8}},
		{5, 0, []int{2, 0, 1, 3, 4}},
		{10, 4294967295, []int{6, 9, 5, 1, 8, 0, 7, 4, 2, 3}},
		{1, 7, []int{0}},
		{0, 7, []int{}},
	} {
		if got := Permutation(c.n, c.seed); !slices.Equal(got, c.want) {
			t.Errorf("Permutation(%d, %d) = %v, want %v", c.n, c.seed, got, c.want)
		}
	}
	// The first and last numbers of a longer list, which needs more than the generator's first 624
	// words.
	got := Permutation(1000, 42)
	if head, tail := got[:4], got[996:]; !slices.Equal(head, []int{521, 737, 740, 660}) ||
		!slices.Equal(tail, []int{270, 860, 435, 102}) {
		t.Errorf("Permutation(1000, 42) = %v … %v", head, tail)
	}
}
