package rnn

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// gradientOf maps the While nodes of a graph that have a gradient to it: from the gradients of the final values
// (zeros where nothing arrived) to those of the initial values (nil for none).
type gradientOf map[NodeId]func(d []*Node) []*Node

type gradientKey struct{}

// GoMLX looks the gradient of an operation up in a table that it lets others add to, and has none for While.
func init() {
	before := VJPRegistration[NodeTypeWhile]
	VJPRegistration[NodeTypeWhile] = func(node *Node, d []*Node, shape shapes.Shape) []*Node {
		known, _ := node.Graph().State(gradientKey{}).(gradientOf)
		if gradient, ok := known[node.Id()]; ok {
			return gradient(d)
		}
		if before != nil {
			return before(node, d, shape)
		}
		panic(fmt.Errorf("rnn: While node %s has no gradient", node))
	}
}

// loop runs body for t = 0 … n-1, or n-1 … 0 in reverse, over the state, and gives the final state. Everything that
// body reads must be in the state, or loop panics: what a While captures has a silent gradient of zero.
//
// The counter goes up, and is compared with a constant, in both directions: in this form XLA sees how often the loop
// runs, and a GPU needs not ask the host at each step.
func loop(g *Graph, n int, reverse bool, state []*Node, gradient func(d []*Node) []*Node, body func(t *Node, state []*Node) []*Node) []*Node {
	all := append([]*Node{from(state[0])}, state...)
	unlike(all[1:])
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
		return captureless(t.Function(), func() []*Node {
			return append([]*Node{Add(ps[0], Const(g, int32(1)))}, body(t, ps[1:])...)
		})
	})
	outs := While(cond, step, all...)
	g.AttachState(lastLoopKey{}, lastLoop{outs[0], n})
	if gradient != nil {
		known, ok := g.State(gradientKey{}).(gradientOf)
		if !ok {
			known = gradientOf{}
			g.AttachState(gradientKey{}, known)
		}
		// The results are parts of one node with several outputs: the counter and at least one more.
		known[outs[0].Inputs()[0].Id()] = func(d []*Node) []*Node {
			return append([]*Node{nil}, gradient(d[1:])...)
		}
	}
	return outs[1:]
}

// places lists where a loop's state stands in a struct: all of the lists, and the rest as far as it is not nil.
func places(lists [][]*Node, rest ...**Node) (all []**Node) {
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

func get(places []**Node) []*Node {
	values := make([]*Node, len(places))
	for k, p := range places {
		values[k] = *p
	}
	return values
}

func put(places []**Node, values []*Node) {
	for k, p := range places {
		*p = values[k]
	}
}

// at gives x[t], without its axis 0; t is an int32 scalar.
func at(x, t *Node) *Node {
	dims := x.Shape().Dimensions
	if !hasDynamicSlice(x.Graph()) {
		return Reshape(Gather(x, Reshape(t, 1, 1)), dims[1:]...)
	}
	sizes := append([]int{1}, dims[1:]...)
	return Reshape(DynamicSlice(x, starts(x, t), sizes), dims[1:]...)
}

// apart gives values as they are, and has XLA compute each by itself. A DynamicSlice that XLA's CPU compiler fuses into
// arithmetic reads its index at every element, which keeps the whole of it from being vectorized; and a stack that
// several fusions read can not be written over in place, but is copied at each step.
func apart(values []*Node) []*Node {
	if g := values[0].Graph(); g.Backend().Capabilities().Operations[compute.OpTypeOptimizationBarrier] {
		return OptimizationBarriers(append(values, Const(g, int32(0)))...)[:len(values)] // it wants two at least
	}
	return values
}

// setAt gives x [·, b, n] with x[t] = v, or several [b, ·] side by side, where x[t] must have been zero: without
// DynamicUpdateSlice it is added.
func setAt(x, t *Node, v ...*Node) *Node {
	if len(v) == 0 {
		return x
	}
	if !hasDynamicSlice(x.Graph()) {
		return ScatterSum(x, Reshape(t, 1, 1), InsertAxes(Concatenate(v, -1), 0), true, true)
	}
	column := 0
	for _, part := range v {
		place := starts(x, t)
		place[x.Rank()-1] = Const(x.Graph(), int32(column))
		x = DynamicUpdateSlice(x, InsertAxes(part, 0), place)
		column += part.Shape().Dim(-1)
	}
	return x
}

func starts(x, t *Node) []*Node {
	all := make([]*Node, x.Rank())
	all[0] = t
	for i := 1; i < len(all); i++ {
		all[i] = Const(x.Graph(), int32(0))
	}
	return all
}

// hasDynamicSlice tells the backends apart: compute's Go backend has neither operation in v0.1.2.
func hasDynamicSlice(g *Graph) bool {
	ops := g.Backend().Capabilities().Operations
	return ops[compute.OpTypeDynamicSlice] && ops[compute.OpTypeDynamicUpdateSlice]
}

// oneMinus is 1-x, with a constant of its own: graph.OneMinus shares its constant with the graph around the loop.
func oneMinus(x *Node) *Node { return Sub(Const(x.Graph(), float32(1)), x) }
