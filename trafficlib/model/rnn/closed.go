package rnn

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// closed returns the results of the body of a loop. It panics if one of them depends on a node
// outside of function, the function of the body: that node would silently get a gradient of zero.
//
// On go-xla most operations on such a node panic anyway, with an obscure message. So closed adds to
// every panic of the body what a body may use.
func closed(function *Function, body func() []*Node) (results []*Node) {
	defer func() {
		if cause := recover(); cause != nil {
			panic(fmt.Errorf("rnn: a step of a loop may use only its arguments and its own constants: %v", cause))
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
			panic(fmt.Errorf("%s comes from outside and would get no gradient", n))
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
