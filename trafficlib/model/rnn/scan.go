package rnn

import (
	"fmt"
	"slices"

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
	// Forward gives the next states, and what Backward needs to know of this step: tensors [b, k·h] of any whole k,
	// of which the first ones have g together, or all of them less.
	Forward(x, r *Node, states []*Node) (next, saved []*Node)
	// Backward takes the gradients d of the next states and what Forward saved. It gives the gradients of x, one
	// [b, h] for each gate, of those gates of r that Layout sets apart, and of the states: for the output only the part
	// that does not come by way of r. A nil gradient of a state is zero.
	Backward(d, states, next, saved []*Node) (dx, dr, dStates []*Node)
}

// Layout is the size of what a step takes and gives.
type Layout struct {
	Gates  int   // g: x and r are [b, g·h]
	States int   // number of tensors [b, h] that a step hands to the next; the first is the output
	Saved  []int // Forward saves tensors [b, Saved[k]·h]
	Apart  int   // how many of the gates, counted from the last, have an r that does not enter just as x does
	// OnePass is for a Forward that goes over x in one piece, all gates at once. It spares a copy of x at each step,
	// which the others need: see apart.
	OnePass bool
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
	return scanDropped(step, nil, x, u, bias, initial, mask)
}

// scanDropped is Scan of a cell whose recurrent product sees only what keep [b, h] leaves of the output, the same at
// all steps of a sequence: r = (keep⊙h)·u + bias. What else a cell does with its last output, as a GRU that keeps a
// part of it, is done with all of it, and all of it comes out. A nil keep leaves all; there is no gradient for it.
func scanDropped(step Step, keep, x, u, bias *Node, initial []*Node, mask *Node) (outputs *Node, final []*Node) {
	s := &scan{
		step: step, Layout: step.Layout(), g: x.Graph(),
		t: x.Shape().Dim(0), b: x.Shape().Dim(1), h: u.Shape().Dim(0),
	}
	s.inPlace = s.fillX()
	s.check(x, u, bias, initial, mask)
	if mask != nil {
		mask = StopGradient(mask)
	}
	if keep != nil {
		keep = StopGradient(keep)
	}
	out := s.forward(forwards{states: initial, x: x, u: u, bias: bias, mask: mask, keep: keep})
	// The history of the output starts with the state before the first step.
	return SliceAxis(out.histories[0], 0, AxisRange(1, s.t+1)), out.states
}

// scan is one use of Scan.
type scan struct {
	step Step
	Layout
	g       *Graph
	t, b, h int
	inPlace int // how many of the saved tensors are written over x
}

// fillX gives how many of the saved tensors are together as wide as x. They take the place of x[t] once it has been
// read, and the gradient of x[t] takes theirs: stacks are most of what a training step reads and writes. Without
// DynamicUpdateSlice nothing can be written over, so that it gives 0.
func (s *scan) fillX() int {
	width := 0
	for k, w := range s.Saved {
		if width += w; width == s.Gates && hasDynamicSlice(s.g) {
			return k + 1
		}
	}
	return 0
}

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

// room is zeros [steps, b, width·h] for something of every step.
func (s *scan) room(like *Node, steps, width int) *Node {
	return Zeros(s.g, shapeOf(like, steps, s.b, width*s.h))
}

// forwards is what the forward loop carries from step to step.
type forwards struct {
	states    []*Node // [b, h]
	histories []*Node // [t+1, b, h], of each state from before the first step on
	saved     *Node   // [t, b, ·], of what is not written over x, side by side; nil if there is nothing
	x         *Node   // [t, b, g·h]
	u         *Node   // [h, g·h]
	bias      *Node   // [1, g·h] or nil
	mask      *Node   // [t, b, 1] or nil
	keep      *Node   // [b, h] or nil
}

func (c *forwards) places() []**Node {
	return places([][]*Node{c.states, c.histories}, &c.saved, &c.x, &c.u, &c.bias, &c.mask, &c.keep)
}

func (c forwards) with(values []*Node) forwards {
	c.states, c.histories = slices.Clone(c.states), slices.Clone(c.histories)
	put(c.places(), values)
	return c
}

func (s *scan) forward(start forwards) forwards {
	for _, v := range start.states {
		start.histories = append(start.histories, setAt(s.room(start.x, s.t+1, 1), Const(s.g, int32(0)), v))
	}
	if s.inPlace < len(s.Saved) {
		width := 0
		for _, w := range s.Saved[s.inPlace:] {
			width += w
		}
		start.saved = s.room(start.x, s.t, width)
	}
	var end forwards
	gradient := func(d []*Node) []*Node {
		grads := s.backward(end, start.with(d))
		return get(grads.places())
	}
	values := loop(s.g, s.t, false, get(start.places()), gradient, func(t *Node, values []*Node) []*Node {
		c := start.with(values)
		r := plus(MatMul(kept(c.keep, c.states[0]), c.u), c.bias)
		x := at(c.x, t)
		if !s.OnePass {
			x = apart([]*Node{x})[0]
		}
		next, saved := s.step.Forward(x, r, c.states)
		after := Add(t, Const(t.Graph(), int32(1)))
		for k, prev := range c.states {
			if c.mask != nil {
				m := at(c.mask, t)
				next[k] = Add(Mul(m, next[k]), Mul(oneMinus(m), prev))
			}
			c.states[k], c.histories[k] = next[k], setAt(c.histories[k], after, next[k])
		}
		c.x = setAt(c.x, t, saved[:s.inPlace]...)
		c.saved = setAt(c.saved, t, saved[s.inPlace:]...)
		return get(c.places())
	})
	end = start.with(values)
	return end
}

// backwards is what the backward loop carries.
type backwards struct {
	d         []*Node // [b, h], the gradients of the states
	dx        *Node   // [t, b, g·h], written over what the forward loop left in the place of x
	dr        *Node   // [t, b, apart·h] or nil
	dOutputs  *Node   // [t+1, b, h], of the history of the output
	histories []*Node // [t+1, b, h]
	saved     *Node   // [t, b, ·] or nil
	uT        *Node   // [g·h, h]
	mask      *Node   // [t, b, 1] or nil
	keep      *Node   // [b, h] or nil
}

func (c *backwards) places() []**Node {
	return places([][]*Node{c.d, c.histories}, &c.saved, &c.dx, &c.dr, &c.dOutputs, &c.uT, &c.mask, &c.keep)
}

func (c backwards) with(values []*Node) backwards {
	c.d, c.histories = slices.Clone(c.d), slices.Clone(c.histories)
	put(c.places(), values)
	return c
}

// backward gives the gradients of the forward loop's initial values out of those of its final values, by going
// through time from the last step to the first.
func (s *scan) backward(end, d forwards) forwards {
	start := backwards{
		// Of the histories only the output's is seen outside of Scan, so only that one has a gradient of its own.
		d: d.states, dOutputs: d.histories[0],
		dx: end.x, histories: end.histories, saved: end.saved, uT: Transpose(end.u, 0, 1),
		mask: end.mask, keep: end.keep,
	}
	if s.inPlace == 0 {
		start.dx = s.room(end.u, s.t, s.Gates)
	}
	if s.Apart > 0 {
		start.dr = s.room(end.u, s.t, s.Apart)
	}
	res := start.with(loop(s.g, s.t, true, get(start.places()), nil, func(t *Node, values []*Node) []*Node {
		c := start.with(values)
		step := s.recall(c, t)
		dNext := slices.Clone(c.d)
		dNext[0] = Add(dNext[0], step.dOutput)
		dCell := dNext
		var frozen *Node // 1 past the end of a sequence
		if c.mask != nil {
			m := at(c.mask, t)
			frozen = oneMinus(m)
			dCell = make([]*Node, s.States)
			for k := range dCell {
				dCell[k] = Mul(m, dNext[k])
			}
		}
		dx, dr, dPrev := s.step.Backward(dCell, step.prev, step.next, step.saved)
		c.dx = setAt(c.dx, t, dx...)
		if s.Apart > 0 {
			c.dr = setAt(c.dr, t, dr...)
			dr = append(slices.Clone(dx[:s.Gates-s.Apart]), dr...)
		}
		for k := range c.d {
			v := dPrev[k]
			if frozen != nil {
				v = sum(v, Mul(frozen, dNext[k]))
			}
			switch {
			case k == 0 && s.Apart == 0:
				v = sum(v, kept(c.keep, MatMul(at(c.dx, t), c.uT))) // out of the stack, where the gates are side by side already
			case k == 0:
				v = sum(v, kept(c.keep, MatMul(Concatenate(dr, 1), c.uT)))
			case v == nil:
				v = Sub(dNext[k], dNext[k])
			}
			c.d[k] = v
		}
		return get(c.places())
	}))
	before := SliceAxis(end.histories[0], 0, AxisRange(0, s.t))
	if end.keep != nil {
		before = Mul(before, InsertAxes(end.keep, 0))
	}
	before = Transpose(Reshape(before, s.t*s.b, s.h), 0, 1)
	product := func(d *Node) *Node { return MatMul(before, Reshape(d, s.t*s.b, d.Shape().Dim(2))) }
	// Axis by axis: GoMLX's Go backend adds in float32 one by one, which loses digits over many numbers.
	total := func(d *Node) *Node { return Reshape(ReduceSum(ReduceSum(d, 0), 0), 1, d.Shape().Dim(2)) }
	grads := forwards{
		states: res.d, histories: make([]*Node, s.States), saved: end.saved, x: res.dx,
		u: s.recurrent(res, product), bias: end.bias,
		mask: end.mask, keep: end.keep, // whatever stands in these and in saved, nobody asks for it
	}
	if grads.bias != nil {
		grads.bias = s.recurrent(res, total)
	}
	return grads
}

// kept is what keep leaves of v.
func kept(keep, v *Node) *Node {
	if keep == nil {
		return v
	}
	return Mul(keep, v)
}

// recalled is what the backward loop reads of one step.
type recalled struct {
	prev, next []*Node // the states before and after it
	saved      []*Node
	dOutput    *Node
}

func (s *scan) recall(c backwards, t *Node) (r recalled) {
	after := Add(t, Const(t.Graph(), int32(1)))
	for _, history := range c.histories {
		r.prev, r.next = append(r.prev, at(history, t)), append(r.next, at(history, after))
	}
	var overX, beside *Node
	if s.inPlace > 0 {
		overX = at(c.dx, t)
	}
	if c.saved != nil {
		beside = at(c.saved, t)
	}
	r.dOutput = at(c.dOutputs, after)
	all := places([][]*Node{r.prev, r.next}, &overX, &beside, &r.dOutput)
	put(all, apart(get(all)))
	r.saved = append(columns(overX, s.h, s.Saved[:s.inPlace]), columns(beside, s.h, s.Saved[s.inPlace:])...)
	return r
}

// recurrent puts together what f makes of the gradient of r, whose gates are partly those of x.
func (s *scan) recurrent(c backwards, f func(d *Node) *Node) *Node {
	if s.Apart == 0 {
		return f(c.dx)
	}
	shared := SliceAxis(c.dx, 2, AxisRange(0, (s.Gates-s.Apart)*s.h))
	if s.Apart == s.Gates {
		return f(c.dr)
	}
	return Concatenate([]*Node{f(shared), f(c.dr)}, -1)
}

// columns cuts x [b, ·] into parts of so many times h columns.
func columns(x *Node, h int, widths []int) (parts []*Node) {
	from := 0
	for _, w := range widths {
		parts = append(parts, Slice(x, AxisRange(), AxisRange(from*h, (from+w)*h)))
		from += w
	}
	return parts
}

// sum adds two gradients, of which the first may be nil.
func sum(a, b *Node) *Node {
	if a == nil {
		return b
	}
	return Add(a, b)
}
