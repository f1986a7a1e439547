package rnn

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// First is what a decoder reads at its first step.
type First string

const (
	FirstZeros     First = "zeros"        // the default, ""
	FirstLastInput First = "last_input"   // the last true step that the encoder has read
	FirstTarget    First = "first_target" // the first target, which gives the first prediction away
)

// A Seq2Seq reads a sequence and writes another (Sutskever, Vinyals and Le, 2014). An encoder reads
// the first sequence, and its final state is the initial state of a decoder. The decoder predicts
// one step at a time and reads its own predictions.
//
// TeacherForcing is the fraction of the sequences, drawn anew at each training step, whose decoder
// reads the target of the previous step instead of its own prediction. Outside of training the
// decoder reads its predictions, unless Inputs.Guided is set.
//
// Encoder and decoder have one layer each, of the same cell and size.
type Seq2Seq struct {
	Cell           Cell       `json:"cell,omitempty"`
	Features       int        `json:"features"`          // f, the width of an input step
	Targets        int        `json:"targets,omitempty"` // o, the width of an output step; 0 means Features
	Hidden         int        `json:"hidden"`            // h, the units of each layer
	Gates          Gates      `json:"gates,omitempty"`
	First          First      `json:"first,omitempty"`
	TeacherForcing float64    `json:"teacher_forcing,omitempty"` // from 0, never, to 1, always
	Input          Activation `json:"input,omitempty"`           // applied to the input of the decoder
	Output         Activation `json:"output,omitempty"`
	Steps          int        `json:"steps,omitempty"` // number of output steps if there is no target
	Init           Scheme     `json:"init,omitempty"`
}

// Kind returns "seq2seq".
func (m Seq2Seq) Kind() string { return "seq2seq" }

// In returns the number of features of an input step.
func (m Seq2Seq) In() int { return m.Features }

// Out returns the number of features of an output step.
func (m Seq2Seq) Out() int { return orDefault(m.Targets, m.Features) }

// Check returns an error unless the description makes sense.
func (m Seq2Seq) Check() error {
	switch {
	case m.Targets < 0 || m.Steps < 0:
		return fmt.Errorf("rnn: seq2seq with %d targets and %d steps", m.Targets, m.Steps)
	case !(m.TeacherForcing >= 0 && m.TeacherForcing <= 1):
		return fmt.Errorf("rnn: teacher forcing %v: want a fraction from 0 to 1", m.TeacherForcing)
	case m.First == FirstLastInput && m.Out() != m.Features:
		return fmt.Errorf("rnn: a decoder of %d features cannot read the last input, which has %d", m.Out(), m.Features)
	}
	switch m.First {
	case "", FirstZeros, FirstLastInput, FirstTarget:
	default:
		return fmt.Errorf("rnn: first %q: want %q, %q or %q", m.First, FirstZeros, FirstLastInput, FirstTarget)
	}
	if err := m.encoder().Check(); err != nil {
		return err
	}
	if err := m.Input.check(); err != nil {
		return err
	}
	return m.Output.check()
}

func (m Seq2Seq) encoder() Layers {
	return Layers{Name: "encoder/", Cell: m.Cell, Gates: m.Gates, Features: m.Features, Hidden: m.Hidden, Init: m.Init}
}

func (m Seq2Seq) decoder() decoder {
	s := Layers{Name: "decoder/", Cell: m.Cell, Gates: m.Gates, Features: m.Out(), Hidden: m.Hidden, Init: m.Init}
	return decoder{layer: s.layer(0, 0), input: m.Input, output: m.Output}
}

// Params returns the weights: "encoder/lstm/kernel" and so on, "decoder/lstm/kernel" and so on, as
// in Layers.Params, and those of the decoder's output, "decoder/dense/kernel" [h, o] and
// "decoder/dense/bias".
func (m Seq2Seq) Params() []Param {
	ps := append(m.encoder().Params(), m.decoder().params()...)
	return append(ps, dense("decoder/dense", m.Hidden, m.Out(), m.Init)...)
}

// Graph reads x [b, t, f] up to the true lengths and returns the prediction [b, t', o], which has
// as many steps as the target, or Steps without a target.
func (m Seq2Seq) Graph(w map[string]*Node, in Inputs) *Node {
	x, mask := in.sequence()
	g, b := x.Graph(), x.Shape().Dim(1)
	_, _, final := m.encoder().run(w, x, nil, mask, nil)
	steps := m.Steps
	var target *Node
	if in.Target != nil {
		target, steps = TransposeAllAxes(in.Target, 1, 0, 2), in.Target.Shape().Dim(1)
	}
	if steps == 0 {
		panic(fmt.Errorf("rnn: a seq2seq needs a target or Steps to know how many steps to write"))
	}
	truth := InsertAxes(m.first(x, mask, target), 0)
	forced := Ones(g, shapeOf(x, 1, b, 1)) // the first step always reads m.first
	var coins *Node                        // [1, b, 1], 1 for the sequences with teacher forcing
	guided := target != nil && (in.Guided || in.Key != nil && m.TeacherForcing == 1)
	switch {
	case guided:
		coins = Ones(g, shapeOf(x, 1, b, 1))
	case in.Key != nil && target != nil && m.TeacherForcing > 0:
		coins = m.coins(in.Key, b)
	}
	if steps > 1 {
		before, force := Zeros(g, shapeOf(x, steps-1, b, m.Out())), Zeros(g, shapeOf(x, steps-1, b, 1))
		if coins != nil {
			before = SliceAxis(target, 0, AxisRange(0, steps-1))
			force = BroadcastToDims(coins, steps-1, b, 1)
		}
		truth, forced = Concatenate([]*Node{truth, before}, 0), Concatenate([]*Node{forced, force}, 0)
	}
	d := m.decoder()
	if guided {
		// The decoder never reads its predictions, so it is an ordinary layer, with its products
		// outside of the loop.
		y, _ := d.layer.run(w, m.Input.apply(truth), final[0], nil, nil)
		return TransposeAllAxes(m.Output.apply(applyDense(w, "decoder/dense", y)), 1, 0, 2)
	}
	return TransposeAllAxes(d.run(w, "decoder/dense", final[0], truth, forced), 1, 0, 2)
}

// first returns what the decoder reads at its first step, [b, o].
func (m Seq2Seq) first(x, mask, target *Node) *Node {
	switch m.First {
	case FirstLastInput:
		steps := x.Shape().Dim(0)
		if mask == nil {
			return Squeeze(SliceAxis(x, 0, AxisElem(steps-1)), 0)
		}
		// The last true step is the one after which the mask drops to 0.
		after := ZerosLike(SliceAxis(mask, 0, AxisRange(0, 1)))
		if steps > 1 {
			after = Concatenate([]*Node{SliceAxis(mask, 0, AxisRange(1, steps)), after}, 0)
		}
		return ReduceSum(Mul(x, Sub(mask, after)), 0)
	case FirstTarget:
		if target == nil {
			panic(fmt.Errorf("rnn: a seq2seq that reads the first target needs a target"))
		}
		return Squeeze(SliceAxis(target, 0, AxisElem(0)), 0)
	}
	return Zeros(x.Graph(), shapeOf(x, x.Shape().Dim(1), m.Out()))
}

// coins returns 1 for the sequences that have teacher forcing at this training step, else 0, [1, b,
// 1].
func (m Seq2Seq) coins(key *Node, b int) *Node {
	limit := Const(key.Graph(), uint32(m.TeacherForcing*math.MaxUint32))
	return ConvertDType(LessThan(noise(key, 0, 1, b, 1), limit), dtypes.Float32)
}
