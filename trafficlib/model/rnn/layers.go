package rnn

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// Layers is a stack of recurrent layers, each of which reads in one direction or in both. The
// models share it, and it can be the recurrent part of other models.
type Layers struct {
	Name             string // prefix of the names of the weights, such as "encoder/"
	Cell             Cell
	Gates            Gates
	Peephole         bool    // the gates of an LSTM see its cell state
	Features         int     // f, the width of an input step
	Hidden           int     // h, the units of each layer and direction
	Depth            int     // number of layers; 0 means 1
	Bidirectional    bool    // read in both directions, with the outputs side by side
	LayerNorm        bool    // normalize the output of each layer over the features of a step
	Dropout          float64 // fraction of the values dropped between layers
	Variational      bool    // drop the same values at all steps of a sequence
	RecurrentDropout float64 // fraction of a layer's units dropped in its recurrent product, the same at all steps
	Init             Scheme
}

// A State is what a layer passes from one step to the next: h [b, h], and for an LSTM also c [b,
// h].
type State []*Node

// An Output is the result of layers for a batch.
type Output struct {
	Outputs *Node   // [b, t, out], of the last layer at each step; undefined past the end of a sequence
	Last    *Node   // [b, out]: the forward direction after the last true step, the reverse one after the first
	Final   []State // at the end of each sequence, of each layer, forward before reverse: initial states for the rest
}

// Check returns an error unless the description makes sense.
func (s Layers) Check() error {
	switch {
	case s.Features < 1:
		return fmt.Errorf("rnn: %d features: want at least 1", s.Features)
	case s.Hidden < 1:
		return fmt.Errorf("rnn: %d hidden units: want at least 1", s.Hidden)
	case s.Depth < 0:
		return fmt.Errorf("rnn: %d layers", s.Depth)
	case s.Peephole && s.Cell == GRU:
		return fmt.Errorf("rnn: cell %q has no peepholes: only %q has", GRU, LSTM)
	case !(s.Dropout >= 0 && s.Dropout < 1):
		return fmt.Errorf("rnn: dropout %v: want a fraction from 0 to below 1", s.Dropout)
	case s.Dropout > 0 && s.depth() < 2:
		return fmt.Errorf("rnn: dropout %v between layers, but there is only one layer", s.Dropout)
	case s.Variational && s.Dropout == 0:
		return fmt.Errorf("rnn: variational dropout without dropout")
	case !(s.RecurrentDropout >= 0 && s.RecurrentDropout < 1):
		return fmt.Errorf("rnn: recurrent dropout %v: want a fraction from 0 to below 1", s.RecurrentDropout)
	}
	if err := s.Cell.check(); err != nil {
		return err
	}
	if err := s.Gates.check(); err != nil {
		return err
	}
	return s.Init.check()
}

// Out returns the width of an output step, with both directions side by side.
func (s Layers) Out() int { return s.Hidden * s.directions() }

// Params returns the weights in the layout of Keras, named after the cell. "lstm/kernel" [f, 4h],
// "lstm/recurrent_kernel" [h, 4h] and "lstm/bias" [4h] have their gates in the order i, f, c, o.
// "gru/kernel" and so on have them in the order z, r, n, and a bias [2, 3h], one row for the input
// and one for the recurrent part. The weights of the second layer are called "lstm_1/kernel" and so
// on, those of the reverse direction "lstm_reverse/kernel", and those of a norm "lstm_norm/gamma"
// [out] and "lstm_norm/beta" [out].
func (s Layers) Params() (ps []Param) {
	for k := range s.depth() {
		for d := range s.directions() {
			ps = append(ps, s.layer(k, d).params()...)
		}
		if s.LayerNorm {
			ps = append(ps,
				Param{Name: s.layerName(k) + "_norm/gamma", Shape: []int{s.Out()}, Init: One},
				Param{Name: s.layerName(k) + "_norm/beta", Shape: []int{s.Out()}, Init: Zero})
		}
	}
	return ps
}

// Graph adds the layers to a computation. They read in.X up to the true lengths. w holds the
// weights by name. initial holds a state for each layer and direction; nil means zeros. A sequence
// that is read in pieces, each from the final states of the previous, yields the same outputs and
// gradients as in one, unless the layers are bidirectional.
func (s Layers) Graph(w map[string]*Node, in Inputs, initial []State) Output {
	x, mask := in.sequence()
	if n := s.depth() * s.directions(); initial != nil && len(initial) != n {
		panic(fmt.Errorf("rnn: %d initial states for %d layers and directions", len(initial), n))
	}
	y, last, final := s.run(w, x, initial, mask, in.Key)
	return Output{TransposeAllAxes(y, 1, 0, 2), last, final}
}

func (s Layers) depth() int { return max(1, s.Depth) }

func (s Layers) directions() int {
	if s.Bidirectional {
		return 2
	}
	return 1
}

// layer returns the k-th layer in direction d, 0 for forward and 1 for reverse.
func (s Layers) layer(k, d int) layer {
	l := layer{
		name: s.layerName(k), cell: s.Cell, gates: s.Gates, peephole: s.Peephole, in: s.Features, h: s.Hidden,
		init: s.Init, dropout: s.RecurrentDropout, reverse: d == 1,
	}
	if k > 0 {
		l.in = s.Out()
	}
	if l.reverse {
		l.name += "_reverse"
	}
	return l
}

func (s Layers) layerName(k int) string {
	name := s.Name + s.Cell.name()
	if k > 0 {
		name += fmt.Sprintf("_%d", k)
	}
	return name
}

// run is Graph with time first: it reads x [t, b, f] and returns Outputs [t, b, out], Last [b, out]
// and Final as in Output. mask [t, b, 1] is 1 for the true steps; nil means all. key is that of
// Inputs.
//
// The norm follows each layer, outside of its loop, where GoMLX cannot sum. Dropout follows the
// norm, except after the last layer.
func (s Layers) run(
	w map[string]*Node, x *Node, initial []State, mask, key *Node,
) (outputs, last *Node, final []State) {
	for k := range s.depth() {
		if k > 0 {
			x = drop(x, key, k, s.Dropout, s.Variational)
		}
		var ys, ends []*Node
		for d := range s.directions() {
			var start State
			if initial != nil {
				start = initial[len(final)]
			}
			l := s.layer(k, d)
			y, end := l.run(w, x, start, mask, l.keep(x, key, s.depth()+len(final)))
			ys, ends, final = append(ys, y), append(ends, end[0]), append(final, end)
		}
		x, last = Concatenate(ys, -1), Concatenate(ends, -1)
		if s.LayerNorm {
			gamma, beta := w[s.layerName(k)+"_norm/gamma"], w[s.layerName(k)+"_norm/beta"]
			x, last = layerNorm(x, gamma, beta), layerNorm(last, gamma, beta)
		}
	}
	return x, last, final
}

// layerNorm normalizes each row of x to mean 0 and variance 1, then multiplies by gamma and adds
// beta (Ba, Kiros and Hinton, 2016). The epsilon beside the variance, 1e-5, is that of PyTorch, not
// of Keras.
func layerNorm(x, gamma, beta *Node) *Node {
	x = Sub(x, ReduceAndKeep(x, ReduceMean, -1))
	x = Div(x, Sqrt(AddScalar(ReduceAndKeep(Square(x), ReduceMean, -1), 1e-5)))
	row := make([]int, x.Rank())
	for i := range row {
		row[i] = 1
	}
	row[len(row)-1] = gamma.Shape().Dim(0)
	return Add(Mul(x, Reshape(gamma, row...)), Reshape(beta, row...))
}
