package seq

import (
	"math/bits"
	"sync"
)

// Release lets later batches use the memory of this one. A batch is megabytes, so that a training
// that makes hundreds in a second would run the garbage collector for each. It is optional; b and
// what shares its arrays must not be used afterwards.
func (b Batch) Release() {
	for _, a := range [][]float32{b.Input, b.Target} {
		if cap(a) > 0 {
			released[bits.Len(uint(cap(a)))].Put(&a)
		}
	}
}

// released keeps arrays by the magnitude of their capacity: the batches of a training have few
// sizes.
var released [bits.UintSize + 1]sync.Pool

// zeros returns an array of n zeros, a released one if there is any.
func zeros(n int) []float32 {
	if a, ok := released[bits.Len(uint(n))].Get().(*[]float32); ok && cap(*a) >= n {
		clear((*a)[:n])
		return (*a)[:n]
	}
	return make([]float32, n)
}
