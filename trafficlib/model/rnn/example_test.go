package rnn_test

import (
	"fmt"
	"log"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/model/device"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
)

// The model of the first notebook: a layer of 146 units over the 146 features of a TLS packet.
func ExampleForecaster() {
	m := rnn.Forecaster{Features: 146, Gates: rnn.HardSigmoidGates, Output: rnn.ReLU}
	weights := 0
	for _, p := range m.Params() {
		n := 1
		for _, d := range p.Shape {
			n *= d
		}
		weights += n
		fmt.Println(p.Name, p.Shape, n)
	}
	fmt.Println(weights, "weights")
	// Output:
	// lstm/kernel [146 584] 85264
	// lstm/recurrent_kernel [146 584] 85264
	// lstm/bias [584] 584
	// 171112 weights
}

// A model that reads the first packets of a TCP conversation and predicts the rest. In training,
// half of the sequences use teacher forcing.
func ExampleSeq2Seq() {
	m := rnn.Seq2Seq{
		Cell: rnn.GRU, Features: 25, Hidden: 256, Init: rnn.TorchInit,
		First: rnn.FirstLastInput, TeacherForcing: 0.5, Input: rnn.LeakyReLU,
	}
	fmt.Println(m.Check())
	for _, p := range m.Params() {
		fmt.Println(p.Name, p.Shape)
	}
	// Output:
	// <nil>
	// encoder/gru/kernel [25 768]
	// encoder/gru/recurrent_kernel [256 768]
	// encoder/gru/bias [2 768]
	// decoder/gru/kernel [25 768]
	// decoder/gru/recurrent_kernel [256 768]
	// decoder/gru/bias [2 768]
	// decoder/dense/kernel [256 25]
	// decoder/dense/bias [25]
}

// A model that reads ids in both directions and predicts one of four classes. CheckInput checks ids
// before they get to a device.
func ExampleClassifier() {
	m := rnn.Classifier{Vocabulary: 1000, Features: 16, Hidden: 32, Bidirectional: true, Classes: 4, Pool: rnn.PoolMean}
	fmt.Println(m.Check())
	fmt.Println(m.CheckInput([]float32{17, 999, 1000}))
	for _, p := range m.Params() {
		fmt.Println(p.Name, p.Shape)
	}
	// Output:
	// <nil>
	// rnn: value 2 of the input is 1000, which is not an id: want an integer from 0 to 999
	// embedding/embeddings [1000 16]
	// lstm/kernel [16 128]
	// lstm/recurrent_kernel [32 128]
	// lstm/bias [128]
	// lstm_reverse/kernel [16 128]
	// lstm_reverse/recurrent_kernel [32 128]
	// lstm_reverse/bias [128]
	// dense/kernel [64 4]
	// dense/bias [4]
}

// A sequence that arrives in pieces: each piece is read from the final states of the previous one.
func ExampleLayers() {
	layers := rnn.Layers{Cell: rnn.GRU, Features: 1, Hidden: 2}
	values := rnn.StartParams(layers.Params(), 1)
	var weights []any
	for _, p := range layers.Params() {
		weights = append(weights, tensors.FromFlatDataAndDimensions(values[p.Name], p.Shape...))
	}
	backend, err := device.Open("go")
	if err != nil {
		log.Fatal(err)
	}
	read, err := graph.NewExec(backend, func(in []*graph.Node) *graph.Node {
		w := map[string]*graph.Node{}
		for i, p := range layers.Params() {
			w[p.Name] = in[2+i]
		}
		return layers.Graph(w, rnn.Inputs{X: in[0]}, []rnn.State{{in[1]}}).Final[0][0]
	})
	if err != nil {
		log.Fatal(err)
	}
	after := func(pieces ...[][][]float32) any {
		state := tensors.FromValue([][]float32{{0, 0}})
		for _, x := range pieces {
			out, err := read.Call(append([]any{x, state}, weights...)...)
			if err != nil {
				log.Fatal(err)
			}
			state = out[0]
		}
		return state.Value()
	}
	whole := fmt.Sprintf("%.4f", after([][][]float32{{{1}, {2}, {3}}}))
	fmt.Println(fmt.Sprintf("%.4f", after([][][]float32{{{1}}}, [][][]float32{{{2}, {3}}})) == whole)
	// Output: true
}
