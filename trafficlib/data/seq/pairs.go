package seq

import (
	"encoding/json"
	"fmt"
)

// Pairs makes examples of answering one sequence with another: sequence i of Input is read, sequence i of Target is to
// be written. Both have their own lengths and their own width, and zero rows behind their ends, which are not
// transformed. Where sequences are to be gone on with, Continue makes both sets out of one.
type Pairs struct {
	Input, Target   *Set
	Steps           Steps          // what to cut or pad to; a 0 means the longest sequence
	Transform       Transform      // of the inputs; nil leaves them as they are
	TargetTransform Transform      // of the targets; nil leaves them as they are
	MadeBy          json.Marshaler // what made rows that need no Transform out of packets, for snapshots to keep; nil for nothing
}

// Continue gives pairs of the first n steps of each sequence, to be read, and of the rest, to be written. A sequence
// that has no more than n steps has nothing to write, which Check refuses.
func Continue(s *Set, n int) Pairs {
	first, rest := s.CutAt(n)
	return Pairs{Input: first, Target: rest}
}

// Check says what makes the examples unfit for a model: sets of different numbers of sequences or of none, a sequence
// without steps, a transform of another width, or a value that is no finite number. It reads both sets.
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

// Len gives the number of pairs.
func (p Pairs) Len() int { return p.Input.Len() }

// Origin gives the number that an example's input has in the file that it comes from.
func (p Pairs) Origin(i int) int { return p.Input.Origin(i) }

// Shape gives Steps and the widths of both sets.
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

// Length gives the real steps of pair i, at most Steps.
func (p Pairs) Length(i int) Steps {
	steps, _, _ := p.Shape()
	return Steps{min(p.Input.Steps(i), steps.Input), min(p.Target.Steps(i), steps.Target)}
}

// Cut gives the same pairs with other Steps.
func (p Pairs) Cut(steps Steps) Examples {
	p.Steps = steps
	return p
}

// Batch gives the pairs of the given numbers.
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
