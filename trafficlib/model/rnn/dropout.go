package rnn

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Key makes the key of a training step, for Inputs.Key, out of the seed of a training and the number of the step.
func Key(seed int64, step int) [2]uint32 {
	return [2]uint32{uint32(seed) ^ uint32(uint64(seed)>>32)*0x9e3779b9, uint32(step)}
}

// drop sets a part rate of the values of x [t, b, f] to zero and enlarges the others so that the mean stays: Srivastava
// et al., 2014. With whole, what is dropped is the same at all steps of a sequence: Gal and Ghahramani, 2016. Without
// a key, which is to say outside of training, it gives x.
//
// Which values these are depends on the key and on place, the number of the use of drop in the model, and on nothing
// else: a training that is taken up again drops what it would have dropped, on any backend. That is why the random
// numbers are made here: those of GoMLX differ between backends.
func drop(x, key *Node, place int, rate float64, whole bool) *Node {
	if key == nil || rate == 0 {
		return x
	}
	dims := append([]int{}, x.Shape().Dimensions...)
	if whole {
		dims[0] = 1
	}
	keep := ConvertDType(GreaterOrEqual(noise(key, place, dims...), Const(x.Graph(), uint32(rate*math.MaxUint32))), x.DType())
	return Mul(x, MulScalar(keep, 1/(1-rate)))
}

// noise gives uniform random numbers of 32 bits: the finalizer of MurmurHash3 over counters, twice.
func noise(key *Node, place int, dims ...int) *Node {
	g := key.Graph()
	if !key.Shape().Equal(shapes.Make(dtypes.Uint32, 2)) {
		panic(fmt.Errorf("rnn: the key is %s, want %s", key.Shape(), shapes.Make(dtypes.Uint32, 2)))
	}
	word := func(i int) *Node { return Slice(key, AxisRange(i, i+1)) }
	start := mix(BitwiseXor(mix(Add(word(0), Const(g, []uint32{uint32(place) * 0x9e3779b9}))), word(1)))
	shape := shapes.Make(dtypes.Uint32, dims...)
	start = BroadcastToDims(start, shape.Size())
	counters := Mul(Iota(g, shapes.Make(dtypes.Uint32, shape.Size()), 0), Const(g, uint32(0x9e3779b9)))
	return Reshape(mix(BitwiseXor(mix(Add(counters, start)), start)), dims...)
}

// mix spreads every bit of a word over all of it: fmix32 of Appleby's MurmurHash3.
func mix(x *Node) *Node {
	g := x.Graph()
	fold := func(x *Node, by uint32) *Node {
		return BitwiseXor(x, BitwiseShiftRightLogical(x, Const(g, by)))
	}
	x = Mul(fold(x, 16), Const(g, uint32(0x85ebca6b)))
	x = Mul(fold(x, 13), Const(g, uint32(0xc2b2ae35)))
	return fold(x, 16)
}

// keep is what recurrent dropout leaves of the units of a layer that reads x [t, b, in], [b, h]: 0, or what makes the
// mean stay, the same at all steps of a sequence: Gal and Ghahramani, 2016; Keras calls it recurrent_dropout. It is nil
// where there is no dropout. place is that of drop.
func (l layer) keep(x, key *Node, place int) *Node {
	if key == nil || l.dropout == 0 {
		return nil
	}
	b := x.Shape().Dim(1)
	return Squeeze(drop(Ones(x.Graph(), shapeOf(x, 1, b, l.h)), key, place, l.dropout, true), 0)
}
