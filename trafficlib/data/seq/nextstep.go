package seq

import "fmt"

// NextStep makes examples of predicting each step of a sequence from the steps before it. A
// sequence x of a set is cut to T steps or padded with zero rows at its end, transformed (the
// padding too), and shifted by one after a zero row, so that the first step is predicted as well:
//
//	input  = 0, x[0], …, x[T-2]
//	target = x[0], x[1], …, x[T-1]
//
// The first min(steps, T) targets of an example are real. The order is that of llmhyy/tls_attack:
// the zero row in front is not transformed, the padding is.
type NextStep struct {
	Set         *Set
	SequenceLen int       // T; 0 means the longest sequence of the set
	Transform   Transform // nil leaves the rows as they are
}

// NextStep returns the examples of some parts, of the whole set if none is named, with its encoder
// as their transform.
func (s *Set) NextStep(parts ...string) NextStep {
	return NextStep{Set: s.Part(parts...), Transform: s.transform()}
}

// Check reports what makes the examples unfit for a model: no sequences, a sequence without steps,
// a transform of another width, or a value that is not finite. It reads the whole set.
func (n NextStep) Check() error {
	if n.SequenceLen < 0 {
		return fmt.Errorf("seq: SequenceLen %d: want a number of steps, or 0 for the longest sequence", n.SequenceLen)
	}
	return check("", n.Set, n.Transform, 1)
}

// Len returns the number of examples, one for each sequence.
func (n NextStep) Len() int { return n.Set.Len() }

// About returns what is known of the sequence of example i.
func (n NextStep) About(i int) About { return n.Set.About(i) }

// Lineage returns that of the set, with the transform as its encoder.
func (n NextStep) Lineage() Lineage { return lineage(n.Set, n.Transform) }

// Shape returns T for both input and target, and the width of the set twice.
func (n NextStep) Shape() (steps Steps, in, out int) {
	t, f := n.SequenceLen, n.Set.Features()
	if t == 0 {
		t = n.Set.Longest()
	}
	return Steps{t, t}, f, f
}

// Length returns the real steps of example i, at most T.
func (n NextStep) Length(i int) Steps {
	steps, _, _ := n.Shape()
	t := min(n.Set.Steps(i), steps.Target)
	return Steps{t, t}
}

// Resize returns the same examples with T = steps.Target.
func (n NextStep) Resize(steps Steps) Examples {
	n.SequenceLen = steps.Target
	return n
}

// Batch returns the examples of the sequences with the given numbers.
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
