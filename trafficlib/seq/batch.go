package seq

import (
	"fmt"
	"iter"
	"math/rand/v2"
)

// Transform changes rows in place before a model sees them; the encoders of package encode are transforms. len(rows)
// is a multiple of Features, and each row is changed by itself, whatever stands beside it: several goroutines transform
// rows of their own at once.
type Transform interface {
	Features() int
	Transform(rows []float32)
}

// Examples are what a model learns from, cut into batches on demand.
type Examples interface {
	Check() error                // one line on what makes them unfit for a model; nil when they are fit
	Len() int                    // the number of examples
	Shape() (steps, in, out int) // of a batch: its steps, and the widths of an input and a target step
	Length(i int) int            // the steps of example i that are real
	Origin(i int) int            // the number that example i has in the file that it comes from
	Cut(steps int) Examples      // the same examples, cut or padded to so many steps
	Batch(index []int) Batch     // the examples of these numbers, in memory of their own
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
	Buckets   []int // ascending lengths to pad to, as the function Buckets chooses them; nil pads all to the same steps
}

// Indices gives the numbers 0 … n-1 in the batches of an epoch without buckets. It panics when BatchSize is negative.
func (o Order) Indices(n int) [][]int {
	var batches [][]int
	for _, share := range o.deal(nil, o.visit(n), 0) {
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

// visit gives the numbers 0 … n-1 in the order in which the epoch comes to them.
func (o Order) visit(n int) []int {
	index := count(0, n)
	if o.Shuffle {
		r := rand.New(rand.NewPCG(uint64(o.Seed), uint64(o.Epoch)))
		r.Shuffle(n, func(i, j int) { index[i], index[j] = index[j], index[i] })
	}
	return index
}

// Batches gives the batches of one epoch.
func Batches(ex Examples, o Order) iter.Seq[Batch] {
	return func(yield func(Batch) bool) {
		for _, share := range o.Plan(ex) {
			if !yield(ex.Cut(share.Steps).Batch(share.Index)) {
				return
			}
		}
	}
}
