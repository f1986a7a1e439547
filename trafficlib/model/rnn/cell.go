package rnn

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// Cell names a recurrent cell.
type Cell string

const (
	LSTM Cell = "lstm" // the long short-term memory; "" means this one
	GRU  Cell = "gru"  // the gated recurrent unit, in the form of PyTorch and of Keras' reset_after
)

func (c Cell) check() error {
	switch c {
	case "", LSTM, GRU:
		return nil
	}
	return fmt.Errorf("rnn: cell %q: want %q or %q", c, LSTM, GRU)
}

// name is the cell's, spelled out.
func (c Cell) name() string {
	if c == "" {
		return string(LSTM)
	}
	return string(c)
}

// layer is one recurrent layer that reads in one direction.
type layer struct {
	name      string // its weights are name/kernel and so on
	cell      Cell
	gates     Gates
	peephole  bool
	in, h     int
	init      Scheme
	dropout   float64 // of the units, in the recurrent product
	backwards bool    // from the last step of a sequence to the first
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

// states is how many tensors the layer hands from step to step and takes as its start: h, and c of an LSTM.
func (l layer) states() int {
	if l.cell == GRU {
		return 1
	}
	return 2
}

// params are those of Keras: kernel [in, g·h], recurrent_kernel [h, g·h], and bias, which for an LSTM is [4h] with
// gates in the order i, f, c, o, and for a GRU [2, 3h], the input's and the recurrent, in the order z, r, n. An LSTM
// with peepholes has peephole [3, h] too, for i, f and o.
func (l layer) params() []Param {
	gh := l.step().Layout().Gates * l.h
	limit := oneOverRoot(l.h)
	ps := []Param{
		l.init.param(Param{Name: l.name + "/kernel", Shape: []int{l.in, gh}, Init: Glorot}, Uniform, limit),
		l.init.param(Param{Name: l.name + "/recurrent_kernel", Shape: []int{l.h, gh}, Init: Orthogonal}, Uniform, limit),
	}
	bias := Param{Name: l.name + "/bias", Shape: []int{gh}, Init: ForgetBias}
	if l.cell == GRU {
		bias.Shape, bias.Init = []int{2, gh}, Zero
		return append(ps, l.init.param(bias, Uniform, limit))
	}
	ps = append(ps, l.init.param(bias, TwoUniform, limit)) // PyTorch has two that are added
	if l.peephole {
		ps = append(ps, l.init.param(Param{Name: l.name + "/peephole", Shape: []int{3, l.h}, Init: Glorot}, Uniform, limit))
	}
	return ps
}

// run reads x [t, b, in] from the initial states [b, h], or zeros if nil, and gives the outputs [t, b, h] and the
// states at the end of each sequence. Past the end, where mask [t, b, 1] is 0, the state stays as it is; a layer that
// goes backwards meets the padding first, and starts at each sequence's own last step. keep [b, h] is what recurrent
// dropout leaves, nil for all.
func (l layer) run(w map[string]*Node, x *Node, initial State, mask, keep *Node) (outputs *Node, final State) {
	if l.backwards {
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
	// The inputs of all steps meet their weights in one product, before the loop.
	z := plus(MatMul(Reshape(x, steps*b, l.in), w[l.name+"/kernel"]), bias)
	z = Reshape(z, steps, b, z.Shape().Dim(1))
	outputs, final = scanDropped(l.step(), keep, z, w[l.name+"/recurrent_kernel"], rbias, initial, mask)
	if l.backwards {
		outputs = flip(outputs)
	}
	return outputs, final[:l.states()]
}

// biases are the input's and the recurrent [1, g·h]. The former is nil where it would only be added to the latter:
// within the loop it costs nothing, before it a pass over the inputs of all steps.
func (l layer) biases(w map[string]*Node) (bias, rbias *Node) {
	all := w[l.name+"/bias"]
	if l.cell == GRU {
		return SliceAxis(all, 0, AxisRange(0, 1)), SliceAxis(all, 0, AxisRange(1, 2))
	}
	return nil, InsertAxes(all, 0)
}

// plus adds a bias, or none if it is nil.
func plus(x, bias *Node) *Node {
	if bias == nil {
		return x
	}
	return Add(x, bias)
}
