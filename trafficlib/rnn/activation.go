package rnn

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// Activation is the function that a model's output goes through.
type Activation string

const (
	Linear        Activation = "linear" // the output as it is; "" means this one
	ReLU          Activation = "relu"   // max(x, 0), for values that are never negative
	SigmoidOutput Activation = "sigmoid"
	TanhOutput    Activation = "tanh"
)

func (a Activation) check() error {
	switch a {
	case "", Linear, ReLU, SigmoidOutput, TanhOutput:
		return nil
	}
	return fmt.Errorf("rnn: output activation %q: want one of %q, %q, %q, %q", a, Linear, ReLU, SigmoidOutput, TanhOutput)
}

func (a Activation) apply(x *Node) *Node {
	switch a {
	case ReLU:
		return MaxScalar(x, 0)
	case SigmoidOutput:
		return Sigmoid(x)
	case TanhOutput:
		return Tanh(x)
	}
	return x
}
