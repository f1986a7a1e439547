package seq

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
)

// Transform changes rows in place before a model reads them; a RowEncoder of package encode is one.
// len(rows) is a multiple of Features, and each row is changed by itself, whatever stands beside
// it: several goroutines may transform rows of their own at once.
type Transform interface {
	Features() int
	Transform(rows []float32)
}

// Steps counts the steps of an example, or those that a batch has room for: of what a model reads,
// and of what it must answer. A model that answers at each step has as many of both, one that
// answers once a sequence has one target step, and one that writes another sequence has any number.
type Steps struct{ Input, Target int }

// String returns "36", or "36→1" if the two differ.
func (s Steps) String() string {
	if s.Input == s.Target {
		return fmt.Sprint(s.Input)
	}
	return fmt.Sprintf("%d→%d", s.Input, s.Target)
}

// fits reports whether s has room in other.
func (s Steps) fits(other Steps) bool { return s.Input <= other.Input && s.Target <= other.Target }

func (s Steps) max(other Steps) Steps {
	return Steps{max(s.Input, other.Input), max(s.Target, other.Target)}
}

// Examples are what a model learns from, cut into batches on demand.
type Examples interface {
	Check() error                      // one line on what makes them unfit for a model; nil if they are fit
	Len() int                          // the number of examples
	Shape() (steps Steps, in, out int) // of a batch: its steps, and the widths of an input and a target step
	Length(i int) Steps                // the real steps of example i
	About(i int) About                 // what is known of the sequence of example i
	Lineage() Lineage                  // of what a model reads: after a transform, its encoder is that of the inputs
	Resize(steps Steps) Examples       // the same examples, cut or padded to other steps
	Batch(index []int) Batch           // the examples with these numbers, in memory of their own
}

// A Batch is a stack of examples of one shape. Arrays are row-major; b counts examples, t steps, f
// features.
type Batch struct {
	Index         []int     // [b] the number of each example
	Input         []float32 // [b, t, f] Size × Steps.Input × In
	Target        []float32 // [b, t, f] Size × Steps.Target × Out
	Lengths       []int32   // [b] the real steps of each input; the rest is padding
	TargetLengths []int32   // [b] those of each target
	Size          int       // b
	Steps         Steps     // t, of input and target
	In, Out       int       // f, of input and target
}

// newBatch makes room for examples.
func newBatch(index []int, steps Steps, in, out int) Batch {
	n := len(index)
	return Batch{
		Index: slices.Clone(index), Size: n, Steps: steps, In: in, Out: out,
		Input: zeros(n * steps.Input * in), Target: zeros(n * steps.Target * out),
		Lengths: make([]int32, n), TargetLengths: make([]int32, n),
	}
}

// String returns the shapes, "input [16 100 146], target [16 100 146], 431 of 1600 steps real".
// Where targets have lengths of their own, the steps of both are counted together.
func (b Batch) String() string {
	real, all := sum(b.Lengths), b.Size*b.Steps.Input
	if !slices.Equal(b.Lengths, b.TargetLengths) {
		real, all = real+sum(b.TargetLengths), all+b.Size*b.Steps.Target
	}
	return fmt.Sprintf("input [%d %d %d], target [%d %d %d], %d of %d steps real",
		b.Size, b.Steps.Input, b.In, b.Size, b.Steps.Target, b.Out, real, all)
}

func sum(lengths []int32) (n int) {
	for _, l := range lengths {
		n += int(l)
	}
	return n
}

// Example returns the real steps of the k-th example of the batch: input [n, In] and target
// [m, Out], with n = Lengths[k] and m = TargetLengths[k].
func (b Batch) Example(k int) (input, target []float32) {
	input, target = b.rows(k)
	return input[:int(b.Lengths[k])*b.In], target[:int(b.TargetLengths[k])*b.Out]
}

// rows returns the k-th example with its padding.
func (b Batch) rows(k int) (input, target []float32) {
	n, m := b.Steps.Input*b.In, b.Steps.Target*b.Out
	return b.Input[k*n:][:n], b.Target[k*m:][:m]
}

// Order says in which batches an epoch visits the examples. The zero value takes them as they are,
// 64 at a time.
type Order struct {
	BatchSize int   // examples per batch; 0 means 64. The last batch of an epoch may be smaller
	Shuffle   bool  // a new order in each epoch
	Replace   bool  // an epoch draws as many examples as there are, each from all of them
	Seed      int64 // the same seed and epoch give the same order
	Epoch     int
	Buckets   []Steps // the steps to pad to, as the function Buckets chooses them; nil pads all to the same
}

// Indices returns the numbers 0 … n-1, or those that Replace draws, in the batches of an epoch
// without buckets. It panics if BatchSize is negative.
func (o Order) Indices(n int) [][]int {
	var batches [][]int
	for _, share := range o.deal(nil, o.visit(n), Steps{}) {
		batches = append(batches, share.Index)
	}
	return batches
}

func (o Order) size() int {
	switch {
	case o.BatchSize < 0:
		panic("seq: Order: negative BatchSize")
	case o.BatchSize == 0:
		return 64
	}
	return o.BatchSize
}

// visit returns the numbers 0 … n-1 in the order in which the epoch visits them.
func (o Order) visit(n int) []int {
	index := count(0, n)
	r := rand.New(rand.NewPCG(uint64(o.Seed), uint64(o.Epoch)))
	switch {
	case o.Replace:
		for i := range index {
			index[i] = r.IntN(n)
		}
	case o.Shuffle:
		r.Shuffle(n, func(i, j int) { index[i], index[j] = index[j], index[i] })
	}
	return index
}

// Batches returns an iterator over the batches of one epoch.
func Batches(ex Examples, o Order) iter.Seq[Batch] {
	return func(yield func(Batch) bool) {
		for _, share := range o.Plan(ex) {
			if !yield(ex.Resize(share.Steps).Batch(share.Index)) {
				return
			}
		}
	}
}
