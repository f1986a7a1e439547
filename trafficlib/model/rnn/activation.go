package rnn

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// Activation is the activation function of the output of a model, or of the input of a decoder.
type Activation string

const (
	Linear        Activation = "linear"     // the identity; the default, ""
	ReLU          Activation = "relu"       // max(x, 0), for values that are never negative
	LeakyReLU     Activation = "leaky_relu" // x, or x/100 if negative, as in PyTorch; Keras has slopes of 0.2 or 0.3
	SigmoidOutput Activation = "sigmoid"
	TanhOutput    Activation = "tanh"
	SoftmaxOutput Activation = "softmax" // only for a classifier
)

const leak = 0.01

func (a Activation) check() error {
	switch a {
	case "", Linear, ReLU, LeakyReLU, SigmoidOutput, TanhOutput:
		return nil
	}
	return fmt.Errorf("rnn: activation %q: want one of %q, %q, %q, %q, %q",
		a, Linear, ReLU, LeakyReLU, SigmoidOutput, TanhOutput)
}

// apply returns the activation of x. It is used in loop bodies too, so it makes its own constants.
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

// gradient returns the gradient of x for the gradient dy of y = apply(x).
func (a Activation) gradient(dy, y *Node) *Node {
	switch g := y.Graph(); a {
	case ReLU:
		return Mul(dy, positive(y))
	case LeakyReLU:
		slope := Add(Mul(positive(y), Const(g, float32(1-leak))), Const(g, float32(leak)))
		return Mul(dy, slope)
	case SigmoidOutput:
		return Mul(dy, Mul(y, oneMinus(y)))
	case TanhOutput:
		return Mul(dy, oneMinus(Mul(y, y)))
	}
	return dy
}

// positive returns 1 where y > 0, else 0.
func positive(y *Node) *Node {
	return ConvertDType(GreaterThan(y, Const(y.Graph(), float32(0))), y.DType())
}
