package rnn

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
)

// ceLogits [2, 4, 3] hold zeros, where parts of the formulas have kinks, values whose probabilities
// float32 rounds to 0 and 1, and ties for the maximum.
var (
	ceLogits = []float32{
		0, 0, 0, 1, -2, 0.5, 80, -90, 30, 2, 2, -1, // all four steps are true
		-0.3, 0.7, 1e-4, 7, 8, 9, 1e6, -1e6, 3, 4, 5, 6, // only two
	}
	ceLengths = []int32{4, 2}
)

// crossEntropy computes, in float64, the sums over the true steps and the gradient of their total.
// The function step returns the loss of a step and its gradient.
func crossEntropy(target []float32, step func(z, y, slope []float64) float64) (sums [2]float64, slopes []float64) {
	slopes = make([]float64, len(ceLogits))
	for b, n := range ceLengths {
		for t := range int(n) {
			z, y := make([]float64, 3), make([]float64, 3)
			at := (b*4 + t) * 3
			for k := range z {
				z[k], y[k] = float64(ceLogits[at+k]), float64(target[at+k])
			}
			sums[b] += step(z, y, slopes[at:at+3])
		}
	}
	return sums, slopes
}

func TestCrossEntropies(t *testing.T) {
	labels := make([]float32, len(ceLogits))
	classes := make([]float32, len(ceLogits))
	for i := range labels {
		labels[i] = []float32{1, 0, 0.25, 0, 1}[i%5]
		if i%3 == i/3%3 {
			classes[i] = 1
		}
	}
	weights := []float64{2, 0.5, 3}
	softmax := func(weights []float64) func(z, y, slope []float64) float64 {
		return func(z, y, slope []float64) (loss float64) {
			largest := max(z[0], z[1], z[2])
			var whole, mass float64
			for k := range z {
				whole += math.Exp(z[k] - largest)
				mass += weights[k] * y[k]
			}
			for k := range z {
				loss += weights[k] * y[k] * (largest + math.Log(whole) - z[k])
				slope[k] = mass*math.Exp(z[k]-largest)/whole - weights[k]*y[k]
			}
			return loss
		}
	}
	weightedBinary := func(z, y, mask *Node) *Node {
		return WeightedBinaryCrossEntropies(z, y, []float64{2, 0.5}, mask)
	}
	for name, test := range map[string]struct {
		target []float32
		graph  func(z, y, mask *Node) *Node
		step   func(z, y, slope []float64) float64
	}{
		"binary": {labels, BinaryCrossEntropies, func(z, y, slope []float64) (loss float64) {
			for k := range z {
				loss += math.Max(z[k], 0) - y[k]*z[k] + math.Log1p(math.Exp(-math.Abs(z[k])))
				slope[k] = 1/(1+math.Exp(-z[k])) - y[k]
			}
			return loss
		}},
		"weighted binary": {labels, weightedBinary, func(z, y, slope []float64) (loss float64) {
			for k := range z {
				w := 2*(1-y[k]) + 0.5*y[k]
				loss += w * (math.Max(z[k], 0) - y[k]*z[k] + math.Log1p(math.Exp(-math.Abs(z[k]))))
				slope[k] = w * (1/(1+math.Exp(-z[k])) - y[k])
			}
			return loss
		}},
		"classes": {classes, func(z, y, mask *Node) *Node { return CrossEntropies(z, y, nil, mask) },
			softmax([]float64{1, 1, 1})},
		"weighted classes": {classes, func(z, y, mask *Node) *Node { return CrossEntropies(z, y, weights, mask) },
			softmax(weights)},
	} {
		sums, slopes := crossEntropy(test.target, test.step)
		backends.Each(t, func(t *testing.T, be compute.Backend) {
			out, err := ExecOnceN(be, func(z, y, lengths *Node) []*Node {
				losses := test.graph(z, y, Mask(lengths, 4))
				return []*Node{losses, Gradient(ReduceSum(losses, 0), z)[0]}
			}, filled(func(i int) float32 { return ceLogits[i] }, 2, 4, 3),
				filled(func(i int) float32 { return test.target[i] }, 2, 4, 3), ceLengths)
			if err != nil {
				t.Fatal(err)
			}
			for b, got := range tensors.MustCopyFlatData[float32](out[0]) {
				if !(math.Abs(float64(got)-sums[b]) <= 1e-6*sums[b]) {
					t.Errorf("%s: sequence %d: loss %v, want %v", name, b, got, sums[b])
				}
			}
			for i, got := range tensors.MustCopyFlatData[float32](out[1]) {
				if !(math.Abs(float64(got)-slopes[i]) <= 1e-6) {
					t.Errorf("%s: gradient %d is %v, want %v", name, i, got, slopes[i])
				}
			}
		})
	}
}
