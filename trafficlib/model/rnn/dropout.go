package rnn

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Key returns the key of a training step, for Inputs.Key, from the seed of the training and the
// number of the step.
func Key(seed int64, step int) [2]uint32 {
	return [2]uint32{uint32(seed) ^ uint32(uint64(seed)>>32)*0x9e3779b9, uint32(step)}
}

// drop applies dropout (Srivastava et al., 2014): it sets a fraction rate of the values of x [t, b,
// f] to zero and scales the others so that the mean stays. If whole is set, it drops the same
// values at all steps of a sequence (Gal and Ghahramani, 2016). Without a key, outside of training,
// it returns x.
//
// The choice depends only on the key and on site, the index of the use of drop in the model. So a
// resumed training drops what it would have dropped, on any backend. The random numbers are made
// here because those of GoMLX differ between backends.
func drop(x, key *Node, site int, rate float64, whole bool) *Node {
	if key == nil || rate == 0 {
		return x
	}
	dims := append([]int{}, x.Shape().Dimensions...)
	if whole {
		dims[0] = 1
	}
	limit := Const(x.Graph(), uint32(rate*math.MaxUint32))
	keep := ConvertDType(GreaterOrEqual(noise(key, site, dims...), limit), x.DType())
	return Mul(x, MulScalar(keep, 1/(1-rate)))
}

// noise returns uniform random numbers of 32 bits: the finalizer of MurmurHash3 over counters,
// twice.
func noise(key *Node, site int, dims ...int) *Node {
	g := key.Graph()
	if !key.Shape().Equal(shapes.Make(dtypes.Uint32, 2)) {
		panic(fmt.Errorf("rnn: the key is %s, want %s", key.Shape(), shapes.Make(dtypes.Uint32, 2)))
	}
	word := func(i int) *Node { return Slice(key, AxisRange(i, i+1)) }
	start := mix(BitwiseXor(mix(Add(word(0), Const(g, []uint32{uint32(site) * 0x9e3779b9}))), word(1)))
	shape := shapes.Make(dtypes.Uint32, dims...)
	start = BroadcastToDims(start, shape.Size())
	counters := Mul(Iota(g, shapes.Make(dtypes.Uint32, shape.Size()), 0), Const(g, uint32(0x9e3779b9)))
	return Reshape(mix(BitwiseXor(mix(Add(counters, start)), start)), dims...)
}

// mix spreads every bit of a word over the whole word: fmix32 of Appleby's MurmurHash3.
func mix(x *Node) *Node {
	g := x.Graph()
	fold := func(x *Node, by uint32) *Node {
		return BitwiseXor(x, BitwiseShiftRightLogical(x, Const(g, by)))
	}
	x = Mul(fold(x, 16), Const(g, uint32(0x85ebca6b)))
	x = Mul(fold(x, 13), Const(g, uint32(0xc2b2ae35)))
	return fold(x, 16)
}

// keep returns the mask [b, h] of recurrent dropout for a layer that reads x [t, b, in]: factors of
// the units, 0 or 1/(1-rate), the same at all steps of a sequence (Gal and Ghahramani, 2016;
// recurrent_dropout in Keras). It returns nil if there is no dropout. site is that of drop.
func (l layer) keep(x, key *Node, site int) *Node {
	if key == nil || l.dropout == 0 {
		return nil
	}
	b := x.Shape().Dim(1)
	return Squeeze(drop(Ones(x.Graph(), shapeOf(x, 1, b, l.h)), key, site, l.dropout, true), 0)
}
