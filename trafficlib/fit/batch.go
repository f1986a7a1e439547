package fit

import (
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/seq"
)

// device holds a batch as tensors: input, target and lengths.
type batchTensors [3]*tensors.Tensor

// toTensors fills a batch up to size examples. The last batch of an epoch is smaller than the others, and every new
// shape is compiled anew; an example of length 0 weighs nothing and changes nothing.
func toTensors(b seq.Batch, size int) batchTensors {
	input, target, lengths := b.Input, b.Target, b.Lengths
	if missing := size - b.Size; missing > 0 {
		input = append(input[:len(input):len(input)], make([]float32, missing*b.Steps*b.In)...)
		target = append(target[:len(target):len(target)], make([]float32, missing*b.Steps*b.Out)...)
		lengths = append(lengths[:len(lengths):len(lengths)], make([]int32, missing)...)
	}
	return batchTensors{
		tensors.FromFlatDataAndDimensions(input, size, b.Steps, b.In),
		tensors.FromFlatDataAndDimensions(target, size, b.Steps, b.Out),
		tensors.FromFlatDataAndDimensions(lengths, size),
	}
}

// free gives the memory back at once: the garbage collector does not see how large it is on a device.
func (b batchTensors) free() {
	for _, t := range b {
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
