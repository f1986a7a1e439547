package rnn

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// A Forecaster predicts the next step of a sequence, either at each of its steps (many to many) or
// once at its end (many to one). It consists of recurrent layers, a dense layer if Dense is set,
// and the output activation. With only Features set, it is an LSTM with as many units as features,
// whose state is the prediction. The fields that Layers has too are explained there.
type Forecaster struct {
	Cell             Cell       `json:"cell,omitempty"`
	Features         int        `json:"features"`                // f, the width of a step
	Targets          int        `json:"targets,omitempty"`       // the width of a predicted step; 0 means Features
	Hidden           int        `json:"hidden,omitempty"`        // h, the units of a layer; 0 means Targets
	Layers           int        `json:"layers,omitempty"`        // 0 means 1
	Last             bool       `json:"last,omitempty"`          // predict once, after the last step
	Bidirectional    bool       `json:"bidirectional,omitempty"` // needs Last, or the model would see what it predicts
	Gates            Gates      `json:"gates,omitempty"`
	Peephole         bool       `json:"peephole,omitempty"`
	LayerNorm        bool       `json:"layer_norm,omitempty"`
	Dropout          float64    `json:"dropout,omitempty"`
	Variational      bool       `json:"variational,omitempty"`
	RecurrentDropout float64    `json:"recurrent_dropout,omitempty"`
	Dense            bool       `json:"dense,omitempty"` // add a layer from the units to the prediction
	Output           Activation `json:"output,omitempty"`
	Init             Scheme     `json:"init,omitempty"`
}

// Kind returns "forecaster".
func (m Forecaster) Kind() string { return "forecaster" }

// In returns the number of features of a step.
func (m Forecaster) In() int { return m.Features }

// Out returns the number of features of a predicted step.
func (m Forecaster) Out() int { return orDefault(m.Targets, m.Features) }

// Check returns an error unless the description makes sense.
func (m Forecaster) Check() error {
	s := m.layers()
	switch {
	case m.Features < 1:
		return fmt.Errorf("rnn: forecaster with %d features: want at least 1", m.Features)
	case m.Targets < 0:
		return fmt.Errorf("rnn: forecaster with %d targets", m.Targets)
	case m.Bidirectional && !m.Last:
		return fmt.Errorf("rnn: a bidirectional forecaster sees the steps that it predicts: " +
			"set Last to predict once, at the end")
	case m.Hidden >= 0 && !m.Dense && s.Out() != m.Out():
		return fmt.Errorf("rnn: forecaster with %d hidden units for %d features needs Dense, the layer between them",
			s.Out(), m.Out())
	}
	if err := s.Check(); err != nil {
		return err
	}
	return m.Output.check()
}

func (m Forecaster) layers() Layers {
	return Layers{
		Cell: m.Cell, Gates: m.Gates, Peephole: m.Peephole, Features: m.Features, Hidden: orDefault(m.Hidden, m.Out()),
		Depth: m.Layers, Bidirectional: m.Bidirectional, Dropout: m.Dropout, Variational: m.Variational,
		RecurrentDropout: m.RecurrentDropout, LayerNorm: m.LayerNorm, Init: m.Init,
	}
}

// Params returns the weights: those of Layers.Params, and "dense/kernel" [h, out] and "dense/bias"
// [out] if Dense is set.
func (m Forecaster) Params() []Param {
	ps := m.layers().Params()
	if m.Dense {
		ps = append(ps, dense("dense", m.layers().Out(), m.Out(), m.Init)...)
	}
	return ps
}

// Graph returns, for x [b, t, f], the predictions of step t+1 from the steps up to t, [b, t, out].
// With Last it returns that of the step after the last true one, [b, 1, out].
func (m Forecaster) Graph(w map[string]*Node, in Inputs) *Node {
	x, mask := in.sequence()
	if !m.Last {
		// Steps past the end of a sequence affect nothing before it, and the loss does not count
		// them. Freezing the state there would only take time.
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

// dense returns the weights of a dense layer.
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

// orDefault returns v, or the default if v is 0.
func orDefault(v, def int) int {
	if v == 0 {
		return def
	}
	return v
}
