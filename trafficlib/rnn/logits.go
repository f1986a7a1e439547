package rnn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// Probabilistic is a model whose prediction may be probabilities. A cross-entropy starts from what they are made of.
type Probabilistic interface {
	Model
	// Logits is Graph without its last function.
	Logits(w map[string]*Node, x *Node) *Node
	// Last is that function: with SigmoidOutput or SoftmaxOutput the prediction is probabilities, with others not.
	Last() Activation
}

// SoftmaxOutput makes probabilities that sum to 1 over the features of a step.
const SoftmaxOutput Activation = "softmax"

// Logits is the prediction of a Forecaster before its output activation, [b, t, f].
func (m Forecaster) Logits(w map[string]*Node, x *Node) *Node {
	m.Output = Linear
	return m.Graph(w, x)
}

// Last is the output activation.
func (m Forecaster) Last() Activation { return m.Output }
