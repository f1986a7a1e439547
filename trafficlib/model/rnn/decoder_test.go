package rnn

import (
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
)

// plainly is decoder.run unrolled, with GoMLX's gradient.
func (d decoder) plainly(plain func(x, r *Node, states []*Node) []*Node, activate map[Activation]func(*Node) *Node,
	w map[string]*Node, initial []*Node, truth, forced *Node) *Node {
	var all []*Node
	states := initial
	bias, rbias := d.biases(w)
	y := ZerosLike(Squeeze(SliceAxis(truth, 0, AxisElem(0)), 0))
	for t := range truth.Shape().Dim(0) {
		f := Squeeze(SliceAxis(forced, 0, AxisElem(t)), 0)
		in := Add(Mul(f, Squeeze(SliceAxis(truth, 0, AxisElem(t)), 0)), Mul(OneMinus(f), y))
		r := Add(MatMul(states[0], w[d.name+"/recurrent_kernel"]), rbias)
		states = plain(addBias(MatMul(activate[d.input](in), w[d.name+"/kernel"]), bias), r, states)
		y = activate[d.output](Add(MatMul(states[0], w["dense/kernel"]), InsertAxes(w["dense/bias"], 0)))
		all = append(all, y)
	}
	return Stack(all, 0)
}

// TestDecoder compares the loop of the decoder with the same unrolled: outputs, and the gradients
// of the initial states and of all weights.
func TestDecoder(t *testing.T) {
	const steps, b, o, h = 5, 3, 2, 4
	activate := map[Activation]func(*Node) *Node{
		"": func(x *Node) *Node { return x }, TanhOutput: Tanh, SigmoidOutput: Sigmoid,
		ReLU:      func(x *Node) *Node { return MaxScalar(x, 0) },
		LeakyReLU: func(x *Node) *Node { return Where(GreaterThan(x, ZerosLike(x)), x, MulScalar(x, 0.01)) },
	}
	for _, test := range []struct {
		cell          Cell
		input, output Activation
		plain         func(x, r *Node, states []*Node) []*Node
		forced        func(i int) float32
	}{
		{LSTM, "", "", plainLSTM(Sigmoid), func(int) float32 { return 0 }},
		{GRU, LeakyReLU, "", plainGRU(Sigmoid), func(int) float32 { return 0 }},
		{GRU, TanhOutput, SigmoidOutput, plainGRU(Sigmoid), func(i int) float32 { return float32(i % 2) }},
		{LSTM, SigmoidOutput, TanhOutput, plainLSTM(Sigmoid), func(int) float32 { return 1 }},
		{LSTM, ReLU, LeakyReLU, plainLSTM(Sigmoid), func(i int) float32 { return float32(i % 3 % 2) }},
	} {
		d := decoder{
			layer:  Layers{Cell: test.cell, Features: o, Hidden: h}.layer(0, 0),
			input:  test.input,
			output: test.output,
		}
		params := append(d.params(), dense("dense", h, o, "")...)
		in := []*tensors.Tensor{wave(1, steps, b, o), filled(test.forced, steps, b, 1)}
		for range d.states() {
			in = append(in, wave(.7, b, h))
		}
		states := in[2:]
		for _, p := range params {
			in = append(in, wave(.6, p.Shape...))
		}
		var want [][]float32
		backends.Each(t, func(t *testing.T, be compute.Backend) {
			graph := func(plainly bool) [][]float32 {
				e := MustNewExec(be, func(in []*Node) []*Node {
					w := weigh(params, in[2+len(states):])
					var y *Node
					if plainly {
						y = d.plainly(test.plain, activate, w, in[2:2+len(states)], in[0], in[1])
					} else {
						y = d.run(w, "dense", in[2:2+len(states)], in[0], in[1])
					}
					return append([]*Node{y}, Gradient(ReduceAllSum(Mul(y, AddScalar(Sin(y), 2))), in[2:]...)...)
				})
				defer e.Finalize()
				return call(t, e, in)
			}
			if want == nil {
				want = graph(true)
			}
			for k, got := range graph(false) {
				if d := relative(got, want[k]); !(d <= 1e-5) {
					t.Errorf("%s %s %s: result %d differs by %.2g", test.cell, test.input, test.output, k, d)
				}
			}
		})
	}
}
