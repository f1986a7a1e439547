package rnn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// Probabilistic is a model whose prediction may be probabilities. A cross-entropy starts from what they are made of.
type Probabilistic interface {
	Model
	// Logits is Graph without its last function.
	Logits(w map[string]*Node, in Inputs) *Node
	// Activation is that function: with SigmoidOutput or SoftmaxOutput the prediction is probabilities, with others not.
	Activation() Activation
}

// Logits is the prediction of a Forecaster before its output activation, [b, t, out].
func (m Forecaster) Logits(w map[string]*Node, in Inputs) *Node {
	m.Output = Linear
	return m.Graph(w, in)
}

// Activation is the output activation.
func (m Forecaster) Activation() Activation { return m.Output }

// Activation is the output activation, of which the zero value is a softmax.
func (m Classifier) Activation() Activation {
	if m.Output == "" {
		return SoftmaxOutput
	}
	return m.Output
}
