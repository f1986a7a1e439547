package rnn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// peepholeStep is the LSTM whose gates also see the cell state: Gers, Schraudolph and Schmidhuber
// (2002). With the weights p [3, h], one for each gate and cell:
//
//	i = σ(zᵢ + pᵢ⊙c)   f = σ(z_f + p_f⊙c)   g = tanh(z_g)
//	c' = f⊙c + i⊙g     o = σ(zₒ + pₒ⊙c')    h' = o⊙tanh(c')
//
// A Step has no weights, so p is passed on as three more states that no step changes. That is
// simple, at the price of the memory of three more histories.
type peepholeStep struct {
	gates Gates
	h     int
}

// peepholes returns the weights p [3, h] as three states [b, h].
func peepholes(p *Node, b int) (states []*Node) {
	for k := range 3 {
		states = append(states, BroadcastToDims(SliceAxis(p, 0, AxisElem(k)), b, p.Shape().Dim(1)))
	}
	return states
}

func (s peepholeStep) Layout() Layout {
	return Layout{Gates: 4, States: 5, Saved: []int{1, 1, 1, 1}}
}

func (s peepholeStep) Forward(x, r *Node, states []*Node) (next, saved []*Node) {
	z, c, p := Add(x, r), states[1], states[2:]
	i := s.gates.apply(Add(gate(z, 0, s.h), Mul(p[0], c)))
	f := s.gates.apply(Add(gate(z, 1, s.h), Mul(p[1], c)))
	g := Tanh(gate(z, 2, s.h))
	c = Add(Mul(f, c), Mul(i, g))
	o := s.gates.apply(Add(gate(z, 3, s.h), Mul(p[2], c)))
	return append([]*Node{Mul(o, Tanh(c)), c}, p...), []*Node{i, f, g, o}
}

func (s peepholeStep) Backward(d, states, next, saved []*Node) (dx, dr, dStates []*Node) {
	i, f, g, o := saved[0], saved[1], saved[2], saved[3]
	c, p := states[1], states[2:]
	tc := Tanh(next[1])
	dzo := s.gates.gradient(Mul(d[0], tc), o)
	dc := Add(Add(d[1], Mul(Mul(d[0], o), oneMinus(Mul(tc, tc)))), Mul(dzo, p[2]))
	dzi, dzf := s.gates.gradient(Mul(dc, g), i), s.gates.gradient(Mul(dc, c), f)
	dx = []*Node{dzi, dzf, Mul(Mul(dc, i), oneMinus(Mul(g, g))), dzo}
	return dx, nil, []*Node{
		nil, Add(Mul(dc, f), Add(Mul(dzi, p[0]), Mul(dzf, p[1]))),
		Add(d[2], Mul(dzi, c)), Add(d[3], Mul(dzf, c)), Add(d[4], Mul(dzo, next[1])),
	}
}
