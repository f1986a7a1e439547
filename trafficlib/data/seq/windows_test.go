package seq

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestWindows(t *testing.T) {
	set := New(1, []float32{1, 2, 3, 4}, []float32{10, 20, 30}, []float32{5, 6, 7, 8, 9}).Subset([]int{2, 1, 0})
	w := Windows{Set: set, Past: 2, Transform: plusOne(1)}
	if err := w.Check(); err != nil {
		t.Fatal(err)
	}
	if w.Len() != 3+1+2 {
		t.Fatalf("%d windows, want 6", w.Len())
	}
	var got []string
	for b := range Batches(w, Order{BatchSize: 4}) {
		for k, i := range b.Index {
			input, target := b.Example(k)
			sequence, step := w.Place(i)
			got = append(got, fmt.Sprint(w.About(i).Origin, sequence, step, input, target))
		}
	}
	want := []string{
		"2 0 2 [6 7] [8]", "2 0 3 [7 8] [9]", "2 0 4 [8 9] [10]",
		"1 1 2 [11 21] [31]",
		"0 2 2 [2 3] [4]", "0 2 3 [3 4] [5]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	w.Next = 2
	if err := w.Check(); err == nil || err.Error() != "seq: sequence 1: 3 steps: an example needs 4" {
		t.Errorf("a sequence without room: %v", err)
	}
	w.Set = set.Subset([]int{2})
	if b := w.Batch([]int{0}); w.Len() != 1 || !slices.Equal(b.Target, []float32{4, 5}) || b.TargetLengths[0] != 2 {
		t.Errorf("%d examples, the first %v", w.Len(), b)
	}
	for want, w := range map[string]Windows{
		"seq: windows of 0 past and 0 next steps":           {Set: set},
		"seq: windows of 1 past and -1 next steps":          {Set: set, Past: 1, Next: -1},
		"seq: the set has no sequences":                     {Past: 1},
		"seq: the transform is for 2 features, the sequenc": {Set: set, Past: 1, Transform: plusOne(2)},
	} {
		if err := w.Check(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// A series is one sequence. Each example predicts a step from the two before it.
func ExampleWindows() {
	series := New(1, []float32{3, 1, 4, 1, 5})
	windows := Windows{Set: series, Past: 2}
	fmt.Println(windows.Check(), windows.Len())
	for batch := range Batches(windows, Order{}) {
		fmt.Println(batch)
		fmt.Println(batch.Input, batch.Target)
	}
	// Output:
	// <nil> 3
	// input [3 2 1], target [3 1 1], 9 of 9 steps real
	// [3 1 1 4 4 1] [4 1 5]
}
