package rnn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// A Probabilistic model may predict probabilities. A cross-entropy is computed from its logits,
// which is more accurate than from the probabilities.
type Probabilistic interface {
	Model
	// Logits is like Graph but leaves out the activation of the output.
	Logits(w map[string]*Node, in Inputs) *Node
	// Activation returns the activation of the output. The prediction holds probabilities if it is
	// SigmoidOutput or SoftmaxOutput.
	Activation() Activation
}

// Logits returns the prediction of a Forecaster before its output activation, [b, t, out].
func (m Forecaster) Logits(w map[string]*Node, in Inputs) *Node {
	m.Output = Linear
	return m.Graph(w, in)
}

// Activation returns the output activation.
func (m Forecaster) Activation() Activation { return m.Output }

// Activation returns the output activation, whose default is a softmax.
func (m Classifier) Activation() Activation {
	if m.Output == "" {
		return SoftmaxOutput
	}
	return m.Output
}
