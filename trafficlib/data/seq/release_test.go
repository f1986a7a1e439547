package seq

import (
	"slices"
	"testing"
)

// A batch that reuses the memory of another contains none of its values.
func TestRelease(t *testing.T) {
	ex := NextStep{Set: New(2, []float32{1, 2, 3, 4, 5, 6}, []float32{7, 8}), SequenceLen: 3}
	want := ex.Batch([]int{1, 0})
	for range 3 { // the pool may drop what it is given
		b := ex.Batch([]int{0, 0})
		b.Release()
		got := ex.Batch([]int{1, 0})
		if !slices.Equal(got.Input, want.Input) || !slices.Equal(got.Target, want.Target) {
			t.Fatalf("got %v and %v, want %v and %v", got.Input, got.Target, want.Input, want.Target)
		}
	}
	Batch{}.Release()
	if n := len(zeros(0)); n != 0 {
		t.Errorf("%d zeros, want none", n)
	}
}
