package fit

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
)

// batchTensors holds a batch as tensors: input, target, and the lengths of both.
type batchTensors [4]*tensors.Tensor

func toTensors(b seq.Batch) batchTensors {
	return batchTensors{
		tensors.FromFlatDataAndDimensions(b.Input, b.Size, b.Steps.Input, b.In),
		tensors.FromFlatDataAndDimensions(b.Target, b.Size, b.Steps.Target, b.Out),
		tensors.FromFlatDataAndDimensions(b.Lengths, b.Size),
		tensors.FromFlatDataAndDimensions(b.TargetLengths, b.Size),
	}
}

// shapeOf names the shapes of a batch's tensors, of which a model fixes the rest.
func shapeOf(b seq.Batch) string { return fmt.Sprint(b.Size, b.Steps.Input, b.Steps.Target) }

// filled returns a batch of size examples: after its own come some without steps, which count for
// nothing. The last batch of an epoch, which is smaller, would otherwise be compiled for itself,
// and that takes seconds.
func filled(b seq.Batch, size int) seq.Batch {
	if b.Size >= size {
		return b
	}
	b.Input, b.Target = longer(b.Input, size*b.Steps.Input*b.In), longer(b.Target, size*b.Steps.Target*b.Out)
	b.Lengths, b.TargetLengths = longer(b.Lengths, size), longer(b.TargetLengths, size)
	b.Size = size
	return b
}

// longer returns a copy of n values, the last of them zero.
func longer[T any](v []T, n int) []T {
	w := make([]T, n)
	copy(w, v)
	return w
}

// addTo appends the tensors to the arguments of a graph.
func (b batchTensors) addTo(args []any) []any {
	for _, t := range b {
		args = append(args, t)
	}
	return args
}

// batchNodes returns a batch in a graph, given the nodes of its tensors: the inputs of a model, and
// a mask of the real steps of the target, [b, t'].
func batchNodes(in []*Node) (inputs rnn.Inputs, mask *Node) {
	x, target, lengths, targetLengths := in[0], in[1], in[2], in[3]
	return rnn.Inputs{X: x, Lengths: lengths, Target: target}, rnn.Mask(targetLengths, target.Shape().Dim(1))
}

func (b batchTensors) free() { free(b[:]) }

// free frees memory at once: the garbage collector does not see how large it is on a device.
func free(all []*tensors.Tensor) {
	for _, t := range all {
		t.MustFinalizeAll()
	}
}

// checkInput lets a model that refuses some inputs check a batch before a device reads it.
func checkInput(m rnn.Model, b seq.Batch) error {
	if c, ok := m.(interface{ CheckInput(x []float32) error }); ok {
		n := b.Steps.Input * b.In
		for k, i := range b.Index {
			if err := c.CheckInput(b.Input[k*n:][:n]); err != nil {
				return fmt.Errorf("fit: example %d: %w", i, err)
			}
		}
	}
	return nil
}
