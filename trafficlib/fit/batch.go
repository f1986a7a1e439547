package fit

import (
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/seq"
)

// batchTensors holds a batch as tensors: input, target and lengths.
type batchTensors [3]*tensors.Tensor

func toTensors(b seq.Batch) batchTensors {
	return batchTensors{
		tensors.FromFlatDataAndDimensions(b.Input, b.Size, b.Steps, b.In),
		tensors.FromFlatDataAndDimensions(b.Target, b.Size, b.Steps, b.Out),
		tensors.FromFlatDataAndDimensions(b.Lengths, b.Size),
	}
}

func (b batchTensors) free() { free(b[:]) }

// free gives memory back at once: the garbage collector does not see how large it is on a device.
func free(all []*tensors.Tensor) {
	for _, t := range all {
		t.MustFinalizeAll()
	}
}

// trueSteps counts the steps of a batch that are not padding.
func trueSteps(b seq.Batch) (n float64) {
	for _, l := range b.Lengths {
		n += float64(l)
	}
	return n
}

// checkInput lets a model that is particular about its inputs look at a batch before a device does.
func checkInput(m rnn.Model, b seq.Batch) error {
	if c, ok := m.(interface{ CheckInput(x []float32) error }); ok {
		return c.CheckInput(b.Input)
	}
	return nil
}
