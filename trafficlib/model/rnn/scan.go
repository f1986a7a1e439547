package rnn

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// A Step is one time step of a recurrent cell, forward and backward, without its matrix products,
// which are the same for every cell and done by [Scan]. x is the input multiplied by its weights,
// and r is the previous output multiplied by the recurrent weights. Both are [b, g·h] for a cell of
// g gates and h units. So a cell is element-wise arithmetic.
//
// A step runs in a loop of the backend, where GoMLX v0.28 is restrictive: it may use only its
// arguments and constants made by Const. It may not sum over an axis, nor use the functions that
// share constants with the rest of the graph, such as OneMinus and MulScalar.
type Step interface {
	Layout() Layout
	// Forward returns the next states and the tensors that Backward needs. Those are [b, k·h] for
	// integers k, as in Layout.Saved. The k of the first ones add up to g, or those of all to less.
	Forward(x, r *Node, states []*Node) (next, saved []*Node)
	// Backward takes the gradients d of the next states and what Forward saved. It returns the
	// gradients of x, one [b, h] for each gate; those of the separate gates of r (Layout.Separate);
	// and those of the states. The gradient of the output leaves out the part that comes from r. A
	// nil gradient of a state means zero.
	Backward(d, states, next, saved []*Node) (dx, dr, dStates []*Node)
}

// A Layout holds the sizes of the tensors of a step.
type Layout struct {
	Gates    int   // g: x and r are [b, g·h]
	States   int   // number of state tensors [b, h]; the first is the output
	Saved    []int // Forward saves tensors [b, Saved[k]·h]
	Separate int   // for the last Separate gates, the gradient of r is not that of x
	// OnePass means that Forward reads x in one pass, all gates at once. Otherwise Scan has to copy
	// x at each step: see barrier.
	OnePass bool
}

// Scan runs a cell over time: for t = 0 … T-1, states = step(x[t], states[0]·u + bias, states).
//
// x [t, b, g·h] is the inputs times their weights plus their bias, and u [h, g·h] holds the
// recurrent weights. bias [1, g·h] is added to the recurrent part; it may be nil. initial holds
// Layout.States tensors [b, h]. mask [t, b, 1] is 1 for the steps of a sequence and 0 past its end,
// where the states do not change; nil means that all sequences have all steps.
//
// Scan returns the outputs [t, b, h] and the states after the last step. It has gradients for x, u,
// bias and initial, but not for the mask.
//
// The graph has the same size for any T: a loop forward, and for the gradient a loop backward,
// which is written by hand because GoMLX has no gradient for its While. The gradient of u is one
// matrix product after the loop.
func Scan(step Step, x, u, bias *Node, initial []*Node, mask *Node) (outputs *Node, final []*Node) {
	return scanDropped(step, nil, x, u, bias, initial, mask)
}

// scanDropped is Scan with recurrent dropout: r = (keep⊙h)·u + bias, with the same keep [b, h] at
// all steps. Only this product is masked. Other uses of the previous output, such as the
// interpolation of a GRU, see all of it, and the outputs are not masked. A nil keep masks nothing;
// there is no gradient for it.
func scanDropped(step Step, keep, x, u, bias *Node, initial []*Node, mask *Node) (outputs *Node, final []*Node) {
	s := &scan{
		step: step, Layout: step.Layout(), g: x.Graph(),
		t: x.Shape().Dim(0), b: x.Shape().Dim(1), h: u.Shape().Dim(0),
	}
	s.inPlace = s.savedOverX()
	s.check(x, u, bias, initial, mask)
	if mask != nil {
		mask = StopGradient(mask)
	}
	if keep != nil {
		keep = StopGradient(keep)
	}
	out := s.forward(forwardCarry{states: initial, x: x, u: u, bias: bias, mask: mask, keep: keep})
	// The history of the output begins with the initial state.
	return SliceAxis(out.histories[0], 0, AxisRange(1, s.t+1)), out.states
}

// scan is one call of Scan.
type scan struct {
	step Step
	Layout
	g       *Graph
	t, b, h int
	inPlace int // number of the saved tensors that overwrite x
}

// savedOverX returns how many of the saved tensors overwrite x[t] after it has been read: the first
// ones, which together are as wide as x. The gradient of x[t] later overwrites them. These stacks
// are most of what a training step reads and writes, so sharing them saves memory and time. It
// returns 0 if the backend cannot overwrite, because it lacks DynamicUpdateSlice.
func (s *scan) savedOverX() int {
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

// zeros returns zeros [steps, b, width·h], a stack for a tensor of each step.
func (s *scan) zeros(like *Node, steps, width int) *Node {
	return Zeros(s.g, shapeOf(like, steps, s.b, width*s.h))
}

// forwardCarry holds the loop variables of the forward loop.
type forwardCarry struct {
	states    []*Node // [b, h]
	histories []*Node // [t+1, b, h], all values of each state, the initial one first
	saved     *Node   // [t, b, ·], the saved tensors that do not overwrite x, side by side; nil if there are none
	x         *Node   // [t, b, g·h]
	u         *Node   // [h, g·h]
	bias      *Node   // [1, g·h] or nil
	mask      *Node   // [t, b, 1] or nil
	keep      *Node   // [b, h] or nil
}

func (c *forwardCarry) slots() []**Node {
	return slots([][]*Node{c.states, c.histories}, &c.saved, &c.x, &c.u, &c.bias, &c.mask, &c.keep)
}

// with returns a carry of the same form with other values, in the order of slots.
func (c forwardCarry) with(values []*Node) forwardCarry {
	c.states, c.histories = slices.Clone(c.states), slices.Clone(c.histories)
	put(c.slots(), values)
	return c
}

// forward runs the cell over all steps and returns the carry after the last one.
func (s *scan) forward(start forwardCarry) forwardCarry {
	for _, v := range start.states {
		start.histories = append(start.histories, setAt(s.zeros(start.x, s.t+1, 1), Const(s.g, int32(0)), v))
	}
	if s.inPlace < len(s.Saved) {
		width := 0
		for _, w := range s.Saved[s.inPlace:] {
			width += w
		}
		start.saved = s.zeros(start.x, s.t, width)
	}
	// GoMLX calls gradient after the graph is complete, when end is set.
	var end forwardCarry
	gradient := func(d []*Node) []*Node {
		grads := s.backward(end, start.with(d))
		return get(grads.slots())
	}
	values := loop(s.g, s.t, false, get(start.slots()), gradient, func(t *Node, values []*Node) []*Node {
		c := start.with(values)
		r := addBias(MatMul(masked(c.keep, c.states[0]), c.u), c.bias)
		x := at(c.x, t)
		if !s.OnePass {
			x = barrier([]*Node{x})[0]
		}
		next, saved := s.step.Forward(x, r, c.states)
		after := Add(t, Const(t.Graph(), int32(1))) // histories begin with the initial state
		for k, prev := range c.states {
			if c.mask != nil { // past the end of a sequence its state stays
				m := at(c.mask, t)
				next[k] = Add(Mul(m, next[k]), Mul(oneMinus(m), prev))
			}
			c.states[k], c.histories[k] = next[k], setAt(c.histories[k], after, next[k])
		}
		c.x = setAt(c.x, t, saved[:s.inPlace]...)
		c.saved = setAt(c.saved, t, saved[s.inPlace:]...)
		return get(c.slots())
	})
	end = start.with(values)
	return end
}

// backwardCarry holds the loop variables of the backward loop.
type backwardCarry struct {
	d         []*Node // [b, h], the gradients of the states
	dx        *Node   // [t, b, g·h], overwrites the saved tensors that overwrote x
	dr        *Node   // [t, b, separate·h], the gradients of the separate gates, or nil
	dOutputs  *Node   // [t+1, b, h], the gradient of the history of the output
	histories []*Node // [t+1, b, h]
	saved     *Node   // [t, b, ·] or nil
	uT        *Node   // [g·h, h]
	mask      *Node   // [t, b, 1] or nil
	keep      *Node   // [b, h] or nil
}

func (c *backwardCarry) slots() []**Node {
	return slots([][]*Node{c.d, c.histories}, &c.saved, &c.dx, &c.dr, &c.dOutputs, &c.uT, &c.mask, &c.keep)
}

func (c backwardCarry) with(values []*Node) backwardCarry {
	c.d, c.histories = slices.Clone(c.d), slices.Clone(c.histories)
	put(c.slots(), values)
	return c
}

// backward returns the gradients of the initial values of the forward loop. end holds its final
// values and d their gradients. It goes through time from the last step to the first.
func (s *scan) backward(end, d forwardCarry) forwardCarry {
	start := backwardCarry{
		// Only the history of the output is visible outside of Scan, so the others have no
		// gradients.
		d: d.states, dOutputs: d.histories[0],
		dx: end.x, histories: end.histories, saved: end.saved, uT: Transpose(end.u, 0, 1),
		mask: end.mask, keep: end.keep,
	}
	if s.inPlace == 0 {
		start.dx = s.zeros(end.u, s.t, s.Gates)
	}
	if s.Separate > 0 {
		start.dr = s.zeros(end.u, s.t, s.Separate)
	}
	res := start.with(loop(s.g, s.t, true, get(start.slots()), nil, func(t *Node, values []*Node) []*Node {
		c := start.with(values)
		step := s.readStep(c, t)
		// dNext holds the gradients of the states after the step: those from the later steps, and
		// for the output also that of the output itself.
		dNext := slices.Clone(c.d)
		dNext[0] = Add(dNext[0], step.dOutput)
		// Past the end of a sequence the state was copied, not computed: the gradient passes the
		// cell by.
		dCell := dNext
		var frozen *Node // 1 past the end of a sequence, else 0
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
		if s.Separate > 0 {
			c.dr = setAt(c.dr, t, dr...)
			dr = append(slices.Clone(dx[:s.Gates-s.Separate]), dr...) // of all gates
		}
		for k := range c.d {
			v := dPrev[k]
			if frozen != nil {
				v = addGrad(v, Mul(frozen, dNext[k]))
			}
			switch {
			case k == 0 && s.Separate == 0:
				// The gradient of r is that of x, whose gates are already side by side in the
				// stack.
				v = addGrad(v, masked(c.keep, MatMul(at(c.dx, t), c.uT)))
			case k == 0:
				v = addGrad(v, masked(c.keep, MatMul(Concatenate(dr, 1), c.uT)))
			case v == nil:
				v = Sub(dNext[k], dNext[k]) // zeros
			}
			c.d[k] = v
		}
		return get(c.slots())
	}))
	// The gradients of u and bias are sums over all steps: one matrix product of the previous
	// outputs with the gradients of r, and a total.
	before := SliceAxis(end.histories[0], 0, AxisRange(0, s.t))
	if end.keep != nil {
		before = Mul(before, InsertAxes(end.keep, 0))
	}
	before = Transpose(Reshape(before, s.t*s.b, s.h), 0, 1)
	product := func(d *Node) *Node { return MatMul(before, Reshape(d, s.t*s.b, d.Shape().Dim(2))) }
	// The total is taken axis by axis: GoMLX's Go backend adds up in float32, which loses digits
	// over many numbers.
	total := func(d *Node) *Node { return Reshape(ReduceSum(ReduceSum(d, 0), 0), 1, d.Shape().Dim(2)) }
	grads := forwardCarry{
		states: res.d, histories: make([]*Node, s.States), saved: end.saved, x: res.dx,
		u: s.recurrent(res, product), bias: end.bias,
		mask: end.mask, keep: end.keep, // the gradients of these and of saved are unused
	}
	if grads.bias != nil {
		grads.bias = s.recurrent(res, total)
	}
	return grads
}

// masked returns v times keep, or v if keep is nil.
func masked(keep, v *Node) *Node {
	if keep == nil {
		return v
	}
	return Mul(keep, v)
}

// stepState holds what the backward loop reads for one step.
type stepState struct {
	prev, next []*Node // the states before and after the step
	saved      []*Node // what Forward saved
	dOutput    *Node   // the gradient of the output
}

// readStep reads the state of step t from the stacks. All reads come before barrier, so that the
// stacks can be overwritten in place afterwards.
func (s *scan) readStep(c backwardCarry, t *Node) (r stepState) {
	after := Add(t, Const(t.Graph(), int32(1)))
	for _, history := range c.histories {
		r.prev, r.next = append(r.prev, at(history, t)), append(r.next, at(history, after))
	}
	var overX, own *Node // the saved tensors that overwrote x, and those with a stack of their own
	if s.inPlace > 0 {
		overX = at(c.dx, t)
	}
	if c.saved != nil {
		own = at(c.saved, t)
	}
	r.dOutput = at(c.dOutputs, after)
	all := slots([][]*Node{r.prev, r.next}, &overX, &own, &r.dOutput)
	put(all, barrier(get(all)))
	r.saved = append(columns(overX, s.h, s.Saved[:s.inPlace]), columns(own, s.h, s.Saved[s.inPlace:])...)
	return r
}

// recurrent applies f to the gradient of r. For all gates but the separate ones that is the
// gradient of x.
func (s *scan) recurrent(c backwardCarry, f func(d *Node) *Node) *Node {
	if s.Separate == 0 {
		return f(c.dx)
	}
	shared := SliceAxis(c.dx, 2, AxisRange(0, (s.Gates-s.Separate)*s.h))
	if s.Separate == s.Gates {
		return f(c.dr)
	}
	return Concatenate([]*Node{f(shared), f(c.dr)}, -1)
}

// columns splits x [b, ·] into blocks of widths[k]·h columns.
func columns(x *Node, h int, widths []int) (parts []*Node) {
	from := 0
	for _, w := range widths {
		parts = append(parts, Slice(x, AxisRange(), AxisRange(from*h, (from+w)*h)))
		from += w
	}
	return parts
}

// addGrad adds two gradients, of which the first may be nil.
func addGrad(a, b *Node) *Node {
	if a == nil {
		return b
	}
	return Add(a, b)
}
