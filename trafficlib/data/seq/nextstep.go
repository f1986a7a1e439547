package seq

import "fmt"

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
	if n.SequenceLen < Longest {
		return fmt.Errorf("seq: SequenceLen %d: want a number of steps, 0 for 100 or -1 for the longest sequence", n.SequenceLen)
	}
	return check("", n.Set, n.Transform, 1)
}

// Len gives the number of examples, one for each sequence.
func (n NextStep) Len() int { return n.Set.Len() }

// Origin gives the number that an example's sequence has in the file that it comes from.
func (n NextStep) Origin(i int) int { return n.Set.Origin(i) }

// Shape gives T for both input and target, and the width of the set, twice.
func (n NextStep) Shape() (steps Steps, in, out int) {
	t, f := n.SequenceLen, n.Set.Features()
	switch t {
	case 0:
		t = 100
	case Longest:
		t = n.Set.Longest()
	}
	return Steps{t, t}, f, f
}

// Length gives the real steps of example i, at most T.
func (n NextStep) Length(i int) Steps {
	steps, _, _ := n.Shape()
	t := min(n.Set.Steps(i), steps.Target)
	return Steps{t, t}
}

// Cut gives the same examples with T = steps.Target.
func (n NextStep) Cut(steps Steps) Examples {
	n.SequenceLen = steps.Target
	return n
}

// Batch gives the examples of the sequences with the given numbers.
func (n NextStep) Batch(index []int) Batch {
	steps, f, _ := n.Shape()
	b := newBatch(index, steps, f, f)
	padding := make([]float32, f)
	if n.Transform != nil {
		n.Transform.Transform(padding)
	}
	parallel(len(index), func(k int) {
		input, target := b.rows(k)
		steps := fill(target, n.Set.At(index[k]), f, n.Transform)
		b.Lengths[k], b.TargetLengths[k] = steps, steps
		filled := int(steps) * f
		if n.Transform != nil {
			for ; filled < len(target); filled += f {
				copy(target[filled:], padding)
			}
		}
		copy(input[f:], target[:filled]) // the rest of both is zero
	})
	return b
}
