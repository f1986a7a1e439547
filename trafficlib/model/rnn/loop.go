package rnn

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// loopGradients maps While nodes of a graph to their gradients: functions from the gradients of the
// final values, zeros for unused ones, to those of the initial values, nil for none.
type loopGradients map[NodeId]func(d []*Node) []*Node

type gradientKey struct{}

// init registers a gradient for the loops of this package. GoMLX looks gradients up in a table that
// others may extend, and has none for While.
func init() {
	before := VJPRegistration[NodeTypeWhile]
	VJPRegistration[NodeTypeWhile] = func(node *Node, d []*Node, shape shapes.Shape) []*Node {
		known, _ := node.Graph().State(gradientKey{}).(loopGradients)
		if gradient, ok := known[node.Id()]; ok {
			return gradient(d)
		}
		if before != nil {
			return before(node, d, shape)
		}
		panic(fmt.Errorf("rnn: While node %s has no gradient", node))
	}
}

// loop runs body for t = 0 … n-1, or n-1 … 0 if reverse is set, and returns the final state.
// Everything that body reads must be in the state, or loop panics: what a While captures silently
// has a gradient of zero. gradient is as in loopGradients; nil means that there is none.
//
// In both directions the counter goes up and is compared with a constant. From that form XLA sees
// how often the loop runs, so that a GPU need not ask the host at each step.
func loop(
	g *Graph, n int, reverse bool, state []*Node,
	gradient func(d []*Node) []*Node, body func(t *Node, state []*Node) []*Node,
) []*Node {
	all := append([]*Node{counterStart(state[0])}, state...)
	distinct(all[1:])
	params := func(g *Graph) []*Node {
		ps := make([]*Node, len(all))
		for i, v := range all {
			ps[i] = Parameter(g, fmt.Sprintf("s%d", i), v.Shape())
		}
		return ps
	}
	cond := NewClosure(g, func(g *Graph) []*Node {
		return []*Node{LessThan(params(g)[0], Const(g, int32(n)))}
	})
	step := NewClosure(g, func(g *Graph) []*Node {
		ps := params(g)
		t := ps[0]
		if reverse {
			t = Sub(Const(g, int32(n-1)), t)
		}
		return closed(t.Function(), func() []*Node {
			return append([]*Node{Add(ps[0], Const(g, int32(1)))}, body(t, ps[1:])...)
		})
	})
	outs := While(cond, step, all...)
	g.AttachState(lastLoopKey{}, lastLoop{outs[0], n})
	if gradient != nil {
		known, ok := g.State(gradientKey{}).(loopGradients)
		if !ok {
			known = loopGradients{}
			g.AttachState(gradientKey{}, known)
		}
		// The results are outputs of one node: the counter and at least one more.
		known[outs[0].Inputs()[0].Id()] = func(d []*Node) []*Node {
			return append([]*Node{nil}, gradient(d[1:])...)
		}
	}
	return outs[1:]
}

// slots returns pointers to the loop variables in a struct: those of the lists, then those of rest
// that are not nil.
func slots(lists [][]*Node, rest ...**Node) (all []**Node) {
	for _, list := range lists {
		for k := range list {
			all = append(all, &list[k])
		}
	}
	for _, p := range rest {
		if *p != nil {
			all = append(all, p)
		}
	}
	return all
}

// get returns the values of slots.
func get(slots []**Node) []*Node {
	values := make([]*Node, len(slots))
	for k, p := range slots {
		values[k] = *p
	}
	return values
}

// put sets the values of slots.
func put(slots []**Node, values []*Node) {
	for k, p := range slots {
		*p = values[k]
	}
}

// at returns x[t], without axis 0; t is an int32 scalar.
func at(x, t *Node) *Node {
	dims := x.Shape().Dimensions
	if !hasDynamicSlice(x.Graph()) {
		return Reshape(Gather(x, Reshape(t, 1, 1)), dims[1:]...)
	}
	sizes := append([]int{1}, dims[1:]...)
	return Reshape(DynamicSlice(x, starts(x, t), sizes), dims[1:]...)
}

// barrier returns values unchanged, but keeps XLA from fusing their computation with their use. If
// XLA's CPU compiler fuses a DynamicSlice into arithmetic, it reads the index again for every
// element, and nothing of that is vectorized. And a stack that several fusions read cannot be
// overwritten in place; it is copied at each step.
func barrier(values []*Node) []*Node {
	if g := values[0].Graph(); g.Backend().Capabilities().Operations[compute.OpTypeOptimizationBarrier] {
		return OptimizationBarriers(append(values, Const(g, int32(0)))...)[:len(values)] // it needs at least two
	}
	return values
}

// setAt returns x [·, b, n] with x[t] set to v, tensors [b, ·] side by side. Without
// DynamicUpdateSlice it adds them, so x[t] must be zero before.
func setAt(x, t *Node, v ...*Node) *Node {
	if len(v) == 0 {
		return x
	}
	if !hasDynamicSlice(x.Graph()) {
		return ScatterSum(x, Reshape(t, 1, 1), InsertAxes(Concatenate(v, -1), 0), true, true)
	}
	column := 0
	for _, part := range v {
		start := starts(x, t)
		start[x.Rank()-1] = Const(x.Graph(), int32(column))
		x = DynamicUpdateSlice(x, InsertAxes(part, 0), start)
		column += part.Shape().Dim(-1)
	}
	return x
}

// starts returns the start indices of x[t].
func starts(x, t *Node) []*Node {
	all := make([]*Node, x.Rank())
	all[0] = t
	for i := 1; i < len(all); i++ {
		all[i] = Const(x.Graph(), int32(0))
	}
	return all
}

// hasDynamicSlice reports whether the backend of g has DynamicSlice and DynamicUpdateSlice. XLA has
// both; compute's Go backend has neither in v0.1.2.
func hasDynamicSlice(g *Graph) bool {
	ops := g.Backend().Capabilities().Operations
	return ops[compute.OpTypeDynamicSlice] && ops[compute.OpTypeDynamicUpdateSlice]
}

// oneMinus returns 1-x with a constant of its own: graph.OneMinus shares its constant with the
// graph around the loop.
func oneMinus(x *Node) *Node { return Sub(Const(x.Graph(), float32(1)), x) }
