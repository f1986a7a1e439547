package rnn

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// captureless gives the results of the body of a loop, and panics when one of them was computed from a node outside of
// the function that holds it: that node would get a gradient of zero from the loop, and nobody would be told.
//
// On go-xla most operations on such a node panic by themselves, in words that help nobody. That is why every panic of
// the body is told what a body may do.
func captureless(function *Function, body func() []*Node) (results []*Node) {
	defer func() {
		if cause := recover(); cause != nil {
			panic(fmt.Errorf("rnn: a step of a loop, which may use only what it is handed and constants of its own: %v", cause))
		}
	}()
	results = body()
	seen := map[NodeId]bool{}
	var visit func(n *Node)
	visit = func(n *Node) {
		if seen[n.Id()] {
			return
		}
		seen[n.Id()] = true
		if n.Function() != function {
			panic(fmt.Errorf("%s is from outside, and would get no gradient", n))
		}
		for _, in := range n.Inputs() {
			visit(in)
		}
	}
	for _, n := range results {
		visit(n)
	}
	return results
}
