package rnn

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// stack is the recurrent part that the models share: layers on top of each other, each reading in one direction or in
// both. Its weights are named after the cell: lstm/kernel for the first layer, lstm_1/kernel for the second, and
// lstm_1_reverse/kernel for what reads backwards.
type stack struct {
	prefix        string // of the names, such as "encoder/"
	cell          Cell
	gates         Gates
	peephole      bool
	features, h   int
	layers        int // 0 means 1
	bidirectional bool
	dropout       float64
	variational   bool
	norm          bool
	init          Scheme
}

func (s stack) check() error {
	switch {
	case s.features < 1:
		return fmt.Errorf("rnn: %d features: want at least 1", s.features)
	case s.h < 1:
		return fmt.Errorf("rnn: %d hidden units: want at least 1", s.h)
	case s.layers < 0:
		return fmt.Errorf("rnn: %d layers", s.layers)
	case s.peephole && s.cell == GRU:
		return fmt.Errorf("rnn: cell %q has no peepholes: only %q has", GRU, LSTM)
	case !(s.dropout >= 0 && s.dropout < 1):
		return fmt.Errorf("rnn: dropout %v: want a part of the values, from 0 to below 1", s.dropout)
	case s.dropout > 0 && s.depth() < 2:
		return fmt.Errorf("rnn: dropout %v between layers, and there is only one", s.dropout)
	case s.variational && s.dropout == 0:
		return fmt.Errorf("rnn: variational dropout without dropout")
	}
	if err := s.cell.check(); err != nil {
		return err
	}
	if err := s.gates.check(); err != nil {
		return err
	}
	return s.init.check()
}

func (s stack) depth() int { return max(1, s.layers) }

func (s stack) directions() int {
	if s.bidirectional {
		return 2
	}
	return 1
}

// out is the width of a step that comes out: both directions beside each other.
func (s stack) out() int { return s.h * s.directions() }

// layer is the k-th layer in direction d.
func (s stack) layer(k, d int) layer {
	l := layer{cell: s.cell, gates: s.gates, peephole: s.peephole, in: s.features, h: s.h, init: s.init, backwards: d == 1}
	l.name = s.layerName(k)
	if k > 0 {
		l.in = s.out()
	}
	if l.backwards {
		l.name += "_reverse"
	}
	return l
}

func (s stack) layerName(k int) string {
	name := s.prefix + s.cell.name()
	if k > 0 {
		name += fmt.Sprintf("_%d", k)
	}
	return name
}

func (s stack) params() (ps []Param) {
	for k := range s.depth() {
		for d := range s.directions() {
			ps = append(ps, s.layer(k, d).params()...)
		}
		if s.norm {
			ps = append(ps,
				Param{Name: s.layerName(k) + "_norm/gamma", Shape: []int{s.out()}, Init: One},
				Param{Name: s.layerName(k) + "_norm/beta", Shape: []int{s.out()}, Init: Zero})
		}
	}
	return ps
}

// run reads x [t, b, f] and gives the outputs of the last layer [t, b, out]; what the last layer has at the end of
// each sequence, [b, out], forwards after its last step and backwards after its first; and the final states of each
// layer and direction, in the order of the layers. initial has the same order; nil is zeros. mask [t, b, 1] is 1 for
// the true steps, nil for all; key is that of Inputs.
//
// The norm stands behind each layer, over the features of a step and outside of the loop, in which GoMLX can not sum.
// Dropout follows it, everywhere but behind the last layer.
func (s stack) run(w map[string]*Node, x *Node, initial [][]*Node, mask, key *Node) (outputs, last *Node, final [][]*Node) {
	for k := range s.depth() {
		if k > 0 {
			x = drop(x, key, k, s.dropout, s.variational)
		}
		var ys, ends []*Node
		for d := range s.directions() {
			var start []*Node
			if initial != nil {
				start = initial[len(final)]
			}
			y, end := s.layer(k, d).run(w, x, start, mask)
			ys, ends, final = append(ys, y), append(ends, end[0]), append(final, end)
		}
		x, last = Concatenate(ys, -1), Concatenate(ends, -1)
		if s.norm {
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
