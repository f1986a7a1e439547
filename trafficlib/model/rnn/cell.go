package rnn

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// A Cell is a kind of recurrent cell.
type Cell string

const (
	LSTM Cell = "lstm" // long short-term memory; the default, ""
	GRU  Cell = "gru"  // gated recurrent unit, as in PyTorch and as in Keras with reset_after
)

func (c Cell) check() error {
	switch c {
	case "", LSTM, GRU:
		return nil
	}
	return fmt.Errorf("rnn: cell %q: want %q or %q", c, LSTM, GRU)
}

// name returns the name of the cell, also for the default.
func (c Cell) name() string {
	if c == "" {
		return string(LSTM)
	}
	return string(c)
}

// A layer is a recurrent layer that reads in one direction.
type layer struct {
	name     string // prefix of the weights, as in name/kernel
	cell     Cell
	gates    Gates
	peephole bool
	in, h    int
	init     Scheme
	dropout  float64 // rate of the units in the recurrent product
	reverse  bool    // from the last step of a sequence to the first
}

func (l layer) step() Step {
	switch {
	case l.cell == GRU:
		return gruStep{gates: l.gates, h: l.h}
	case l.peephole:
		return peepholeStep{gates: l.gates, h: l.h}
	}
	return lstmStep{gates: l.gates, h: l.h}
}

// states returns the number of state tensors: h, and c for an LSTM.
func (l layer) states() int {
	if l.cell == GRU {
		return 1
	}
	return 2
}

// params returns the weights in the layout of Keras: kernel [in, g·h], recurrent_kernel [h, g·h]
// and bias. The bias of an LSTM is [4h], with gates in the order i, f, c, o. That of a GRU is [2,
// 3h], one row for the input and one for the recurrent part, in the order z, r, n. An LSTM with
// peepholes also has peephole [3, h], for i, f and o.
func (l layer) params() []Param {
	gh := l.step().Layout().Gates * l.h
	limit := oneOverRoot(l.h)
	kernel := Param{Name: l.name + "/kernel", Shape: []int{l.in, gh}, Init: Glorot}
	recurrent := Param{Name: l.name + "/recurrent_kernel", Shape: []int{l.h, gh}, Init: Orthogonal}
	ps := []Param{l.init.param(kernel, Uniform, limit), l.init.param(recurrent, Uniform, limit)}
	bias := Param{Name: l.name + "/bias", Shape: []int{gh}, Init: ForgetBias}
	if l.cell == GRU {
		bias.Shape, bias.Init = []int{2, gh}, Zero
		return append(ps, l.init.param(bias, Uniform, limit))
	}
	ps = append(ps, l.init.param(bias, TwoUniform, limit)) // the sum of PyTorch's two biases
	if l.peephole {
		peephole := Param{Name: l.name + "/peephole", Shape: []int{3, l.h}, Init: Glorot}
		ps = append(ps, l.init.param(peephole, Uniform, limit))
	}
	return ps
}

// run reads x [t, b, in] and returns the outputs [t, b, h] and the states at the end of each
// sequence. initial holds the initial states [b, h]; nil means zeros. Where mask [t, b, 1] is 0,
// past the end of a sequence, the state does not change; so a layer that reads in reverse skips the
// padding, which it meets first. keep [b, h] is the mask of recurrent dropout; nil keeps all units.
func (l layer) run(w map[string]*Node, x *Node, initial State, mask, keep *Node) (outputs *Node, final State) {
	if l.reverse {
		x = flip(x)
		if mask != nil {
			mask = flip(mask)
		}
	}
	steps, b := x.Shape().Dim(0), x.Shape().Dim(1)
	if len(initial) == 0 {
		for range l.states() {
			initial = append(initial, Zeros(x.Graph(), shapeOf(x, b, l.h)))
		}
	}
	if l.peephole {
		initial = append(append([]*Node{}, initial...), peepholes(w[l.name+"/peephole"], b)...)
	}
	bias, rbias := l.biases(w)
	// One product before the loop multiplies the inputs of all steps, which is faster than one in
	// each step.
	z := addBias(MatMul(Reshape(x, steps*b, l.in), w[l.name+"/kernel"]), bias)
	z = Reshape(z, steps, b, z.Shape().Dim(1))
	outputs, final = scanDropped(l.step(), keep, z, w[l.name+"/recurrent_kernel"], rbias, initial, mask)
	if l.reverse {
		outputs = flip(outputs)
	}
	return outputs, final[:l.states()]
}

// biases returns the biases of the input and of the recurrent part, [1, g·h]. The former is nil if
// the cell just adds the two: within the loop the addition costs nothing, before the loop a pass
// over the inputs of all steps.
func (l layer) biases(w map[string]*Node) (bias, rbias *Node) {
	all := w[l.name+"/bias"]
	if l.cell == GRU {
		return SliceAxis(all, 0, AxisRange(0, 1)), SliceAxis(all, 0, AxisRange(1, 2))
	}
	return nil, InsertAxes(all, 0)
}

// addBias adds a bias unless it is nil.
func addBias(x, bias *Node) *Node {
	if bias == nil {
		return x
	}
	return Add(x, bias)
}
