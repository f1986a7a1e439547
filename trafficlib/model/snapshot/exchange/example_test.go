package exchange_test

import (
	"fmt"
	"maps"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot/exchange"
)

// The state_dict of a PyTorch module with a GRU and a Linear becomes the weights of an
// rnn.Forecaster.
func ExampleFromTorch() {
	zeros := func(shape ...int) snapshot.Tensor {
		n := 1
		for _, d := range shape {
			n *= d
		}
		return snapshot.Tensor{Shape: shape, Data: make([]float32, n)}
	}
	stateDict := snapshot.Tensors{
		"rnn.weight_ih_l0": zeros(96, 8), "rnn.weight_hh_l0": zeros(96, 32),
		"rnn.bias_ih_l0": zeros(96), "rnn.bias_hh_l0": zeros(96),
		"fc.weight": zeros(8, 32), "fc.bias": zeros(8),
	}
	weights, err := exchange.FromTorch(stateDict, exchange.Names{"rnn": "gru", "fc": "dense"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(weights)) {
		fmt.Println(name, weights[name].Shape)
	}
	// Output:
	// dense/bias [8]
	// dense/kernel [32 8]
	// gru/bias [2 96]
	// gru/kernel [8 96]
	// gru/recurrent_kernel [32 96]
}
