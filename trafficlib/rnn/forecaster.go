package rnn

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// Cell names a recurrent cell.
type Cell string

// LSTM is the long short-term memory cell; "" means this one.
const LSTM Cell = "lstm"

// Forecaster predicts the next step of a sequence at each of its steps (many to many): one recurrent layer, then a
// dense layer if Dense is set, then the output activation. Its zero value with Features set is an LSTM with as many
// units as features, whose state is the prediction.
type Forecaster struct {
	Cell     Cell       `json:"cell,omitempty"`
	Features int        `json:"features"`         // f, the width of a step
	Hidden   int        `json:"hidden,omitempty"` // h, the units of the layer; 0 means Features
	Gates    Gates      `json:"gates,omitempty"`
	Dense    bool       `json:"dense,omitempty"` // a layer from h to f; without it Hidden must be Features
	Output   Activation `json:"output,omitempty"`
}

// Kind is "forecaster".
func (m Forecaster) Kind() string { return "forecaster" }

// In is the number of features of a step.
func (m Forecaster) In() int { return m.Features }

// Out is the number of features of a predicted step, the same.
func (m Forecaster) Out() int { return m.Features }

// Check tells what is wrong with the description.
func (m Forecaster) Check() error {
	switch {
	case m.Features < 1:
		return fmt.Errorf("rnn: forecaster with %d features: want at least 1", m.Features)
	case m.Hidden < 0:
		return fmt.Errorf("rnn: forecaster with %d hidden units", m.Hidden)
	case m.Cell != "" && m.Cell != LSTM:
		return fmt.Errorf("rnn: forecaster with cell %q: want %q", m.Cell, LSTM)
	case !m.Dense && m.hidden() != m.Features:
		return fmt.Errorf("rnn: forecaster with %d hidden units for %d features needs Dense, the layer between the two", m.hidden(), m.Features)
	}
	if err := m.Gates.check(); err != nil {
		return err
	}
	return m.Output.check()
}

func (m Forecaster) hidden() int {
	if m.Hidden == 0 {
		return m.Features
	}
	return m.Hidden
}

// Params are those of the layer as Keras names and orders them: "lstm/kernel" [f, 4h], "lstm/recurrent_kernel"
// [h, 4h] and "lstm/bias" [4h], gates in the order i, f, c, o; then "dense/kernel" [h, f] and "dense/bias" [f]. They
// start as Keras' do: Glorot uniform, orthogonal, zero with a forget bias of 1.
func (m Forecaster) Params() []Param {
	f, h := m.Features, m.hidden()
	ps := []Param{
		{"lstm/kernel", []int{f, 4 * h}, Glorot},
		{"lstm/recurrent_kernel", []int{h, 4 * h}, Orthogonal},
		{"lstm/bias", []int{4 * h}, ForgetBias},
	}
	if m.Dense {
		ps = append(ps, Param{"dense/kernel", []int{h, f}, Glorot}, Param{"dense/bias", []int{f}, Zero})
	}
	return ps
}

// Graph predicts, for x [b, t, f], step t+1 from the steps up to t: [b, t, f].
func (m Forecaster) Graph(w map[string]*Node, x *Node) *Node {
	b, t, f := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2)
	h := m.hidden()
	x = Reshape(TransposeAllAxes(x, 1, 0, 2), t*b, f)
	// The inputs of all steps meet their weights in one product, before the loop.
	z := Add(MatMul(x, w["lstm/kernel"]), Reshape(w["lstm/bias"], 1, 4*h))
	start := Zeros(x.Graph(), shapeOf(x, b, h))
	y, _ := Scan(lstmStep{gates: m.Gates, h: h}, Reshape(z, t, b, 4*h), w["lstm/recurrent_kernel"], nil, []*Node{start, start}, nil)
	if m.Dense {
		y = Add(MatMul(Reshape(y, t*b, h), w["dense/kernel"]), Reshape(w["dense/bias"], 1, f))
		y = Reshape(y, t, b, f)
	}
	return TransposeAllAxes(m.Output.apply(y), 1, 0, 2)
}
