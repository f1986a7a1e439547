package fit_test

import (
	"math"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/result/score"
)

// The cosines of predictions, over all steps and over those that meet a condition.
func TestPredictedCosine(t *testing.T) {
	p := fit.Predictions{Got: seq.New(2, []float32{1, 0, 0, 1, 1, 1}, []float32{2, 0}),
		Want: seq.New(2, []float32{1, 0, 1, 0, 1, 0}, []float32{-1, 0})}
	half := math.Sqrt(0.5)
	want := [][]float64{{1, 0, half}, {-1}}
	for i, steps := range p.Cosines() {
		for k, c := range steps {
			if math.Abs(c-want[i][k]) > 1e-12 {
				t.Errorf("prediction %d, step %d: %v, want %v", i, k, c, want[i][k])
			}
		}
	}
	if got := p.Cosine(); math.Abs(got[0]-(1+half)/3) > 1e-12 || got[1] != -1 {
		t.Errorf("means %v", got)
	}
	some := score.MeanWhere(p.Cosines(), func(sequence, step int) bool { return p.Got.At(sequence)[2*step] > 0 })
	if math.Abs(some[0]-(1+half)/2) > 1e-12 || some[1] != -1 {
		t.Errorf("means of some %v", some)
	}
}
