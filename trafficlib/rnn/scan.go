package rnn

import (
	"fmt"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Step is one time step of a recurrent cell, forward and backward, without its matrix products: those are the same
// for every cell, and belong to [Scan]. With x the inputs already multiplied by their weights and r the output of
// the step before multiplied by the recurrent weights, both [b, g·h] for a cell of g gates and h units, a cell is
// element-wise arithmetic.
//
// What is written here runs inside a loop of the backend, where v0.28 of GoMLX forbids much: a step may use only its
// arguments and constants made by Const, no sums over an axis, and none of the functions that keep their constants
// for the whole graph (OneMinus, MulScalar and their like).
type Step interface {
	Layout() Layout
	// Forward gives the next states, and what Backward needs to know of this step as one tensor.
	Forward(x, r *Node, states []*Node) (next []*Node, saved *Node)
	// Backward takes the gradients d of the next states and gives those of x, of r, and of the states: for the
	// output only the part that does not come by way of r. A nil gradient of a state is zero.
	Backward(d, states, next []*Node, saved *Node) (dx, dr *Node, dStates []*Node)
}

// Layout is the size of what a step takes and gives, in units of h.
type Layout struct {
	Gates  int  // g: x and r are [b, g·h]
	States int  // number of tensors [b, h] that a step hands to the next; the first is the output
	Saved  int  // what Forward saves is [b, Saved·h]
	Tied   bool // r enters just as x does, so that they have one gradient; Backward's dr is not looked at
}

// Scan runs a cell over time: for t = 0 … T-1, states = step(x[t], states[0]·u + bias, states).
//
// x is [t, b, g·h], the inputs times their weights plus bias; u [h, g·h] the recurrent weights; bias [1, g·h] is
// added to the recurrent part, or nil; initial holds States() tensors [b, h]; mask [t, b, 1] is 1 for the steps of a
// sequence and 0 past its end, where the states stay as they are; a nil mask has no end.
//
// It gives the outputs [t, b, h] and the states after the last step. It has a gradient for x, u, bias and initial;
// there is none for the mask.
//
// The graph has the same size for any T: a loop forward, and for the gradient a loop backward, written by hand since
// GoMLX has no gradient for its While. Both keep to what may stand in a loop body on either backend. The gradient of
// u is one matrix product after the loop.
func Scan(step Step, x, u, bias *Node, initial []*Node, mask *Node) (outputs *Node, final []*Node) {
	s := &scan{
		step: step, Layout: step.Layout(), g: x.Graph(),
		t: x.Shape().Dim(0), b: x.Shape().Dim(1), h: u.Shape().Dim(0),
		masked: mask != nil, biased: bias != nil,
	}
	s.check(x, u, bias, initial, mask)
	out := s.forward(x, u, bias, initial, mask)
	// The history of the output starts with the state before the first step.
	return SliceAxis(out[s.history(0)], 0, AxisRange(1, s.t+1)), out[:s.States]
}

// scan is one use of Scan. The state of the forward loop is, in this order: the states, the history of each state
// [t+1, b, h] from before the first step on, what the steps saved, and unchanged x, u, bias and mask.
type scan struct {
	step Step
	Layout
	g              *Graph
	t, b, h        int
	masked, biased bool
}

func (s *scan) history(k int) int { return s.States + k }
func (s *scan) saved() int        { return 2 * s.States }

func (s *scan) check(x, u, bias *Node, initial []*Node, mask *Node) {
	want := func(what string, n *Node, dims ...int) {
		if n != nil && !n.Shape().Equal(shapes.Make(x.DType(), dims...)) {
			panic(fmt.Errorf("rnn: %s is %s, want %s", what, n.Shape(), shapes.Make(x.DType(), dims...)))
		}
	}
	want("the projected input", x, s.t, s.b, s.Gates*s.h)
	want("the recurrent kernel", u, s.h, s.Gates*s.h)
	want("the recurrent bias", bias, 1, s.Gates*s.h)
	want("the mask", mask, s.t, s.b, 1)
	if len(initial) != s.States {
		panic(fmt.Errorf("rnn: %d initial states, want %d", len(initial), s.States))
	}
	for _, n := range initial {
		want("an initial state", n, s.b, s.h)
	}
}

// zeros makes room for something of every step.
func (s *scan) zeros(like *Node, dims ...int) *Node {
	return Zeros(s.g, shapes.Make(like.DType(), dims...))
}

func (s *scan) forward(x, u, bias *Node, initial []*Node, mask *Node) []*Node {
	state := append([]*Node{}, initial...)
	for _, v := range initial {
		state = append(state, setAt(s.zeros(x, s.t+1, s.b, s.h), v, Const(s.g, int32(0))))
	}
	state = append(state, s.zeros(x, s.t, s.b, s.Saved*s.h), x, u)
	if s.biased {
		state = append(state, bias)
	}
	if s.masked {
		state = append(state, mask)
	}
	var out []*Node
	gradient := func(d []*Node) []*Node { return s.backward(out, d, u) }
	out = loop(s.g, s.t, false, state, gradient, func(t *Node, v []*Node) []*Node {
		prev, rest := v[:s.States], v[s.saved()+1:] // rest: x, u, bias, mask
		r := MatMul(prev[0], rest[1])
		if s.biased {
			r = Add(r, rest[2])
		}
		next, saved := s.step.Forward(at(rest[0], t), r, prev)
		if s.masked {
			m := at(rest[len(rest)-1], t)
			for k := range next {
				next[k] = Add(Mul(m, next[k]), Mul(oneMinus(m), prev[k]))
			}
		}
		result := append([]*Node{}, next...)
		after := Add(t, Const(s.g, int32(1)))
		for k := range next {
			result = append(result, setAt(v[s.history(k)], next[k], after))
		}
		result = append(result, setAt(v[s.saved()], saved, t))
		return append(result, rest...)
	})
	return out
}

// backward gives the gradients of the forward loop's initial values out of those of its final values, by going
// through time from the last step to the first.
func (s *scan) backward(out, d []*Node, u *Node) []*Node {
	n := s.States
	width := s.Gates * s.h
	stacks := 1 // of dx, and of dr unless it is the same
	if !s.Tied {
		stacks = 2
	}
	state := append([]*Node{}, d[:n]...)
	for range stacks {
		state = append(state, s.zeros(u, s.t, s.b, width))
	}
	// Of the histories only the output's is seen outside of Scan, so only that one has a gradient of its own.
	state = append(state, d[s.history(0)])
	state = append(state, out[s.history(0):s.saved()+1]...)
	state = append(state, Transpose(u, 0, 1))
	if s.masked {
		state = append(state, out[len(out)-1])
	}
	res := loop(s.g, s.t, true, state, nil, func(t *Node, v []*Node) []*Node {
		after := Add(t, Const(s.g, int32(1)))
		rest := v[n+stacks:] // the output's gradient, the histories, the saved, uᵀ, the mask
		dNext := append([]*Node{}, v[:n]...)
		dNext[0] = Add(dNext[0], at(rest[0], after))
		dCell := dNext
		var frozen *Node // 1 past the end of a sequence
		if s.masked {
			m := at(rest[len(rest)-1], t)
			frozen = oneMinus(m)
			dCell = make([]*Node, n)
			for k := range dCell {
				dCell[k] = Mul(m, dNext[k])
			}
		}
		prev, next := make([]*Node, n), make([]*Node, n)
		for k := range n {
			prev[k], next[k] = at(rest[1+k], t), at(rest[1+k], after)
		}
		dx, dr, dPrev := s.step.Backward(dCell, prev, next, at(rest[1+n], t))
		if s.Tied {
			dr = dx
		}
		dPrev = append([]*Node{}, dPrev...)
		for k := range dPrev {
			if s.masked {
				dPrev[k] = sum(dPrev[k], Mul(frozen, dNext[k]))
			}
		}
		dPrev[0] = sum(dPrev[0], MatMul(dr, rest[2+n]))
		for k := range dPrev {
			if dPrev[k] == nil {
				dPrev[k] = Sub(dNext[k], dNext[k])
			}
		}
		result := append(dPrev, setAt(v[n], dx, t))
		if !s.Tied {
			result = append(result, setAt(v[n+1], dr, t))
		}
		return append(result, rest...)
	})
	dx, dr := res[n], res[n+stacks-1]
	flat := Reshape(dr, s.t*s.b, width)
	before := Reshape(SliceAxis(out[s.history(0)], 0, AxisRange(0, s.t)), s.t*s.b, s.h)
	grads := make([]*Node, len(out))
	copy(grads, res[:n])
	grads[s.saved()+1] = dx
	grads[s.saved()+2] = MatMul(Transpose(before, 0, 1), flat)
	if s.biased {
		// Axis by axis: GoMLX's Go backend adds in float32 one by one, which loses digits over many numbers.
		grads[s.saved()+3] = Reshape(ReduceSum(ReduceSum(dr, 0), 0), 1, width)
	}
	return grads
}

// sum adds two gradients, of which the first may be nil.
func sum(a, b *Node) *Node {
	if a == nil {
		return b
	}
	return Add(a, b)
}
