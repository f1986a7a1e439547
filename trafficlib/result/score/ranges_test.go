package score

import (
	"slices"
	"testing"
)

func TestRanges(t *testing.T) {
	ranges := []Range{{-2, 3}, {2, 5}, {8, 12}}
	if n := Covered(ranges, 10); n != 6 { // 0 to 4, and 9
		t.Errorf("%d covered", n)
	}
	if got := Interiors(ranges); !slices.Equal(got, [][2]float64{{-1, 2}, {3, 4}, {9, 11}}) {
		t.Errorf("interiors %v", got)
	}
}
