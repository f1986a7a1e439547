package seq

import (
	"fmt"
	"iter"
	"math/rand/v2"
)

// Transform changes rows in place before a model sees them; the encoders of package encode are transforms. len(rows)
// is a multiple of Features, and each row is changed by itself, whatever stands beside it.
type Transform interface {
	Features() int
	Transform(rows []float32)
}

// Examples are what a model learns from, cut into batches on demand.
type Examples interface {
	Check() error                // one line on what makes them unfit for a model; nil when they are fit
	Len() int                    // the number of examples
	Shape() (steps, in, out int) // of every batch: the steps, and the widths of an input and a target step
	Batch(index []int) Batch     // the examples of these numbers, newly allocated
}

// A Batch is a stack of examples of one shape. Arrays are row-major; b counts examples, t steps, f features.
type Batch struct {
	Index   []int     // [b] the number of each example
	Input   []float32 // [b, t, f] Size × Steps × In
	Target  []float32 // [b, t, f] Size × Steps × Out
	Lengths []int32   // [b] the steps of each example that are real; what follows is padding
	Size    int       // b
	Steps   int       // t
	In, Out int       // f
}

// String gives the shapes, "input [16 100 146], target [16 100 146], 431 of 1600 steps real".
func (b Batch) String() string {
	steps := 0
	for _, n := range b.Lengths {
		steps += int(n)
	}
	return fmt.Sprintf("input [%d %d %d], target [%d %d %d], %d of %d steps real",
		b.Size, b.Steps, b.In, b.Size, b.Steps, b.Out, steps, b.Size*b.Steps)
}

// Example gives the true steps of the k-th example of the batch: input [n, In] and target [n, Out], n = Lengths[k].
func (b Batch) Example(k int) (input, target []float32) {
	n := int(b.Lengths[k])
	return b.Input[k*b.Steps*b.In:][:n*b.In], b.Target[k*b.Steps*b.Out:][:n*b.Out]
}

// Order says in which batches an epoch visits the examples. The zero value takes them as they stand, 64 at a time.
type Order struct {
	BatchSize int   // examples per batch; 0 means 64. The last batch of an epoch is smaller when they do not divide
	Shuffle   bool  // a new order in each epoch
	Seed      int64 // the same seed and epoch give the same order
	Epoch     int
}

// Indices gives the numbers 0 … n-1 in the batches of the epoch. It panics when BatchSize is negative.
func (o Order) Indices(n int) [][]int {
	size := o.BatchSize
	switch {
	case size < 0:
		panic("seq: Order: negative BatchSize")
	case size == 0:
		size = 64
	}
	index := count(0, n)
	if o.Shuffle {
		r := rand.New(rand.NewPCG(uint64(o.Seed), uint64(o.Epoch)))
		r.Shuffle(n, func(i, j int) { index[i], index[j] = index[j], index[i] })
	}
	var batches [][]int
	for len(index) > 0 {
		k := min(size, len(index))
		batches = append(batches, index[:k:k])
		index = index[k:]
	}
	return batches
}

// Batches gives the batches of one epoch.
func Batches(ex Examples, o Order) iter.Seq[Batch] {
	return func(yield func(Batch) bool) {
		for _, index := range o.Indices(ex.Len()) {
			if !yield(ex.Batch(index)) {
				return
			}
		}
	}
}
