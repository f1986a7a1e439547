package rnn

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// States tells how many tensors [b, Hidden] the model hands from step to step: for each layer h, and c of an LSTM.
func (m Forecaster) States() int {
	n := 0
	for k := range m.layers().depth() {
		n += m.layers().layer(k, 0).states()
	}
	return n
}

// Units is the width of each of the States.
func (m Forecaster) Units() int { return m.layers().Hidden }

// Go goes on with sequences whose beginnings were read before: out of the next steps in X [b, t, f] and the states
// [b, Units] after those before, zeros at the beginning, it makes the prediction after each step [b, t, out], of a model
// with Last too, and the states after the true steps of each sequence. A sequence that is read in pieces gives what it
// gives whole. It panics for a model that reads backwards.
func (m Forecaster) Continue(w map[string]*Node, in Inputs, states []*Node) (y *Node, next []*Node) {
	s := m.layers()
	if m.Bidirectional {
		panic(fmt.Errorf("rnn: a bidirectional forecaster can not go on: it reads from the end"))
	}
	if len(states) != m.States() {
		panic(fmt.Errorf("rnn: %d states, want %d", len(states), m.States()))
	}
	var initial []State
	for k := range s.depth() {
		n := s.layer(k, 0).states()
		initial, states = append(initial, State(states[:n])), states[n:]
	}
	x, mask := in.sequence()
	y, _, final := s.run(w, x, initial, mask, nil)
	if m.Dense {
		y = applyDense(w, "dense", y)
	}
	for _, state := range final {
		next = append(next, state...)
	}
	return TransposeAllAxes(m.Output.apply(y), 1, 0, 2), next
}
