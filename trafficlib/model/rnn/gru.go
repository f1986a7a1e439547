package rnn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// gruStep is the gated recurrent unit of Cho et al. (2014) in the form of cuDNN, which is that of
// PyTorch and what Keras calls reset_after: the reset gate applies after the recurrent product, so
// that one matrix product per step is enough. With x and r split into three blocks of h columns in
// the order z, r, n:
//
//	z = σ(x_z + r_z)   r = σ(xᵣ + rᵣ)
//	n = tanh(xₙ + r⊙rₙ)
//	h' = (1-z)⊙n + z⊙h
//
// Both x and r have biases, because that of rₙ is inside the parentheses.
type gruStep struct {
	gates Gates
	h     int
}

func (s gruStep) Layout() Layout {
	return Layout{Gates: 3, States: 1, Saved: []int{2, 1, 1}, Separate: 1}
}

func (s gruStep) Forward(x, r *Node, states []*Node) (next, saved []*Node) {
	both := Slice(Add(x, r), AxisRange(), AxisRange(0, 2*s.h))
	open := s.gates.apply(both)
	z, reset, q := gate(open, 0, s.h), gate(open, 1, s.h), gate(r, 2, s.h)
	n := Tanh(Add(gate(x, 2, s.h), Mul(reset, q)))
	h := Add(n, Mul(z, Sub(states[0], n)))
	return []*Node{h}, []*Node{open, n, q}
}

func (s gruStep) Backward(d, states, _, saved []*Node) (dx, dr, dStates []*Node) {
	z, reset, n, q := gate(saved[0], 0, s.h), gate(saved[0], 1, s.h), saved[1], saved[2]
	dn := Mul(Mul(d[0], oneMinus(z)), oneMinus(Mul(n, n)))
	dz := s.gates.gradient(Mul(d[0], Sub(states[0], n)), z)
	dReset := s.gates.gradient(Mul(dn, q), reset)
	return []*Node{dz, dReset, dn}, []*Node{Mul(dn, reset)}, []*Node{Mul(d[0], z)}
}
