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
