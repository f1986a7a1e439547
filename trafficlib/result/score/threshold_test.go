package score

import (
	"slices"
	"testing"
)

func TestThreshold(t *testing.T) {
	got, rest := Threshold([]float64{1, 2, 3, 9, 8, 7, 6}, 0.5)
	if got != 2 || !slices.Equal(rest, []float64{9, 8, 7, 6}) {
		t.Errorf("got %v and %v", got, rest)
	}
}
