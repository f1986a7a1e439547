package rnn

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// Gates is the activation function of the gates of a cell, with values from 0 to 1.
type Gates string

const (
	// SigmoidGates is the logistic function 1/(1+e⁻ˣ), as in PyTorch and in Keras since 2.3. It is
	// the default, "".
	SigmoidGates Gates = "sigmoid"
	// HardSigmoidGates is 0.2x + 0.5, clipped to 0 and 1, as in the LSTM of Keras before 2.3.
	HardSigmoidGates Gates = "hard_sigmoid"
)

func (a Gates) check() error {
	switch a {
	case "", SigmoidGates, HardSigmoidGates:
		return nil
	}
	return fmt.Errorf("rnn: gates %q: want %q or %q", a, SigmoidGates, HardSigmoidGates)
}

// apply returns the gates for z. It is used in loop bodies, so it makes its own constants.
func (a Gates) apply(z *Node) *Node {
	g := z.Graph()
	if a != HardSigmoidGates {
		half := Const(g, float32(0.5))
		return Add(Mul(Tanh(Mul(z, half)), half), half)
	}
	line := Add(Mul(z, Const(g, float32(0.2))), Const(g, float32(0.5)))
	return Min(Max(line, Const(g, float32(0))), Const(g, float32(1)))
}

// gradient returns the gradient of z for the gradient dy of y = apply(z).
func (a Gates) gradient(dy, y *Node) *Node {
	if a != HardSigmoidGates {
		return Mul(dy, Mul(y, oneMinus(y)))
	}
	g := y.Graph()
	inside := LogicalAnd(GreaterThan(y, Const(g, float32(0))), LessThan(y, Const(g, float32(1))))
	return Mul(dy, Mul(ConvertDType(inside, y.DType()), Const(g, float32(0.2))))
}
