package main

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/lstm"

	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
)

// ownParams returns the weights of GoMLX's own LSTM, in the shapes of ONNX: one direction, and
// separate biases for the input and the recurrent part.
func ownParams(s shape) []rnn.Param {
	return []rnn.Param{
		{Name: "inputs", Shape: []int{1, 4, s.H, s.F}},
		{Name: "recurrent", Shape: []int{1, 4, s.H, s.H}},
		{Name: "biases", Shape: []int{1, 8, s.H}},
	}
}

// ownLSTM returns GoMLX's own LSTM, which writes every step into the graph. The output is [b, t,
// h].
func ownLSTM(s shape) func(w map[string]*Node, in rnn.Inputs) *Node {
	return func(w map[string]*Node, in rnn.Inputs) *Node {
		all, _, _ := lstm.NewWithWeights(in.X, w["inputs"], w["recurrent"], w["biases"], nil).Done()
		return TransposeAllAxes(Reshape(all, s.T, s.B, s.H), 1, 0, 2)
	}
}
