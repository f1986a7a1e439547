package rnn_test

import (
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/rnn"
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
