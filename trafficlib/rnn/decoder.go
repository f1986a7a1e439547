package rnn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// decoder is a recurrent layer that reads what it has written:
//
//	a = φ(truth[t] or y[t-1])
//	states = step(a·W + bias, states[0]·U + rbias, states)
//	y[t] = ψ(states[0]·V + c)
//
// Since each output goes in again, all products stand inside the loop, which makes it a loop of its own beside Scan's.
type decoder struct {
	layer
	input, output Activation // φ and ψ
}

// decoding is one use of a decoder. The state of its forward loop is, in this order: the states, the output, the
// history of each of them from before the first step on, what the steps saved, and unchanged the truth [t, b, o],
// where it is to be read, forced [t, b, 1], and W, bias, U, rbias, V and c.
type decoding struct {
	decoder
	step    Step
	g       *Graph
	t, b, o int
	n       int // states
	layout  Layout
}

func (d *decoding) saved() int { return 2 * (d.n + 1) }

// The places of what a loop reads, counted from behind what was saved.
const (
	truth = iota
	forced
	kernel
	bias
	recurrent
	rbias
	denseKernel
	denseBias
	weights
)

// run writes as many steps as the truth has, [t, b, o], from the initial states on. It has a gradient for the states
// and the weights, and none for the truth.
func (d decoder) run(w map[string]*Node, dense string, initial []*Node, truthAt, forcedAt *Node) *Node {
	s := &decoding{
		decoder: d, step: d.step(), g: truthAt.Graph(),
		t: truthAt.Shape().Dim(0), b: truthAt.Shape().Dim(1), o: truthAt.Shape().Dim(2), n: d.states(),
	}
	s.layout = s.step.Layout()
	state := append(append([]*Node{}, initial...), Zeros(s.g, shapeOf(truthAt, s.b, s.o)))
	for _, v := range state[:s.n+1] {
		room := Zeros(s.g, shapeOf(v, s.t+1, s.b, v.Shape().Dim(1)))
		state = append(state, setAt(room, v, Const(s.g, int32(0))))
	}
	b, rb := d.biases(w)
	if rb == nil {
		rb = ZerosLike(b)
	}
	rest := []*Node{
		truth: truthAt, forced: forcedAt, kernel: w[d.name+"/kernel"], bias: b, recurrent: w[d.name+"/recurrent_kernel"],
		rbias: rb, denseKernel: w[dense+"/kernel"], denseBias: InsertAxes(w[dense+"/bias"], 0),
	}
	state = append(append(state, Zeros(s.g, shapeOf(truthAt, s.t, s.b, s.layout.Saved*s.h))), rest...)
	var out []*Node
	out = loop(s.g, s.t, false, state, func(grad []*Node) []*Node { return s.backward(out, grad, rest) }, s.forward)
	return SliceAxis(out[s.saved()-1], 0, AxisRange(1, s.t+1))
}

func (s *decoding) forward(t *Node, v []*Node) []*Node {
	prev, rest := v[:s.n], v[s.saved()+1:]
	a := s.input.apply(choose(at(rest[forced], t), at(rest[truth], t), v[s.n]))
	x := Add(MatMul(a, rest[kernel]), rest[bias])
	r := Add(MatMul(prev[0], rest[recurrent]), rest[rbias])
	next, saved := s.step.Forward(x, r, prev)
	y := s.output.apply(Add(MatMul(next[0], rest[denseKernel]), rest[denseBias]))
	next = append(next, y)
	result := append([]*Node{}, next...)
	after := Add(t, Const(s.g, int32(1)))
	for k := range next {
		result = append(result, setAt(v[s.n+1+k], next[k], after))
	}
	return append(append(result, setAt(v[s.saved()], saved, t)), rest...)
}

// backward gives the gradients of the loop's initial values, going from the last step to the first. The weights' are
// products after the loop, over all steps at once.
func (s *decoding) backward(out, d, rest []*Node) []*Node {
	width := s.layout.Gates * s.h
	histories := out[s.n+1 : s.saved()]
	room := func(n int) *Node { return Zeros(s.g, shapeOf(out[0], s.t, s.b, n)) }
	// State: the gradients of the states and of the output; those of x, of r and of what ψ takes, for all steps.
	state := append(append([]*Node{}, d[:s.n+1]...), room(width), room(width), room(s.o))
	fixed := len(state)
	state = append(state, d[s.saved()-1])
	state = append(state, histories...)
	state = append(state, out[s.saved()], rest[truth], rest[forced],
		Transpose(rest[kernel], 0, 1), Transpose(rest[recurrent], 0, 1), Transpose(rest[denseKernel], 0, 1))
	res := loop(s.g, s.t, true, state, nil, func(t *Node, v []*Node) []*Node {
		after := Add(t, Const(s.g, int32(1)))
		seen := v[fixed+1 : fixed+2+s.n] // the histories
		more := v[fixed+2+s.n:]          // saved, truth, forced, Wᵀ, Uᵀ, Vᵀ
		dy := Add(v[s.n], at(v[fixed], after))
		dz := s.output.gradient(dy, at(seen[s.n], after))
		dNext := append([]*Node{}, v[:s.n]...)
		dNext[0] = Add(dNext[0], MatMul(dz, more[5]))
		prev, next := make([]*Node, s.n), make([]*Node, s.n)
		for k := range s.n {
			prev[k], next[k] = at(seen[k], t), at(seen[k], after)
		}
		dx, dr, dPrev := s.step.Backward(dNext, prev, next, at(more[0], t))
		dPrev = append([]*Node{}, dPrev...)
		dPrev[0] = sum(dPrev[0], MatMul(dr, more[4]))
		f := at(more[2], t)
		a := s.input.apply(choose(f, at(more[1], t), at(seen[s.n], t)))
		dPrev = append(dPrev, Mul(oneMinus(f), s.input.gradient(MatMul(dx, more[3]), a)))
		result := append(dPrev, setAt(v[s.n+1], dx, t), setAt(v[s.n+2], dr, t), setAt(v[s.n+3], dz, t))
		return append(result, v[fixed:]...)
	})
	flat := func(x *Node) *Node { return Reshape(x, s.t*s.b, x.Shape().Dim(2)) }
	before := func(x *Node) *Node { return SliceAxis(x, 0, AxisRange(0, s.t)) }
	product := func(x, d *Node) *Node { return MatMul(Transpose(flat(x), 0, 1), flat(d)) }
	total := func(d *Node) *Node { return InsertAxes(ReduceSum(ReduceSum(d, 0), 0), 0) }
	dx, dr, dz := res[s.n+1], res[s.n+2], res[s.n+3]
	a := s.input.apply(choose(rest[forced], rest[truth], before(histories[s.n])))
	grads := make([]*Node, len(out))
	copy(grads, res[:s.n+1])
	to := grads[len(grads)-weights:]
	to[kernel], to[bias] = product(a, dx), total(dx)
	to[recurrent], to[rbias] = product(before(histories[0]), dr), total(dr)
	to[denseKernel], to[denseBias] = product(SliceAxis(histories[0], 0, AxisRange(1, s.t+1)), dz), total(dz)
	return grads
}

// choose is a where forced is 1, and b where it is 0.
func choose(forced, a, b *Node) *Node { return Add(Mul(forced, a), Mul(oneMinus(forced), b)) }
