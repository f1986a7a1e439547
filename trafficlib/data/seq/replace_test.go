package seq

import (
	"math"
	"reflect"
	"testing"
)

// TestReplace checks that an epoch draws as many examples as there are, and the same ones for the
// same seed and epoch. They leave out about 1/e of the examples and fill the same buckets.
func TestReplace(t *testing.T) {
	const n = 1000
	sequences := make([][]float32, n)
	for i := range sequences {
		sequences[i] = make([]float32, 1+i%20)
	}
	set := New(1, sequences...)
	ex := Pairs{Input: set, Target: set}
	o := Order{BatchSize: 8, Replace: true, Seed: 3, Buckets: Buckets(ex, 8, 3)}
	plan := o.Plan(ex)
	drawn := map[int]int{}
	total := 0
	for _, share := range plan {
		for _, i := range share.Index {
			drawn[i]++
			total++
			if !ex.Length(i).fits(share.Steps) {
				t.Fatalf("example %d of %v steps in a batch of %v", i, ex.Length(i), share.Steps)
			}
		}
	}
	if left := float64(n-len(drawn)) / n; total != n || len(plan) != n/8 || math.Abs(left-1/math.E) > 0.05 {
		t.Errorf("%d draws in %d batches, %.3f of the examples left out", total, len(plan), left)
	}
	if !reflect.DeepEqual(plan, o.Plan(ex)) {
		t.Error("drawn otherwise the second time")
	}
	if o.Epoch = 1; reflect.DeepEqual(plan, o.Plan(ex)) {
		t.Error("the next epoch draws the same")
	}
}
