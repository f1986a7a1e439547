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

func (s lstmStep) Layout() Layout {
	return Layout{Gates: 4, States: 2, Saved: []int{4}, OnePass: s.gates != HardSigmoidGates}
}

func (s lstmStep) Forward(x, r *Node, states []*Node) (next, saved []*Node) {
	all := s.open(Add(x, r))
	i, f, g, o := part(all, 0, s.h), part(all, 1, s.h), part(all, 2, s.h), part(all, 3, s.h)
	c := Add(Mul(f, states[1]), Mul(i, g))
	return []*Node{Mul(o, Tanh(c)), c}, []*Node{all}
}

func (s lstmStep) Backward(d, states, next, saved []*Node) (dx, dr, dStates []*Node) {
	i, f, g, o := part(saved[0], 0, s.h), part(saved[0], 1, s.h), part(saved[0], 2, s.h), part(saved[0], 3, s.h)
	tc := Tanh(next[1])
	dc := Add(d[1], Mul(Mul(d[0], o), oneMinus(Mul(tc, tc))))
	dx = []*Node{
		s.gates.gradient(Mul(dc, g), i),
		s.gates.gradient(Mul(dc, states[1]), f),
		Mul(Mul(dc, i), oneMinus(Mul(g, g))),
		s.gates.gradient(Mul(d[0], tc), o),
	}
	return dx, nil, []*Node{nil, Mul(dc, f)}
}

// open gives i, f, g and o side by side. With the logistic function it is σ(z) = ½tanh(½z) + ½, which makes all four
// one function with other constants: a single pass over z.
func (s lstmStep) open(z *Node) *Node {
	if s.gates == HardSigmoidGates {
		return Concatenate([]*Node{
			s.gates.apply(Slice(z, AxisRange(), AxisRange(0, 2*s.h))), Tanh(part(z, 2, s.h)), s.gates.apply(part(z, 3, s.h)),
		}, 1)
	}
	scale, shift := make([]float32, 4*s.h), make([]float32, 4*s.h)
	for k := range scale {
		scale[k], shift[k] = 0.5, 0.5
		if k/s.h == 2 {
			scale[k], shift[k] = 1, 0
		}
	}
	factor := Const(z.Graph(), [][]float32{scale})
	return Add(Mul(Tanh(Mul(z, factor)), factor), Const(z.Graph(), [][]float32{shift}))
}

// part is the k-th of the parts of h columns that x [b, n·h] is made of.
func part(x *Node, k, h int) *Node { return Slice(x, AxisRange(), AxisRange(k*h, (k+1)*h)) }
