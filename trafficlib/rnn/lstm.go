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
	i, f, o := s.gates.apply(part(z, 0, s.h)), s.gates.apply(part(z, 1, s.h)), s.gates.apply(part(z, 3, s.h))
	g := Tanh(part(z, 2, s.h))
	c := Add(Mul(f, states[1]), Mul(i, g))
	h := Mul(o, Tanh(c))
	return []*Node{h, c}, Concatenate([]*Node{i, f, g, o}, 1)
}

func (s lstmStep) Backward(d, states, next []*Node, saved *Node) (dx, dr *Node, dStates []*Node) {
	i, f, g, o := part(saved, 0, s.h), part(saved, 1, s.h), part(saved, 2, s.h), part(saved, 3, s.h)
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

// part is the k-th of the parts of h columns that x [b, n·h] is made of.
func part(x *Node, k, h int) *Node { return Slice(x, AxisRange(), AxisRange(k*h, (k+1)*h)) }
