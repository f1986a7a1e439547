package rnn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// lastLoop describes the loop that was added to a graph last: the final value of its counter, which
// is n.
type lastLoop struct {
	counter *Node
	n       int
}

type lastLoopKey struct{}

// counterStart returns the first value of a loop's counter, 0, in the function of the graph that
// state belongs to.
//
// On compute's Go backend the 0 is computed from the counter of the previous loop, so that
// independent loops, such as the two directions of a layer, run one after the other. Otherwise they
// may deadlock: in v0.1.2 a loop occupies a worker while its body waits for another, and there are
// two workers per core. XLA has no such limit; there the 0 is a constant, from which XLA sees how
// often the loop runs.
func counterStart(state *Node) *Node {
	g := state.Graph()
	zero := Const(g, int32(0))
	last, ok := g.State(lastLoopKey{}).(lastLoop)
	if hasDynamicSlice(g) || !ok || last.counter.Function() != state.Function() {
		return zero
	}
	return Sub(last.counter, Const(g, int32(last.n)))
}

// distinct makes the initial tensors of a loop distinct nodes on compute's Go backend. v0.1.2
// merges nodes that it knows to be equal, such as zeros of the same shape, and panics if a loop
// takes the same node twice and some of its results are unused.
func distinct(state []*Node) {
	if hasDynamicSlice(state[0].Graph()) {
		return
	}
	for k, v := range state {
		zero := Mul(Const(v.Graph(), float32(0)), Const(v.Graph(), float32(k+1)))
		state[k] = Add(v, zero)
	}
}
