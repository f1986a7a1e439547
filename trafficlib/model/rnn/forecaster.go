package rnn

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// Forecaster predicts the next step of a sequence, at each of its steps (many to many) or once at its end (many to
// one): recurrent layers, then a dense layer if Dense is set, then the output activation. Its zero value with
// Features set is an LSTM with as many units as features, whose state is the prediction.
type Forecaster struct {
	Cell             Cell       `json:"cell,omitempty"`
	Features         int        `json:"features"`                // f, the width of a step
	Targets          int        `json:"targets,omitempty"`       // the width of a predicted step; 0 means Features
	Hidden           int        `json:"hidden,omitempty"`        // h, the units of a layer; 0 means Targets
	Layers           int        `json:"layers,omitempty"`        // 0 means 1
	Last             bool       `json:"last,omitempty"`          // predict once, after the last step
	Bidirectional    bool       `json:"bidirectional,omitempty"` // read both ways, side by side; only with Last, or it would see what it predicts
	Gates            Gates      `json:"gates,omitempty"`
	Peephole         bool       `json:"peephole,omitempty"`          // the gates of an LSTM see its cell
	LayerNorm        bool       `json:"layer_norm,omitempty"`        // after each layer, over the units of a step
	Dropout          float64    `json:"dropout,omitempty"`           // the part of the values that are dropped between layers
	Variational      bool       `json:"variational,omitempty"`       // drop the same values at all steps of a sequence
	RecurrentDropout float64    `json:"recurrent_dropout,omitempty"` // the part of a layer's units that its own next step does not see, the same at all steps
	Dense            bool       `json:"dense,omitempty"`             // a layer to the prediction; without it the units are the prediction
	Output           Activation `json:"output,omitempty"`
	Init             Scheme     `json:"init,omitempty"`
}

// Kind is "forecaster".
func (m Forecaster) Kind() string { return "forecaster" }

// In is the number of features of a step.
func (m Forecaster) In() int { return m.Features }

// Out is the number of features of a predicted step.
func (m Forecaster) Out() int { return either(m.Targets, m.Features) }

// Check tells what is wrong with the description.
func (m Forecaster) Check() error {
	s := m.layers()
	switch {
	case m.Features < 1:
		return fmt.Errorf("rnn: forecaster with %d features: want at least 1", m.Features)
	case m.Targets < 0:
		return fmt.Errorf("rnn: forecaster with %d targets", m.Targets)
	case m.Bidirectional && !m.Last:
		return fmt.Errorf("rnn: a bidirectional forecaster sees the steps that it predicts, unless it predicts once, after the Last")
	case m.Hidden >= 0 && !m.Dense && s.Out() != m.Out():
		return fmt.Errorf("rnn: forecaster with %d hidden units for %d features needs Dense, the layer between the two", s.Out(), m.Out())
	}
	if err := s.Check(); err != nil {
		return err
	}
	return m.Output.check()
}

func (m Forecaster) layers() Layers {
	return Layers{
		Cell: m.Cell, Gates: m.Gates, Peephole: m.Peephole, Features: m.Features, Hidden: either(m.Hidden, m.Out()),
		Depth: m.Layers, Bidirectional: m.Bidirectional, Dropout: m.Dropout, Variational: m.Variational, RecurrentDropout: m.RecurrentDropout,
		LayerNorm: m.LayerNorm, Init: m.Init,
	}
}

// Params are those of the layers as Keras has them, "lstm/kernel" [f, 4h], "lstm/recurrent_kernel" [h, 4h] and
// "lstm/bias" [4h], gates in the order i, f, c, o, or "gru/kernel" and so on with the order z, r, n and a bias
// [2, 3h]; of a second layer, "lstm_1/kernel"; of one that reads backwards, "lstm_reverse/kernel". Then come
// "dense/kernel" [h, out] and "dense/bias" [out].
func (m Forecaster) Params() []Param {
	ps := m.layers().Params()
	if m.Dense {
		ps = append(ps, dense("dense", m.layers().Out(), m.Out(), m.Init)...)
	}
	return ps
}

// Graph predicts, for x [b, t, f], step t+1 from the steps up to t: [b, t, out]; with Last [b, 1, out], what follows
// the last true step.
func (m Forecaster) Graph(w map[string]*Node, in Inputs) *Node {
	x, mask := in.sequence()
	if !m.Last {
		// What is past the end of a sequence reaches nothing before it, and the loss does not count it: to freeze
		// the state there would only take time.
		mask = nil
	}
	y, last, _ := m.layers().run(w, x, nil, mask, in.Key)
	if m.Last {
		y = InsertAxes(last, 0)
	}
	if m.Dense {
		y = applyDense(w, "dense", y)
	}
	return TransposeAllAxes(m.Output.apply(y), 1, 0, 2)
}

// dense are the weights of a dense layer.
func dense(name string, in, out int, init Scheme) []Param {
	limit := oneOverRoot(in)
	return []Param{
		init.param(Param{Name: name + "/kernel", Shape: []int{in, out}, Init: Glorot}, Uniform, limit),
		init.param(Param{Name: name + "/bias", Shape: []int{out}, Init: Zero}, Uniform, limit),
	}
}

// applyDense multiplies each row of x [t, b, in] with the weights of a dense layer.
func applyDense(w map[string]*Node, name string, x *Node) *Node {
	t, b, kernel := x.Shape().Dim(0), x.Shape().Dim(1), w[name+"/kernel"]
	y := Add(MatMul(Reshape(x, t*b, x.Shape().Dim(2)), kernel), InsertAxes(w[name+"/bias"], 0))
	return Reshape(y, t, b, kernel.Shape().Dim(1))
}

// either is v, or what stands for 0.
func either(v, zero int) int {
	if v == 0 {
		return zero
	}
	return v
}
