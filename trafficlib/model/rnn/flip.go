package rnn

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// flipped holds the Reverse nodes of a graph that flip has made.
type flipped map[NodeId]bool

type flipKey struct{}

// init registers a gradient for the nodes of flip: GoMLX has none for Reverse.
func init() {
	before := VJPRegistration[NodeTypeReverse]
	VJPRegistration[NodeTypeReverse] = func(node *Node, d []*Node, shape shapes.Shape) []*Node {
		if known, _ := node.Graph().State(flipKey{}).(flipped); known[node.Id()] {
			return []*Node{flip(d[0])}
		}
		if before == nil {
			panic("rnn: Reverse has no gradient outside of package rnn")
		}
		return before(node, d, shape)
	}
}

// flip reverses x along axis 0, which is time.
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
