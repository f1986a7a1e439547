package rnn

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// States returns the number of state tensors [b, Units]: for each layer h, and c for an LSTM.
func (m Forecaster) States() int {
	n := 0
	for k := range m.layers().depth() {
		n += m.layers().layer(k, 0).states()
	}
	return n
}

// Units returns the width of each state.
func (m Forecaster) Units() int { return m.layers().Hidden }

// Continue runs the model over the next steps of sequences, X [b, t, f], from the states [b, Units]
// after the previous ones; at the beginning those are zeros. It returns the prediction after each
// step, [b, t, out], also for a model with Last, and the states after the true steps of each
// sequence. A sequence that is read in pieces yields the same predictions as in one. Continue
// panics if the model is bidirectional.
func (m Forecaster) Continue(w map[string]*Node, in Inputs, states []*Node) (y *Node, next []*Node) {
	s := m.layers()
	if m.Bidirectional {
		panic(fmt.Errorf("rnn: a bidirectional forecaster cannot continue: it reads from the end"))
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
