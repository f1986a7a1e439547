package seq

import "fmt"

// Pairs makes examples of answering one sequence with another: sequence i of Input is read,
// sequence i of Target is to be written. Both have their own lengths and width, and zero rows after
// their ends, which are not transformed. To learn to continue sequences, split one set into both
// with Continue.
type Pairs struct {
	Input, Target   *Set
	Steps           Steps     // what to cut or pad to; a 0 means the longest sequence
	Transform       Transform // of the inputs; nil leaves them as they are
	TargetTransform Transform // of the targets; nil leaves them as they are
}

// Continue returns pairs of the first n steps of each sequence, to be read, and of the rest, to be
// written, of some parts, or of the whole set if none is named. Both have the set's encoder as
// their transform. A sequence of n steps or fewer has nothing to write, which Check refuses.
func (s *Set) Continue(n int, parts ...string) Pairs {
	part := s.Part(parts...)
	head, tail := part.SplitSteps(n)
	head.chosen, tail.chosen = part.chosen, part.chosen
	return Pairs{Input: head, Target: tail, Transform: s.transform(), TargetTransform: s.transform()}
}

// Check reports what makes the examples unfit for a model: sets of different numbers of sequences
// or of none, a sequence without steps, a transform of another width, or a value that is not
// finite. It reads both sets.
func (p Pairs) Check() error {
	if p.Steps.Input < 0 || p.Steps.Target < 0 {
		return fmt.Errorf("seq: pairs of %v steps: want numbers of steps, or 0 for the longest sequence", p.Steps)
	}
	if err := check("input", p.Input, p.Transform, 1); err != nil {
		return err
	}
	if err := check("target", p.Target, p.TargetTransform, 1); err != nil {
		return err
	}
	if n, m := p.Input.Len(), p.Target.Len(); n != m {
		return fmt.Errorf("seq: pairs of %d input and %d target sequences", n, m)
	}
	return nil
}

// Len returns the number of pairs.
func (p Pairs) Len() int { return p.Input.Len() }

// About returns what is known of the input of pair i.
func (p Pairs) About(i int) About { return p.Input.About(i) }

// Lineage returns that of the inputs, with their transform as its encoder.
func (p Pairs) Lineage() Lineage { return lineage(p.Input, p.Transform) }

// Shape returns Steps and the widths of both sets.
func (p Pairs) Shape() (steps Steps, in, out int) {
	steps = p.Steps
	if steps.Input == 0 {
		steps.Input = p.Input.Longest()
	}
	if steps.Target == 0 {
		steps.Target = p.Target.Longest()
	}
	return steps, p.Input.Features(), p.Target.Features()
}

// Length returns the real steps of pair i, at most Steps.
func (p Pairs) Length(i int) Steps {
	steps, _, _ := p.Shape()
	return Steps{min(p.Input.Steps(i), steps.Input), min(p.Target.Steps(i), steps.Target)}
}

// Resize returns the same pairs with other Steps.
func (p Pairs) Resize(steps Steps) Examples {
	p.Steps = steps
	return p
}

// Batch returns the pairs with the given numbers.
func (p Pairs) Batch(index []int) Batch {
	steps, in, out := p.Shape()
	b := newBatch(index, steps, in, out)
	for k, i := range index {
		input, target := b.rows(k)
		b.Lengths[k] = fill(input, p.Input.At(i), in, p.Transform)
		b.TargetLengths[k] = fill(target, p.Target.At(i), out, p.TargetTransform)
	}
	return b
}
