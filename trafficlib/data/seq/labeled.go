package seq

import (
	"fmt"
	"slices"
)

// Labeled makes examples of telling what a whole sequence is. The target is one step as wide as
// there are classes, 1 for those that the sequence belongs to and 0 for the others. After the end
// of a sequence come zero rows, which are not transformed.
//
// In a set of width 1 the values may be ids, for a model with an embedding: the model knows how
// many there are, and checks them.
type Labeled struct {
	Set         *Set
	Classes     int
	Class       []int     // the class of each sequence, from 0; with Classes at 1, whether it belongs to that one: 1 or 0
	Labels      [][]int   // in place of Class, the classes of each sequence: any number, or none
	SequenceLen int       // the steps to cut or pad to; 0 means the longest sequence of the set
	Transform   Transform // of the sequences; nil leaves them as they are
}

// Labeled returns the examples of some parts, of the whole set if none is named, with its encoder
// as their transform: class k is Labels()[k]. A sequence without a label is refused by Check.
func (s *Set) Labeled(parts ...string) Labeled {
	l := Labeled{Set: s.Part(parts...), Classes: len(s.Labels()), Transform: s.transform()}
	names := s.Labels()
	l.Class = make([]int, l.Set.Len())
	for i := range l.Class {
		if k, ok := slices.BinarySearch(names, l.Set.About(i).Label); ok {
			l.Class[i] = k
		} else {
			l.Class[i] = -1
		}
	}
	return l
}

// Binary returns the examples of telling whether a sequence has a label other than normal or "": as
// Labeled, with one class, which such sequences belong to.
func (s *Set) Binary(normal string, parts ...string) Labeled {
	l := Labeled{Set: s.Part(parts...), Classes: 1, Transform: s.transform()}
	l.Class = make([]int, l.Set.Len())
	for i := range l.Class {
		if label := l.Set.About(i).Label; label != "" && label != normal {
			l.Class[i] = 1
		}
	}
	return l
}

// Check reports what makes the examples unfit for a model: no sequences, a sequence without steps
// or without its class, a class out of range, a transform of another width, or a NaN or infinite
// value. It reads the whole set.
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

// binary reports whether Class says yes or no.
func (l Labeled) binary() bool { return l.Classes == 1 && l.Class != nil }

// of returns the classes of sequence i.
func (l Labeled) of(i int) []int {
	if l.Class != nil {
		return l.Class[i : i+1]
	}
	return l.Labels[i]
}

// Len returns the number of examples, one for each sequence.
func (l Labeled) Len() int { return l.Set.Len() }

// About returns what is known of the sequence of example i.
func (l Labeled) About(i int) About { return l.Set.About(i) }

// Lineage returns that of the set, with the transform as its encoder.
func (l Labeled) Lineage() Lineage { return lineage(l.Set, l.Transform) }

// Shape returns the steps of an input and one of a target, the width of the set and the number of
// classes.
func (l Labeled) Shape() (steps Steps, in, out int) {
	steps = Steps{l.SequenceLen, 1}
	if steps.Input == 0 {
		steps.Input = l.Set.Longest()
	}
	return steps, l.Set.Features(), l.Classes
}

// Length returns the real steps of example i.
func (l Labeled) Length(i int) Steps {
	steps, _, _ := l.Shape()
	return Steps{min(l.Set.Steps(i), steps.Input), 1}
}

// Resize returns the same examples with another SequenceLen.
func (l Labeled) Resize(steps Steps) Examples {
	l.SequenceLen = steps.Input
	return l
}

// Batch returns the examples of the sequences with the given numbers.
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
