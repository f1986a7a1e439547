package seq

import (
	"encoding/json"
	"fmt"
)

// Labeled makes examples of telling what a whole sequence is. The target is one step as wide as there are classes, 1
// for those that the sequence belongs to and 0 for the others. Behind the end of a sequence stand zero rows, which are
// not transformed.
//
// Of a set of width 1 the values may be ids, for a model with an embedding: it is the model that knows how many there
// are, and checks them.
type Labeled struct {
	Set         *Set
	Classes     int
	Class       []int          // of each sequence its class, from 0; with Classes at 1, 1 for those that belong to it and else 0
	Labels      [][]int        // in place of Class, of each sequence the classes that it belongs to: any number, also none
	SequenceLen int            // the steps to cut or pad to; 0 means the longest sequence of the set
	Transform   Transform      // of the sequences; nil leaves them as they are
	MadeBy      json.Marshaler // what made sequences that need no Transform, for snapshots to keep; nil for nothing
}

// Check says what makes the examples unfit for a model: no sequences, a sequence without steps or without its class, a
// class that there is not, a transform of another width, or a value that is no finite number. It reads the whole set.
func (l Labeled) Check() error {
	switch {
	case l.Classes < 1:
		return fmt.Errorf("seq: labeled with %d classes: want at least 1", l.Classes)
	case l.SequenceLen < 0:
		return fmt.Errorf("seq: SequenceLen %d: want a number of steps, or 0 for the longest sequence", l.SequenceLen)
	case (l.Class == nil) == (l.Labels == nil):
		return fmt.Errorf("seq: labeled: want either Class or Labels")
	}
	if err := check("", l.Set, l.Transform, 1); err != nil {
		return err
	}
	if n := len(l.Class) + len(l.Labels); n != l.Set.Len() {
		return fmt.Errorf("seq: classes of %d sequences, the set has %d", n, l.Set.Len())
	}
	most := l.Classes - 1
	if l.binary() {
		most = 1
	}
	for i := range l.Set.Len() {
		for _, c := range l.of(i) {
			if c < 0 || c > most {
				return fmt.Errorf("seq: sequence %d: class %d: want 0 to %d", l.Set.Origin(i), c, most)
			}
		}
	}
	return nil
}

// binary tells whether Class says yes or no.
func (l Labeled) binary() bool { return l.Classes == 1 && l.Class != nil }

// of gives what is said of sequence i.
func (l Labeled) of(i int) []int {
	if l.Class != nil {
		return l.Class[i : i+1]
	}
	return l.Labels[i]
}

// Len gives the number of examples, one for each sequence.
func (l Labeled) Len() int { return l.Set.Len() }

// Origin gives the number that an example's sequence has in the file that it comes from.
func (l Labeled) Origin(i int) int { return l.Set.Origin(i) }

// Shape gives the steps of an input and one of a target, the width of the set and the number of classes.
func (l Labeled) Shape() (steps Steps, in, out int) {
	steps = Steps{l.SequenceLen, 1}
	if steps.Input == 0 {
		steps.Input = l.Set.Longest()
	}
	return steps, l.Set.Features(), l.Classes
}

// Length gives the real steps of example i.
func (l Labeled) Length(i int) Steps {
	steps, _, _ := l.Shape()
	return Steps{min(l.Set.Steps(i), steps.Input), 1}
}

// Cut gives the same examples with another SequenceLen.
func (l Labeled) Cut(steps Steps) Examples {
	l.SequenceLen = steps.Input
	return l
}

// Batch gives the examples of the sequences with the given numbers.
func (l Labeled) Batch(index []int) Batch {
	steps, in, out := l.Shape()
	b := newBatch(index, steps, in, out)
	for k, i := range index {
		input, target := b.rows(k)
		b.Lengths[k], b.TargetLengths[k] = fill(input, l.Set.At(i), in, l.Transform), 1
		for _, c := range l.of(i) {
			if l.binary() {
				target[0] = float32(c)
			} else {
				target[c] = 1
			}
		}
	}
	return b
}
