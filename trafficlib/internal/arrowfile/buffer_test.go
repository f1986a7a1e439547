package arrowfile

import (
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

func TestNumbers(t *testing.T) {
	want := []float64{1, -2.5, 3}
	b := Buffer(want)
	got, ok := Numbers[float64](b, 3)
	if !ok || !slices.Equal(got, want) || &got[0] != &want[0] {
		t.Errorf("got %v, %v, want the same memory", got, ok)
	}
	// The same numbers one byte further on cannot be read in place.
	bytes := append([]byte{0}, b.Bytes()...)
	if got, ok := Numbers[float64](memory.NewBufferBytes(bytes[1:]), 3); !ok || !slices.Equal(got, want) {
		t.Errorf("not aligned: got %v, %v", got, ok)
	}
	for _, n := range []int{4, -1, 1 << 62} {
		if got, ok := Numbers[float64](b, n); ok {
			t.Errorf("%d numbers of a buffer with 3: %v", n, got)
		}
	}
	if got, ok := Numbers[int32](nil, 0); !ok || len(got) != 0 {
		t.Error("no numbers of no buffer: not possible")
	}
	if _, ok := Numbers[int32](nil, 1); ok {
		t.Error("a number of no buffer")
	}
}
