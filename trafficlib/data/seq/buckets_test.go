package seq

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// ragged returns examples of the given lengths.
func ragged(lengths ...int) NextStep {
	rows := make([][]float32, len(lengths))
	for i, n := range lengths {
		rows[i] = slices.Repeat([]float32{float32(i)}, n)
	}
	return NextStep{Set: New(1, rows...)}
}

func uneven(n int, seed uint64) NextStep {
	r := rand.New(rand.NewPCG(seed, 0))
	lengths := make([]int, n)
	for i := range lengths {
		lengths[i] = 1 + r.IntN(8)*r.IntN(8)
	}
	return ragged(lengths...)
}

// unevenPairs returns pairs with independent lengths of input and target.
func unevenPairs(n int, seed uint64) Pairs {
	return Pairs{Input: uneven(n, seed).Set, Target: uneven(n, seed+1000).Set}
}

// both returns buckets with as many steps of input as of target.
func both(lengths ...int) (buckets []Steps) {
	for _, n := range lengths {
		buckets = append(buckets, Steps{n, n})
	}
	return buckets
}

// nestedInOrder reports whether each bucket is larger than the one before it and has room for all
// its sequences.
func nestedInOrder(buckets []Steps) bool {
	for k, b := range buckets[1:] {
		if !buckets[k].fits(b) || buckets[k] == b {
			return false
		}
	}
	return true
}

// computed returns the number of steps of an epoch, including padding.
func computed(ex Examples, o Order) (steps int) {
	for _, share := range o.Plan(ex) {
		steps += len(share.Index) * (share.Steps.Input + share.Steps.Target)
	}
	return steps
}

func TestPlan(t *testing.T) {
	for n := range uint64(40) {
		size := 1 + int(n)*5
		for _, ex := range []Examples{uneven(size, n), unevenPairs(size, n)} {
			o := Order{BatchSize: 1 + int(n%9), Shuffle: n%2 == 0, Seed: int64(n), Epoch: 3}
			o.Buckets = Buckets(ex, o.BatchSize, 4)
			checkPlan(t, ex, o)
		}
	}
	got := Order{BatchSize: 2, Buckets: both(2, 5)}.Plan(ragged(5, 1, 2, 4, 2))
	if want := "[{[1 2] 2} {[4 0] 5} {[3] 5}]"; fmt.Sprint(got) != want { // the short one that was left over goes up
		t.Errorf("planned %v, want %v", got, want)
	}
	for why, buckets := range map[string][]Steps{"an example is longer": both(2), "has not room": {{3, 9}, {9, 3}}} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, why) {
					t.Errorf("buckets %v: panic %q, want %q", buckets, got, why)
				}
			}()
			Order{Buckets: buckets}.Plan(ragged(1, 3))
		}()
	}
}

// TestBucketsOfPairs checks that a shape has just enough room for its members in each dimension.
func TestBucketsOfPairs(t *testing.T) {
	of := func(lengths ...Steps) Pairs {
		var in, out []int
		for _, l := range lengths {
			in, out = append(in, l.Input), append(out, l.Target)
		}
		return Pairs{Input: ragged(in...).Set, Target: ragged(out...).Set}
	}
	for want, ex := range map[string]Pairs{
		"[3]":          of(Steps{3, 3}, Steps{3, 3}),
		"[3→9 3→160]":  of(Steps{3, 160}, Steps{3, 9}, Steps{3, 8}, Steps{3, 150}, Steps{3, 1}, Steps{3, 9}),
		"[40→1 200→1]": of(Steps{40, 1}, Steps{200, 1}, Steps{39, 1}, Steps{199, 1}),
		"[50 90→60]":   of(Steps{5, 50}, Steps{5, 49}, Steps{50, 5}, Steps{50, 9}, Steps{90, 60}, Steps{90, 60}),
	} {
		if got := fmt.Sprint(Buckets(ex, 2, 8)); got != want {
			t.Errorf("buckets %v, want %v", got, want)
		}
	}
}

// TestBuckets compares the choice with all others.

func checkPlan(t *testing.T, ex Examples, o Order) {
	t.Helper()
	if shape, _, _ := ex.Shape(); len(o.Buckets) > 4 || !nestedInOrder(o.Buckets) || o.Buckets[len(o.Buckets)-1] != shape {
		t.Errorf("buckets %v, want at most 4, ascending, up to %v", o.Buckets, shape)
	}
	plan := o.Plan(ex)
	if want := (ex.Len() + o.BatchSize - 1) / o.BatchSize; len(plan) != want {
		t.Errorf("%d examples by %d: %d batches, want %d", ex.Len(), o.BatchSize, len(plan), want)
	}
	var all []int
	smaller := 0
	for _, share := range plan {
		all = append(all, share.Index...)
		if len(share.Index) < o.BatchSize {
			smaller++
		}
		for _, i := range share.Index {
			if !ex.Length(i).fits(share.Steps) {
				t.Errorf("example %d of %v steps is in a batch of %v", i, ex.Length(i), share.Steps)
			}
		}
		if !slices.Contains(o.Buckets, share.Steps) {
			t.Errorf("a batch of %v steps, the buckets are %v", share.Steps, o.Buckets)
		}
	}
	slices.Sort(all)
	if !slices.Equal(all, count(0, ex.Len())) {
		t.Errorf("%d examples by %d: the epoch visits %v", ex.Len(), o.BatchSize, all)
	}
	if smaller > 1 {
		t.Errorf("%d examples by %d: %d batches are smaller", ex.Len(), o.BatchSize, smaller)
	}
	if !reflect.DeepEqual(plan, o.Plan(ex)) {
		t.Error("the same seed and epoch give two plans")
	}
	if o.Epoch = 4; o.Shuffle && ex.Len() > 20 && reflect.DeepEqual(plan, o.Plan(ex)) {
		t.Error("another epoch gives the same plan")
	}
}

// TestBuckets compares the choice with all others.
func TestBuckets(t *testing.T) {
	for n := range uint64(30) {
		ex := uneven(1+int(n), n)
		size := 1 + int(n%5)
		longest := ex.Set.Longest()
		best := [4]int{}
		for most := 1; most <= 3; most++ {
			best[most] = computed(ex, Order{BatchSize: size, Buckets: both(longest)})
			for a := 1; a <= longest && most > 1; a++ {
				for b := a; b <= longest; b++ {
					if most == 2 && b != a {
						continue
					}
					buckets := slices.Compact(both(a, b, longest))
					best[most] = min(best[most], computed(ex, Order{BatchSize: size, Buckets: buckets}))
				}
			}
			got := Buckets(ex, size, most)
			if len(got) > most || !nestedInOrder(got) || got[len(got)-1].Input != longest {
				t.Fatalf("buckets %v, want at most %d, ascending, up to %d", got, most, longest)
			}
			if c := computed(ex, Order{BatchSize: size, Buckets: got}); float64(c) > 1.1*float64(best[most]) {
				t.Errorf("%d buckets %v compute %d steps, %d would do", most, got, c, best[most])
			}
			if len(got) > 1 && float64(best[len(got)-1]) <= 1.1*float64(best[most]) {
				t.Errorf("%d buckets %v, one fewer would do", len(got), got)
			}
		}
	}
	for want, ex := range map[string]NextStep{
		"[7]":     ragged(7, 7, 7),
		"[1]":     ragged(1),
		"[2 100]": ragged(2, 2, 2, 100, 1, 2),
	} {
		if got := fmt.Sprint(Buckets(ex, 2, 8)); got != want {
			t.Errorf("buckets %v, want %v", got, want)
		}
	}
	// There are more lengths than Buckets considers.
	if got := Buckets(ragged(rand.New(rand.NewPCG(1, 1)).Perm(5000)[:3000]...), 64, 6); len(got) > 6 {
		t.Errorf("buckets %v", got)
	}
}

// TestResize checks that trimming a batch does not change its examples.
func TestResize(t *testing.T) {
	pairs := unevenPairs(30, 1)
	pairs.Steps, pairs.Transform, pairs.TargetTransform = Steps{100, 200}, plusOne(1), plusOne(1)
	for _, ex := range []Examples{
		NextStep{Set: numbered(9), SequenceLen: 100, Transform: plusOne(1)},
		Windows{Set: ragged(20, 9, 8).Set, Past: 5, Next: 3, Transform: plusOne(1)},
		pairs,
		Labeled{Set: numbered(9), SequenceLen: 100, Classes: 2, Class: []int{0, 1, 0, 1, 0, 1, 0, 1, 1},
			Transform: plusOne(1)},
	} {
		if err := ex.Check(); err != nil {
			t.Fatal(err)
		}
		for b := range Batches(ex, Order{BatchSize: 4, Shuffle: true, Buckets: Buckets(ex, 4, 3)}) {
			long := ex.Batch(b.Index)
			for k := range b.Index {
				gotIn, got := b.Example(k)
				wantIn, want := long.Example(k)
				if !slices.Equal(gotIn, wantIn) || !slices.Equal(got, want) || len(got) == 0 ||
					ex.Length(b.Index[k]) != (Steps{int(b.Lengths[k]), int(b.TargetLengths[k])}) {
					t.Errorf("%T: example %d, trimmed to %v steps: %v → %v, want %v → %v",
						ex, b.Index[k], b.Steps, gotIn, got, wantIn, want)
				}
			}
		}
	}
}

func ExampleBuckets() {
	set := New(1, []float32{1}, []float32{1, 2}, []float32{1, 2, 3, 4, 5, 6, 7, 8, 9}, []float32{1, 2})
	examples := NextStep{Set: set, SequenceLen: 1000}
	order := Order{BatchSize: 2, Buckets: Buckets(examples, 2, 8)}
	for batch := range Batches(examples, order) {
		fmt.Println(batch.Index, batch)
	}
	// Output:
	// [0 1] input [2 2 1], target [2 2 1], 3 of 4 steps real
	// [3 2] input [2 9 1], target [2 9 1], 11 of 18 steps real
}
