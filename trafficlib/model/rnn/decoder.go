package rnn

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// A decoder is a recurrent layer that reads its own output:
//
//	a = φ(truth[t] or y[t-1])
//	states = step(a·W + bias, states[0]·U + rbias, states)
//	y[t] = ψ(states[0]·V + c)
//
// Since each output is the next input, all products are inside the loop. So it is not a Scan, which
// multiplies the inputs before its loop.
type decoder struct {
	layer
	input, output Activation // φ and ψ
}

// decoderRun is one call of decoder.run.
type decoderRun struct {
	decoder
	step    Step
	layout  Layout
	g       *Graph
	t, b, o int
}

// decoderCarry holds the loop variables of the forward loop.
type decoderCarry struct {
	states    []*Node // the states [b, h], then the output [b, o]
	histories []*Node // [t+1, b, ·], all values of each of them, the initial one first
	saved     *Node   // [t, b, ·], what Forward saved, side by side
	decoderWeights
	truth, forced *Node // [t, b, o], and [t, b, 1], 1 where the decoder reads the truth
}

type decoderWeights struct {
	kernel, bias           *Node // W [o, g·h] and [1, g·h] or nil
	recurrent, rbias       *Node // U [h, g·h] and [1, g·h]
	denseKernel, denseBias *Node // V [h, o] and c [1, o]
}

func (c *decoderCarry) slots() []**Node {
	return slots([][]*Node{c.states, c.histories}, &c.saved, &c.kernel, &c.bias, &c.recurrent, &c.rbias,
		&c.denseKernel, &c.denseBias, &c.truth, &c.forced)
}

func (c decoderCarry) with(values []*Node) decoderCarry {
	c.states, c.histories = slices.Clone(c.states), slices.Clone(c.histories)
	put(c.slots(), values)
	return c
}

// run returns as many output steps as truth has, [t, b, o], from the initial states on. dense is
// the name of the layer V and c. run has gradients for the states and the weights, but not for the
// truth.
func (d decoder) run(w map[string]*Node, dense string, initial []*Node, truth, forced *Node) *Node {
	s := &decoderRun{
		decoder: d, step: d.step(), g: truth.Graph(),
		t: truth.Shape().Dim(0), b: truth.Shape().Dim(1), o: truth.Shape().Dim(2),
	}
	s.layout = s.step.Layout()
	bias, rbias := d.biases(w)
	start := decoderCarry{
		states: append(slices.Clone(initial), Zeros(s.g, shapeOf(truth, s.b, s.o))),
		decoderWeights: decoderWeights{
			kernel: w[d.name+"/kernel"], bias: bias, recurrent: w[d.name+"/recurrent_kernel"], rbias: rbias,
			denseKernel: w[dense+"/kernel"], denseBias: InsertAxes(w[dense+"/bias"], 0),
		},
		truth: StopGradient(truth), forced: StopGradient(forced),
	}
	for _, v := range start.states {
		start.histories = append(start.histories, setAt(s.zeros(s.t+1, v.Shape().Dim(1)), Const(s.g, int32(0)), v))
	}
	width := 0
	for _, w := range s.layout.Saved {
		width += w
	}
	start.saved = s.zeros(s.t, width*s.h)
	var end decoderCarry
	gradient := func(d []*Node) []*Node {
		grads := s.backward(end, start.with(d))
		return get(grads.slots())
	}
	values := loop(s.g, s.t, false, get(start.slots()), gradient, func(t *Node, values []*Node) []*Node {
		c := start.with(values)
		s.forward(t, &c)
		return get(c.slots())
	})
	end = start.with(values)
	return SliceAxis(end.histories[len(initial)], 0, AxisRange(1, s.t+1))
}

// zeros returns a stack for a tensor of each step.
func (s *decoderRun) zeros(steps, width int) *Node {
	return Zeros(s.g, shapes.Make(dtypes.Float32, steps, s.b, width))
}

// forward is the body of the forward loop.
func (s *decoderRun) forward(t *Node, c *decoderCarry) {
	n := len(c.states) - 1
	a := s.input.apply(choose(at(c.forced, t), at(c.truth, t), c.states[n]))
	x := addBias(MatMul(a, c.kernel), c.bias)
	r := addBias(MatMul(c.states[0], c.recurrent), c.rbias)
	next, saved := s.step.Forward(x, r, c.states[:n])
	y := s.output.apply(Add(MatMul(next[0], c.denseKernel), c.denseBias))
	after := Add(t, Const(s.g, int32(1)))
	for k, v := range append(slices.Clone(next), y) {
		c.states[k], c.histories[k] = v, setAt(c.histories[k], after, v)
	}
	c.saved = setAt(c.saved, t, saved...)
}

// decoderGrad holds the loop variables of the backward loop, which goes from the last step to the
// first.
type decoderGrad struct {
	d             []*Node // [b, ·], the gradients of the states and of the output
	dx, dr, dz    *Node   // [t, b, ·], the gradients of x, of r and of the argument of ψ
	dOutputs      *Node   // [t+1, b, o], the gradient of the history of the output
	histories     []*Node
	saved         *Node
	kernel        *Node // Wᵀ
	recurrent     *Node // Uᵀ
	dense         *Node // Vᵀ
	truth, forced *Node
}

func (c *decoderGrad) slots() []**Node {
	return slots([][]*Node{c.d, c.histories}, &c.saved, &c.dx, &c.dr, &c.dz, &c.dOutputs,
		&c.kernel, &c.recurrent, &c.dense, &c.truth, &c.forced)
}

func (c decoderGrad) with(values []*Node) decoderGrad {
	c.d, c.histories = slices.Clone(c.d), slices.Clone(c.histories)
	put(c.slots(), values)
	return c
}

// backward returns the gradients of the initial values of the forward loop. end holds its final
// values and d their gradients. The gradients of the weights are products after the loop, over all
// steps at once.
func (s *decoderRun) backward(end, d decoderCarry) decoderCarry {
	n := len(end.states) - 1
	width := s.layout.Gates * s.h
	start := decoderGrad{
		d: d.states, dx: s.zeros(s.t, width), dr: s.zeros(s.t, width), dz: s.zeros(s.t, s.o), dOutputs: d.histories[n],
		histories: end.histories, saved: end.saved, truth: end.truth, forced: end.forced,
		kernel: Transpose(end.kernel, 0, 1), recurrent: Transpose(end.recurrent, 0, 1),
		dense: Transpose(end.denseKernel, 0, 1),
	}
	res := start.with(loop(s.g, s.t, true, get(start.slots()), nil, func(t *Node, values []*Node) []*Node {
		c := start.with(values)
		after := Add(t, Const(s.g, int32(1)))
		var prev, next []*Node
		for _, history := range c.histories {
			prev, next = append(prev, at(history, t)), append(next, at(history, after))
		}
		// As in scan.readStep, all reads come before the barrier.
		stack := at(c.saved, t)
		dOutput, f, truth := at(c.dOutputs, after), at(c.forced, t), at(c.truth, t)
		all := slots([][]*Node{prev, next}, &stack, &dOutput, &f, &truth)
		put(all, barrier(get(all)))
		// Backward through ψ and V, then through the cell, then through W and φ to the previous
		// output.
		dz := s.output.gradient(Add(c.d[n], dOutput), next[n])
		dNext := slices.Clone(c.d[:n])
		dNext[0] = Add(dNext[0], MatMul(dz, c.dense))
		dx, dr, dPrev := s.step.Backward(dNext, prev[:n], next[:n], columns(stack, s.h, s.layout.Saved))
		copy(c.d, dPrev)
		full := Concatenate(append(slices.Clone(dx[:s.layout.Gates-s.layout.Separate]), dr...), 1)
		c.d[0] = addGrad(dPrev[0], MatMul(full, c.recurrent))
		a := s.input.apply(choose(f, truth, prev[n]))
		c.d[n] = Mul(oneMinus(f), s.input.gradient(MatMul(Concatenate(dx, 1), c.kernel), a))
		c.dx, c.dr, c.dz = setAt(c.dx, t, dx...), setAt(c.dr, t, full), setAt(c.dz, t, dz)
		return get(c.slots())
	}))
	flat := func(x *Node) *Node { return Reshape(x, s.t*s.b, x.Shape().Dim(2)) }
	before := func(x *Node) *Node { return SliceAxis(x, 0, AxisRange(0, s.t)) }
	product := func(x, d *Node) *Node { return MatMul(Transpose(flat(x), 0, 1), flat(d)) }
	total := func(d *Node) *Node { return InsertAxes(ReduceSum(ReduceSum(d, 0), 0), 0) }
	a := s.input.apply(choose(end.forced, end.truth, before(end.histories[n])))
	grads := decoderCarry{
		states: res.d, histories: make([]*Node, n+1), saved: end.saved,
		decoderWeights: decoderWeights{
			kernel: product(a, res.dx), bias: end.bias,
			recurrent: product(before(end.histories[0]), res.dr), rbias: total(res.dr),
			denseKernel: product(SliceAxis(end.histories[0], 0, AxisRange(1, s.t+1)), res.dz), denseBias: total(res.dz),
		},
		truth: end.truth, forced: end.forced, // the gradients of these and of saved are unused
	}
	if grads.bias != nil {
		grads.bias = total(res.dx)
	}
	return grads
}

// choose returns a where forced is 1 and b where it is 0.
func choose(forced, a, b *Node) *Node { return Add(Mul(forced, a), Mul(oneMinus(forced), b)) }
