package rnn

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// flipped marks the Reverse nodes of a graph that flip has made.
type flipped map[NodeId]bool

type flipKey struct{}

// GoMLX has no gradient for Reverse either.
func init() {
	before := VJPRegistration[NodeTypeReverse]
	VJPRegistration[NodeTypeReverse] = func(node *Node, d []*Node, shape shapes.Shape) []*Node {
		if known, _ := node.Graph().State(flipKey{}).(flipped); known[node.Id()] {
			return []*Node{flip(d[0])}
		}
		if before == nil {
			panic("rnn: Reverse has a gradient only where package rnn uses it")
		}
		return before(node, d, shape)
	}
}

// flip turns x round along its axis 0, which is time.
func flip(x *Node) *Node {
	y := Reverse(x, 0)
	known, ok := x.Graph().State(flipKey{}).(flipped)
	if !ok {
		known = flipped{}
		x.Graph().AttachState(flipKey{}, known)
	}
	known[y.Id()] = true
	return y
}
