package main

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/lstm"

	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
)

// ownParams are the weights of GoMLX's own LSTM in the shapes of ONNX: one direction, biases of input and recurrent.
func ownParams(s shape) []rnn.Param {
	return []rnn.Param{
		{Name: "inputs", Shape: []int{1, 4, s.H, s.F}},
		{Name: "recurrent", Shape: []int{1, 4, s.H, s.H}},
		{Name: "biases", Shape: []int{1, 8, s.H}},
	}
}

// ownLSTM writes all steps into the graph. It gives [b, t, h].
func ownLSTM(s shape) func(w map[string]*Node, in rnn.Inputs) *Node {
	return func(w map[string]*Node, in rnn.Inputs) *Node {
		all, _, _ := lstm.NewWithWeights(in.X, w["inputs"], w["recurrent"], w["biases"], nil).Done()
		return TransposeAllAxes(Reshape(all, s.T, s.B, s.H), 1, 0, 2)
	}
}
