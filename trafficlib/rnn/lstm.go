package rnn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// lstmStep is the cell of Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al. (2000), as Keras has
// it. With z = x + r, cut in four parts of h columns in the order i, f, g, o:
//
//	i = σ(zᵢ)   f = σ(z_f)   g = tanh(z_g)   o = σ(zₒ)
//	c' = f⊙c + i⊙g
//	h' = o⊙tanh(c')
//
// and σ is the logistic function or its piecewise linear stand-in, by gates.
type lstmStep struct {
	gates Gates
	h     int
}

func (s lstmStep) Layout() Layout { return Layout{Gates: 4, States: 2, Saved: 4, Tied: true} }

func (s lstmStep) Forward(x, r *Node, states []*Node) (next []*Node, saved *Node) {
	z := Add(x, r)
	i, f, o := s.gates.apply(s.part(z, 0)), s.gates.apply(s.part(z, 1)), s.gates.apply(s.part(z, 3))
	g := Tanh(s.part(z, 2))
	c := Add(Mul(f, states[1]), Mul(i, g))
	h := Mul(o, Tanh(c))
	return []*Node{h, c}, Concatenate([]*Node{i, f, g, o}, 1)
}

func (s lstmStep) Backward(d, states, next []*Node, saved *Node) (dx, dr *Node, dStates []*Node) {
	i, f, g, o := s.part(saved, 0), s.part(saved, 1), s.part(saved, 2), s.part(saved, 3)
	tc := Tanh(next[1])
	dc := Add(d[1], Mul(Mul(d[0], o), oneMinus(Mul(tc, tc))))
	dz := Concatenate([]*Node{
		s.gates.gradient(Mul(dc, g), i),
		s.gates.gradient(Mul(dc, states[1]), f),
		Mul(Mul(dc, i), oneMinus(Mul(g, g))),
		s.gates.gradient(Mul(d[0], tc), o),
	}, 1)
	return dz, dz, []*Node{nil, Mul(dc, f)}
}

// part is the k-th of the parts that z [b, n·h] is made of.
func (s lstmStep) part(z *Node, k int) *Node {
	return Slice(z, AxisRange(), AxisRange(k*s.h, (k+1)*s.h))
}
