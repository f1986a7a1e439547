package seq

import (
	"errors"
	"fmt"
	"math"
)

// Longest as a SequenceLen stands for the longest sequence of the set.
const Longest = -1

// NextStep makes examples of predicting each step of a sequence from the steps before it. A sequence x of a set is
// cut or padded with zero rows at its end to T steps, transformed (the padding too), and shifted by one behind a zero
// row, so that the first step is predicted as well:
//
//	input  = 0, x[0], …, x[T-2]
//	target = x[0], x[1], …, x[T-1]
//
// Of each example the first min(steps, T) targets are real. This is the order of the original: the zero row in front
// is not transformed, the padding is.
type NextStep struct {
	Set         *Set
	SequenceLen int       // T; 0 means 100, Longest the longest sequence of the set
	Transform   Transform // nil leaves the rows as they are
}

// Check says what makes the examples unfit for a model: no sequences, a sequence without steps, a transform of another
// width, or a value that is no finite number. It reads the whole set.
func (n NextStep) Check() error {
	switch {
	case n.Set == nil || n.Set.Len() == 0:
		return errors.New("seq: the set has no sequences")
	case n.SequenceLen < Longest:
		return fmt.Errorf("seq: SequenceLen %d: want a number of steps, 0 for 100 or -1 for the longest sequence", n.SequenceLen)
	case n.Transform != nil && n.Transform.Features() != n.Set.Features():
		return fmt.Errorf("seq: the transform is for %d features, the sequences have %d", n.Transform.Features(), n.Set.Features())
	}
	for i, rows := range n.Set.rows {
		if len(rows) == 0 {
			return fmt.Errorf("seq: sequence %d: no steps", n.Set.Origin(i))
		}
		if k := notFinite(rows); k >= 0 {
			return fmt.Errorf("seq: sequence %d: step %d: feature %d: %v", n.Set.Origin(i), k/n.Set.features, k%n.Set.features, rows[k])
		}
	}
	return nil
}

// notFinite gives the place of the first NaN or infinity, or -1: those are the values whose exponent bits are all set.
func notFinite(values []float32) int {
	const exponent = 0x7f80_0000
	for i, v := range values {
		if math.Float32bits(v)&exponent == exponent {
			return i
		}
	}
	return -1
}

// Len gives the number of examples, one for each sequence.
func (n NextStep) Len() int { return n.Set.Len() }

// Origin gives the number that an example's sequence has in the file that it comes from.
func (n NextStep) Origin(i int) int { return n.Set.Origin(i) }

// Shape gives T and the width of the set, twice.
func (n NextStep) Shape() (steps, in, out int) {
	f := n.Set.Features()
	switch n.SequenceLen {
	case 0:
		return 100, f, f
	case Longest:
		return n.Set.Longest(), f, f
	}
	return n.SequenceLen, f, f
}

// Length gives the real steps of example i, at most T.
func (n NextStep) Length(i int) int {
	steps, _, _ := n.Shape()
	return min(n.Set.Steps(i), steps)
}

// Cut gives the same examples with T = steps.
func (n NextStep) Cut(steps int) Examples {
	n.SequenceLen = steps
	return n
}

// Batch gives the examples of the sequences with the given numbers.
func (n NextStep) Batch(index []int) Batch {
	steps, f, _ := n.Shape()
	b := Batch{
		Index: append([]int(nil), index...), Lengths: make([]int32, len(index)),
		Input: zeros(len(index) * steps * f), Target: zeros(len(index) * steps * f),
		Size: len(index), Steps: steps, In: f, Out: f,
	}
	padding := make([]float32, f)
	if n.Transform != nil {
		n.Transform.Transform(padding)
	}
	parallel(len(index), func(k int) {
		rows := n.Set.At(index[k])
		target := b.Target[k*steps*f:][:steps*f]
		filled := copy(target, rows)
		b.Lengths[k] = int32(filled / f)
		if n.Transform != nil {
			n.Transform.Transform(target[:filled])
			for ; filled < len(target); filled += f {
				copy(target[filled:], padding)
			}
		}
		copy(b.Input[k*steps*f:][f:steps*f], target[:filled]) // the rest of both is zero
	})
	return b
}
