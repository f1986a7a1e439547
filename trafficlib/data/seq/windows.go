package seq

import (
	"fmt"
	"sort"
)

// Windows makes examples of forecasting: what follows a fixed number of steps. Each place of a
// sequence x where a window has room is an example, from the first to the last:
//
//	input  = x[k], …, x[k+Past-1]
//	target = x[k+Past], …, x[k+Past+Next-1]
//
// With Next at 1 it is for models that answer once, with more for those that write a sequence. All
// steps of all examples are real. The examples of a sequence are in its order, so that with one
// sequence and Next at 1 the predictions, in turn, are those of its steps from number Past on.
type Windows struct {
	Set       *Set
	Past      int       // steps that are known
	Next      int       // steps to forecast; 0 means 1
	Transform Transform // of input and target; nil leaves the rows as they are
}

// Windows returns the windows of some parts, of the whole set if none is named, with its encoder as
// their transform.
func (s *Set) Windows(past, next int, parts ...string) Windows {
	return Windows{Set: s.Part(parts...), Past: past, Next: next, Transform: s.transform()}
}

// Check reports what makes the examples unfit for a model: no sequences, a sequence shorter than a
// window, a transform of another width, or a value that is not finite. It reads the whole set.
func (w Windows) Check() error {
	if w.Past < 1 || w.Next < 0 {
		return fmt.Errorf("seq: windows of %d past and %d next steps: want at least one of each", w.Past, w.Next)
	}
	return check("", w.Set, w.Transform, w.steps().Input+w.steps().Target)
}

func (w Windows) steps() Steps { return Steps{w.Past, max(w.Next, 1)} }

// before is the number of examples of the first k sequences: a sequence of n steps has
// n-Past-Next+1.
func (w Windows) before(k int) int {
	return w.Set.start(k) - k*(w.steps().Input+w.steps().Target-1)
}

// Len returns the number of examples.
func (w Windows) Len() int { return w.before(w.Set.Len()) }

// Place returns the sequence of the set in which example i lies, and the step at which its target
// begins.
func (w Windows) Place(i int) (sequence, step int) {
	sequence = sort.Search(w.Set.Len(), func(k int) bool { return w.before(k+1) > i })
	return sequence, i - w.before(sequence) + w.Past
}

// About returns what is known of the sequence of example i.
func (w Windows) About(i int) About {
	sequence, _ := w.Place(i)
	return w.Set.About(sequence)
}

// Lineage returns that of the set, with the transform as its encoder.
func (w Windows) Lineage() Lineage { return lineage(w.Set, w.Transform) }

// Shape returns Past and Next, and the width of the set twice.
func (w Windows) Shape() (steps Steps, in, out int) {
	return w.steps(), w.Set.Features(), w.Set.Features()
}

// Length returns Past and Next: windows have no padding.
func (w Windows) Length(int) Steps { return w.steps() }

// Resize returns the examples unchanged, since all have the same steps.
func (w Windows) Resize(Steps) Examples { return w }

// Batch returns the examples with the given numbers.
func (w Windows) Batch(index []int) Batch {
	steps, f, _ := w.Shape()
	b := newBatch(index, steps, f, f)
	for k, i := range index {
		sequence, step := w.Place(i)
		rows := w.Set.At(sequence)
		input, target := b.rows(k)
		b.Lengths[k] = fill(input, rows[(step-w.Past)*f:], f, w.Transform)
		b.TargetLengths[k] = fill(target, rows[step*f:], f, w.Transform)
	}
	return b
}
