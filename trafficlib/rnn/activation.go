package rnn

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// Activation is the function that the output of a model goes through, or the input of a decoder.
type Activation string

const (
	Linear        Activation = "linear"     // the values as they are; "" means this one
	ReLU          Activation = "relu"       // max(x, 0), for values that are never negative
	LeakyReLU     Activation = "leaky_relu" // x, or x/100 where it is negative: PyTorch's slope, Keras has 0.2 and once had 0.3
	SigmoidOutput Activation = "sigmoid"
	TanhOutput    Activation = "tanh"
)

const leak = 0.01

func (a Activation) check() error {
	switch a {
	case "", Linear, ReLU, LeakyReLU, SigmoidOutput, TanhOutput:
		return nil
	}
	return fmt.Errorf("rnn: activation %q: want one of %q, %q, %q, %q, %q", a, Linear, ReLU, LeakyReLU, SigmoidOutput, TanhOutput)
}

// apply stands in loop bodies too, so it makes its own constants.
func (a Activation) apply(x *Node) *Node {
	switch g := x.Graph(); a {
	case ReLU:
		return Max(x, Const(g, float32(0)))
	case LeakyReLU:
		return Max(x, Mul(x, Const(g, float32(leak))))
	case SigmoidOutput:
		return Logistic(x)
	case TanhOutput:
		return Tanh(x)
	}
	return x
}
