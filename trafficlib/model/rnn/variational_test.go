package rnn

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
)

// TestScanDropped compares cells with recurrent dropout with the same unrolled, where each step
// gets the same mask: outputs, final states and all gradients.
func TestScanDropped(t *testing.T) {
	const steps, b, h = 6, 5, 4
	keeps := wave(1, b, h)
	tensors.MustMutableFlatData(keeps, func(flat []float32) {
		for i := range flat {
			flat[i] = 1.25 * float32(i%5*(i%3)%2) // other units in each sequence
		}
	})
	for _, c := range cells {
		in := append(c.inputs(steps, b, 3, h), keeps)
		var want [][]float32
		backends.Each(t, func(t *testing.T, be compute.Backend) {
			evaluate := func(scanned bool) [][]float32 {
				e := MustNewExec(be, func(in []*Node) []*Node {
					n := len(in) - 2
					mask, keep := in[n], in[n+1]
					x, u, rbias := project(in[0], in[1], in[3]), in[2], InsertAxes(in[4], 0)
					var y *Node
					var final []*Node
					if scanned {
						y, final = scanDropped(c.step(h), keep, x, u, rbias, in[5:n], mask)
					} else {
						y, final = c.steps(x, u, rbias, keep, in[5:n], mask)
					}
					return append([]*Node{y, final[0]}, Gradient(loss(y, final), in[:n]...)...)
				})
				defer e.Finalize()
				return call(t, e, in)
			}
			if want == nil {
				want = evaluate(false)
			}
			for k, got := range evaluate(true) {
				if d := relative(got, want[k]); !(d <= 1e-5) {
					t.Errorf("%s: result %d differs by %.2g", c.name, k, d)
				}
			}
		})
	}
}

// TestRecurrentDropout checks that units are dropped in training only, different ones in each
// sequence, layer and direction, and that the mean stays.
func TestRecurrentDropout(t *testing.T) {
	const b, h, rate = 60, 50, 0.4
	backends.Each(t, func(t *testing.T, be compute.Backend) {
		l := Layers{Features: 3, Hidden: h, RecurrentDropout: rate}.layer(0, 0)
		e := MustNewExec(be, func(key *Node) []*Node {
			x := Zeros(key.Graph(), shapeOf32(7, b, 3))
			return []*Node{l.keep(x, key, 1), l.keep(x, key, 2)}
		})
		defer e.Finalize()
		key := Key(3, 4)
		out := call(t, e, []*tensors.Tensor{tensors.FromFlatDataAndDimensions(key[:], 2)})
		var mean float64
		for _, v := range out[0] {
			if v != 0 && math.Abs(float64(v)-1/(1-rate)) > 1e-6 {
				t.Fatalf("kept with the factor %v", v)
			}
			mean += float64(v) / (b * h)
		}
		// Four standard deviations.
		if math.Abs(mean-1) > 4*math.Sqrt(rate/(1-rate)/(b*h)) {
			t.Errorf("the mean changes to %v", mean)
		}
		if slices.Equal(out[0], out[1]) || slices.Equal(out[0][:h], out[0][h:2*h]) {
			t.Error("two layers or two sequences lose the same units")
		}

		for _, cell := range []Cell{LSTM, GRU} {
			m := Forecaster{Cell: cell, Features: 3, Hidden: 6, Dense: true, RecurrentDropout: rate}
			plain := m
			plain.RecurrentDropout = 0
			x := wave(1, 2, 5, 3)
			want := answer(t, be, plain, x, nil, nil, nil)
			if !slices.Equal(answer(t, be, m, x, nil, nil, nil), want) {
				t.Errorf("%s: units are dropped outside of training", cell)
			}
			got := answer(t, be, m, x, nil, nil, &key)
			if !slices.Equal(got, answer(t, be, m, x, nil, nil, &key)) {
				t.Errorf("%s: the same key drops other units", cell)
			}
			// The first step has no previous output; the second has.
			if relative(got[:3], want[:3]) > 1e-6 || relative(got[3:6], want[3:6]) < 1e-4 {
				t.Errorf("%s: with dropout %v, without %v", cell, got[:6], want[:6])
			}
		}
	})
}
