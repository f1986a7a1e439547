package rnn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// lastLoop is the loop of a graph that was built last: the node of its counter after it has run, which is n.
type lastLoop struct {
	counter *Node
	n       int
}

type lastLoopKey struct{}

// from is the number that a loop counts from, 0, in the function of the graph that state belongs to.
//
// Where compute's Go backend runs a graph, it is computed from the counter of the loop before, so that loops that owe
// nothing to each other, as the two directions of a layer, run one after the other: in v0.1.2 a loop holds a worker
// while its body waits for one, and as many loops as there are workers, two for each core, wait for ever. XLA has no
// such limit, and sees by the constant how often a loop runs.
func from(state *Node) *Node {
	g := state.Graph()
	zero := Const(g, int32(0))
	last, ok := g.State(lastLoopKey{}).(lastLoop)
	if hasDynamicSlice(g) || !ok || last.counter.Function() != state.Function() {
		return zero
	}
	return Sub(last.counter, Const(g, int32(last.n)))
}

// unlike makes the tensors that a loop is handed different ones where compute's Go backend runs it: v0.1.2 makes one of
// those that it knows to be the same, as zeros of one shape, and panics when a loop is handed one twice and has results
// that nobody looks at.
func unlike(state []*Node) {
	if hasDynamicSlice(state[0].Graph()) {
		return
	}
	for k, v := range state {
		zero := Mul(Const(v.Graph(), float32(0)), Const(v.Graph(), float32(k+1)))
		state[k] = Add(v, zero)
	}
}
