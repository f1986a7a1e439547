package rnn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// lstmStep is the LSTM of Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al.
// (2000), in the layout of Keras. With z = x + r, split into four blocks of h columns in the order
// i, f, g, o:
//
//	i = σ(zᵢ)   f = σ(z_f)   g = tanh(z_g)   o = σ(zₒ)
//	c' = f⊙c + i⊙g
//	h' = o⊙tanh(c')
//
// where σ is the function that gates selects.
type lstmStep struct {
	gates Gates
	h     int
}

func (s lstmStep) Layout() Layout {
	return Layout{Gates: 4, States: 2, Saved: []int{4}, OnePass: s.gates != HardSigmoidGates}
}

func (s lstmStep) Forward(x, r *Node, states []*Node) (next, saved []*Node) {
	all := s.openGates(Add(x, r))
	i, f, g, o := gate(all, 0, s.h), gate(all, 1, s.h), gate(all, 2, s.h), gate(all, 3, s.h)
	c := Add(Mul(f, states[1]), Mul(i, g))
	return []*Node{Mul(o, Tanh(c)), c}, []*Node{all}
}

func (s lstmStep) Backward(d, states, next, saved []*Node) (dx, dr, dStates []*Node) {
	i, f, g, o := gate(saved[0], 0, s.h), gate(saved[0], 1, s.h), gate(saved[0], 2, s.h), gate(saved[0], 3, s.h)
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

// openGates returns i, f, g and o side by side, [b, 4h]. Since σ(z) = ½tanh(½z) + ½, all four are
// one function with different constants, which a single pass over z computes.
func (s lstmStep) openGates(z *Node) *Node {
	if s.gates == HardSigmoidGates {
		inputForget := s.gates.apply(Slice(z, AxisRange(), AxisRange(0, 2*s.h)))
		return Concatenate([]*Node{inputForget, Tanh(gate(z, 2, s.h)), s.gates.apply(gate(z, 3, s.h))}, 1)
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

// gate returns the k-th block of h columns of x [b, n·h], which belongs to the k-th gate.
func gate(x *Node, k, h int) *Node { return Slice(x, AxisRange(), AxisRange(k*h, (k+1)*h)) }
