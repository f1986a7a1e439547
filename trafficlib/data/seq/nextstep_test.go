package seq

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// plusOne is a transform that changes padding too.
type plusOne int

func (p plusOne) Features() int { return int(p) }
func (p plusOne) Transform(rows []float32) {
	for i := range rows {
		rows[i]++
	}
}

func TestNextStep(t *testing.T) {
	set := New(2, []float32{1, 2, 3, 4}, []float32{5, 6, 7, 8, 9, 10, 11, 12})
	b := NextStep{Set: set, SequenceLen: 3}.Batch([]int{1, 0})
	want := Batch{
		Index: []int{1, 0}, Lengths: []int32{3, 2}, TargetLengths: []int32{3, 2},
		Input:  []float32{0, 0, 5, 6, 7, 8 /**/, 0, 0, 1, 2, 3, 4},
		Target: []float32{5, 6, 7, 8, 9, 10 /**/, 1, 2, 3, 4, 0, 0},
		Size:   2, Steps: Steps{3, 3}, In: 2, Out: 2,
	}
	if fmt.Sprint(b) != fmt.Sprint(want) {
		t.Errorf("got\n%v\nwant\n%v", b, want)
	}
	// The transform applies to the padding, but not to the zero row in front or to the set.
	b = NextStep{Set: set, SequenceLen: 3, Transform: plusOne(2)}.Batch([]int{0})
	if want := []float32{0, 0, 2, 3, 4, 5}; !slices.Equal(b.Input, want) {
		t.Errorf("input %v, want %v", b.Input, want)
	}
	if want := []float32{2, 3, 4, 5, 1, 1}; !slices.Equal(b.Target, want) {
		t.Errorf("target %v, want %v", b.Target, want)
	}
	if set.At(0)[0] != 1 {
		t.Error("the transform changed the set")
	}
	for n, want := range map[int]int{0: 4, 7: 7} {
		if steps, in, out := (NextStep{Set: set, SequenceLen: n}).Shape(); steps != (Steps{want, want}) ||
			in != 2 || out != 2 {
			t.Errorf("SequenceLen %d: shape %v, %d, %d", n, steps, in, out)
		}
	}
}

func TestCheck(t *testing.T) {
	good := New(2, []float32{1, 2, 3, 4})
	inf := New(2, []float32{1, 2}, []float32{1, 2, 3, float32(math.Inf(-1))})
	for _, c := range []struct {
		ex   NextStep
		want string
	}{
		{NextStep{Set: good, Transform: plusOne(2)}, ""},
		{NextStep{Set: good, SequenceLen: 0}, ""},
		{NextStep{}, "seq: the set has no sequences"},
		{NextStep{Set: New(2)}, "seq: the set has no sequences"},
		{NextStep{Set: good, SequenceLen: -2}, "seq: SequenceLen -2: want a number"},
		{NextStep{Set: good, Transform: plusOne(3)}, "seq: the transform is for 3 features, the sequences have 2"},
		{NextStep{Set: New(2, []float32{})}, "seq: sequence 0: no steps"},
		{NextStep{Set: inf.Subset([]int{1})}, "seq: sequence 1: step 1: feature 1: -Inf"},
		{NextStep{Set: New(1, []float32{float32(math.NaN())})}, "seq: sequence 0: step 0: feature 0: NaN"},
		{NextStep{Set: New(1, []float32{math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32})}, ""},
	} {
		err := c.ex.Check()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

func TestOrder(t *testing.T) {
	if got, want := fmt.Sprint(Order{BatchSize: 2}.Indices(5)), "[[0 1] [2 3] [4]]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if n := len(Order{}.Indices(130)); n != 3 {
		t.Errorf("130 examples in %d batches of 64, want 3", n)
	}
	shuffled := func(seed int64, epoch int) string {
		return fmt.Sprint(Order{BatchSize: 50, Shuffle: true, Seed: seed, Epoch: epoch}.Indices(50))
	}
	first := shuffled(1, 2)
	if again := shuffled(1, 2); again != first {
		t.Error("the same seed and epoch give two orders")
	}
	if shuffled(1, 2) == shuffled(1, 3) || shuffled(1, 2) == shuffled(2, 2) {
		t.Error("another epoch or seed gives the same order")
	}
	order := Order{Shuffle: true, Seed: -1}.Indices(50)[0]
	slices.Sort(order)
	if !slices.Equal(order, count(0, 50)) {
		t.Errorf("a shuffle lost numbers: %v", order)
	}
}

func TestBatches(t *testing.T) {
	var sizes []int
	for b := range Batches(NextStep{Set: numbered(5), SequenceLen: 2}, Order{BatchSize: 2}) {
		sizes = append(sizes, b.Size)
		if len(sizes) == 2 {
			break
		}
	}
	if !slices.Equal(sizes, []int{2, 2}) {
		t.Errorf("sizes %v, want two batches of 2 and then none", sizes)
	}
}
