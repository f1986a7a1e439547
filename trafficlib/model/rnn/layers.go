package rnn

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// Layers is the recurrent part that the models share, for a model of one's own: layers on top of each other, each
// reading in one direction or in both.
type Layers struct {
	Name             string // before the names of the weights, such as "encoder/"
	Cell             Cell
	Gates            Gates
	Peephole         bool    // the gates of an LSTM see its cell
	Features         int     // f, the width of a step that goes in
	Hidden           int     // h, the units of each layer and direction
	Depth            int     // layers; 0 means 1
	Bidirectional    bool    // read both ways, side by side
	LayerNorm        bool    // behind each layer, over the features of a step
	Dropout          float64 // the part of the values that are dropped between layers
	Variational      bool    // drop the same of them at all steps of a sequence
	RecurrentDropout float64 // the part of a layer's units that its own next step does not see, the same at all steps
	Init             Scheme
}

// State is what a layer hands from one step to the next: h [b, h], and then c [b, h] of an LSTM.
type State []*Node

// Reading is what layers make of a batch.
type Output struct {
	Outputs *Node   // [b, t, out] of the last layer at each step; what stands past the end of a sequence means nothing
	Last    *Node   // [b, out] at the end of each sequence: forwards after its last true step, backwards after its first
	Final   []State // of each layer at the end of each sequence, forwards before backwards: initial states for what follows
}

// Check tells what is wrong with the description.
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
		return fmt.Errorf("rnn: dropout %v: want a part of the values, from 0 to below 1", s.Dropout)
	case s.Dropout > 0 && s.depth() < 2:
		return fmt.Errorf("rnn: dropout %v between layers, and there is only one", s.Dropout)
	case s.Variational && s.Dropout == 0:
		return fmt.Errorf("rnn: variational dropout without dropout")
	case !(s.RecurrentDropout >= 0 && s.RecurrentDropout < 1):
		return fmt.Errorf("rnn: recurrent dropout %v: want a part of the units, from 0 to below 1", s.RecurrentDropout)
	}
	if err := s.Cell.check(); err != nil {
		return err
	}
	if err := s.Gates.check(); err != nil {
		return err
	}
	return s.Init.check()
}

// Out is the width of a step that comes out: both directions beside each other.
func (s Layers) Out() int { return s.Hidden * s.directions() }

// Params are those of the layers as Keras has them, named after the cell. "lstm/kernel" [f, 4h],
// "lstm/recurrent_kernel" [h, 4h] and "lstm/bias" [4h] have their gates in the order i, f, c, o; "gru/kernel" and so on
// in the order z, r, n, with a bias [2, 3h], the input's and the recurrent one. Those of the second layer are
// "lstm_1/kernel" and so on, of one that reads backwards "lstm_reverse/kernel", of a norm "lstm_norm/gamma" [out] and
// "lstm_norm/beta" [out].
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

// Graph adds the layers to a computation: they read X of the inputs up to the true lengths, with the weights by name,
// from initial states on; nil is zeros. A sequence that is read in pieces, each from the final states of the one
// before, gives what it gives whole, and the same gradients, unless it is read backwards too.
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

// layer is the k-th layer in direction d.
func (s Layers) layer(k, d int) layer {
	l := layer{cell: s.Cell, gates: s.Gates, peephole: s.Peephole, in: s.Features, h: s.Hidden, init: s.Init, dropout: s.RecurrentDropout, backwards: d == 1}
	l.name = s.layerName(k)
	if k > 0 {
		l.in = s.Out()
	}
	if l.backwards {
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

// run reads x [t, b, f] and gives the outputs of the last layer [t, b, out]; what the last layer has at the end of
// each sequence, [b, out], forwards after its last step and backwards after its first; and the final states of each
// layer and direction, in the order of the layers. initial has the same order; nil is zeros. mask [t, b, 1] is 1 for
// the true steps, nil for all; key is that of Inputs.
//
// The norm stands behind each layer, over the features of a step and outside of the loop, in which GoMLX can not sum.
// Dropout follows it, everywhere but behind the last layer.
func (s Layers) run(w map[string]*Node, x *Node, initial []State, mask, key *Node) (outputs, last *Node, final []State) {
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

// layerNorm gives each row of x the mean 0 and the variance 1, then the scale gamma and the shift beta: Ba, Kiros and
// Hinton, 2016. The small number beside the variance is PyTorch's and not Keras', 1e-5.
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
