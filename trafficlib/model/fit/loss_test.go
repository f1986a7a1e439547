package fit

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
)

// classed is a Forecaster that predicts the probabilities of its features.
type classed struct{ rnn.Forecaster }

func (m classed) Graph(w map[string]*Node, in rnn.Inputs) *Node { return Softmax(m.Logits(w, in), -1) }
func (m classed) Activation() rnn.Activation                    { return rnn.SoftmaxOutput }

// TestLosses trains for some steps on a batch with each loss, and compares the losses of training
// and evaluation with those computed from the predictions in float64.
func TestLosses(t *testing.T) {
	// In sequences of different lengths, each of three features in turn is 1.
	rows := make([][]float32, 7)
	for i := range rows {
		rows[i] = make([]float32, 3*(i+1))
		for s := range i + 1 {
			rows[i][3*s+(i+s)%3] = 1
		}
	}
	ex := seq.NextStep{Set: seq.New(3, rows...), SequenceLen: 9}
	plain := rnn.Forecaster{Features: 3, Hidden: 8, Dense: true}
	sigmoid := plain
	sigmoid.Output = rnn.SigmoidOutput
	weights := []float64{1, 4, 0.5}
	for name, test := range map[string]struct {
		model rnn.Model
		c     Config
		step  func(p, y []float64) float64 // the loss of a step
	}{
		"mse": {plain, Config{}, func(p, y []float64) (sum float64) {
			for k := range p {
				sum += (p[k] - y[k]) * (p[k] - y[k]) / 3
			}
			return sum
		}},
		"binary": {sigmoid, Config{Loss: BinaryCrossEntropy}, func(p, y []float64) (sum float64) {
			for k := range p {
				sum -= (y[k]*math.Log(p[k]) + (1-y[k])*math.Log(1-p[k])) / 3
			}
			return sum
		}},
		"weighted binary": {sigmoid, Config{Loss: BinaryCrossEntropy, ClassWeights: weights[:2]},
			func(p, y []float64) (sum float64) {
				for k := range p {
					sum -= (4*y[k]*math.Log(p[k]) + (1-y[k])*math.Log(1-p[k])) / 3
				}
				return sum
			}},
		"classes": {classed{plain}, Config{Loss: CrossEntropy, ClassWeights: weights}, func(p, y []float64) (sum float64) {
			for k := range p {
				sum -= weights[k] * y[k] * math.Log(p[k])
			}
			return sum
		}},
	} {
		backends.Each(t, func(t *testing.T, b compute.Backend) {
			c := test.c
			c.LearningRate = 0.05
			c = c.withDefaults()
			if err := c.objective().check(test.model); err != nil {
				t.Fatal(err)
			}
			from, err := New(test.model, 1)
			if err != nil {
				t.Fatal(err)
			}
			l, err := newLearner(b, test.model, c, from)
			if err != nil {
				t.Fatal(err)
			}
			defer l.close()
			r, err := newReader(b, readGraph{model: test.model, objective: c.objective()}, 64, 1)
			if err != nil {
				t.Fatal(err)
			}
			defer r.close()
			all := []int{0, 1, 2, 3, 4, 5, 6}
			var first float64
			for step := range 30 {
				results, err := results(t.Context(), r, l.weights(), ex)
				if err != nil {
					t.Fatal(err)
				}
				var want, steps float64
				err = r.each(t.Context(), l.weights(), ex, func(batch seq.Batch, got reading) {
					for k := range batch.Index {
						for s := range int(batch.Lengths[k]) {
							at := (k*batch.Steps.Target + s) * 3
							want += test.step(wide(got.prediction[at:at+3]), wide(batch.Target[at:at+3]))
							steps++
						}
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				want /= steps
				trained, _, err := l.step(ex.Batch(all), l.optimizer.factors(c.LearningRate, step+1), rnn.Key(1, step))
				if err != nil {
					t.Fatal(err)
				}
				if math.Abs(results.Loss()-want) > 2e-6*want || math.Abs(trained-want) > 2e-6*want {
					t.Fatalf("%s: step %d: evaluation says %v, training %v, the predictions %v",
						name, step, results.Loss(), trained, want)
				}
				if step == 0 {
					first = trained
				} else if step == 29 && !(trained < first/2) {
					t.Errorf("%s: 30 steps took the loss from %v to %v", name, first, trained)
				}
			}
		})
	}
	for want, err := range map[string]error{
		`loss "mae": want "mse"`:                     objective{"mae", nil, OverSteps}.check(plain),
		`output of the forecaster must be "sigmoid"`: objective{BinaryCrossEntropy, nil, OverSteps}.check(plain),
		`output of the forecaster must be "softmax"`: objective{CrossEntropy, nil, OverSteps}.check(sigmoid),
		"2 ClassWeights for loss": objective{CrossEntropy, weights[1:], OverSteps}.check(
			classed{plain}),
		"3 ClassWeights for loss \"binary_crossentropy\"": objective{BinaryCrossEntropy, weights, OverSteps}.check(sigmoid),
		"3 ClassWeights for loss \"mse\"":                 objective{MSE, weights, OverSteps}.check(plain),
		"class 1 weighs -1": objective{CrossEntropy, []float64{1, -1, 1}, OverSteps}.check(
			classed{plain}),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func wide(values []float32) []float64 {
	w := make([]float64, len(values))
	for i, v := range values {
		w[i] = float64(v)
	}
	return w
}
