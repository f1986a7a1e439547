package seq

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestPairs(t *testing.T) {
	input := New(2, []float32{1, 2, 3, 4, 5, 6}, []float32{7, 8})
	target := New(1, []float32{1}, []float32{2, 3, 4})
	p := Pairs{Input: input, Target: target, Transform: plusOne(2), TargetTransform: plusOne(1)}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	want := Batch{
		Index: []int{1, 0}, Lengths: []int32{1, 3}, TargetLengths: []int32{3, 1},
		Input:  []float32{8, 9, 0, 0, 0, 0 /**/, 2, 3, 4, 5, 6, 7},
		Target: []float32{3, 4, 5 /**/, 2, 0, 0},
		Size:   2, Steps: Steps{3, 3}, In: 2, Out: 1,
	}
	if got := p.Batch([]int{1, 0}); fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	p.Steps = Steps{2, 1}
	if b := p.Batch([]int{0}); fmt.Sprint(b.Input, b.Target, b.Lengths) != "[2 3 4 5] [2] [2]" {
		t.Errorf("cut: %v %v", b.Input, b.Target)
	}
	nan := New(1, []float32{1}, []float32{2, float32(math.NaN())})
	for want, p := range map[string]Pairs{
		"seq: pairs of 2 input and 1 target sequences":   {Input: input, Target: target.Head(1)},
		"seq: the input set has no sequences":            {Target: target},
		"seq: the target set has no sequences":           {Input: input},
		"seq: target sequence 1: step 1: feature 0: NaN": {Input: input, Target: nan},
		"seq: input sequence 0: no steps":                {Input: New(1, []float32{}), Target: target},
		"seq: the target transform is for 2 features, the sequence": {Input: input, Target: target,
			TargetTransform: plusOne(2)},
		"seq: pairs of -1→0 steps": {Input: input, Target: target, Steps: Steps{Input: -1}},
	} {
		if err := p.Check(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestSplitSteps(t *testing.T) {
	set := New(2, []float32{1, 2, 3, 4, 5, 6}, []float32{7, 8}).Subset([]int{1, 0})
	first, rest := set.SplitSteps(2)
	if got := fmt.Sprint(first.At(0), rest.At(0), first.At(1), rest.At(1)); got != "[7 8] [] [1 2 3 4] [5 6]" {
		t.Errorf("cut into %s", got)
	}
	if first.Longest() != 2 || rest.Longest() != 1 || rest.Origin(0) != 1 || set.Longest() != 3 {
		t.Errorf("%v and %v of %v", first, rest, set)
	}
	if err := (Pairs{Input: first, Target: rest}).Check(); err == nil ||
		err.Error() != "seq: target sequence 1: no steps" {
		t.Errorf("a sequence with nothing left: %v", err)
	}
}

// The model reads the first two steps of each sequence and predicts the rest.
func ExamplePairs() {
	first, rest := New(1, []float32{1, 2, 3}, []float32{4, 5, 6, 7, 8}).SplitSteps(2)
	for batch := range Batches(Pairs{Input: first, Target: rest}, Order{}) {
		fmt.Println(batch)
		fmt.Println(batch.Input, batch.Target, batch.TargetLengths)
	}
	// Output:
	// input [2 2 1], target [2 3 1], 8 of 10 steps real
	// [1 2 4 5] [3 0 0 6 7 8] [1 3]
}
