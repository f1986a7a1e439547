package rnn

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Mask returns the mask [b, t] of sequences of the lengths [b]: 1 for the true steps, 0 past the
// end.
func Mask(lengths *Node, steps int) *Node {
	g, b := lengths.Graph(), lengths.Shape().Dim(0)
	position := Iota(g, shapes.Make(dtypes.Int32, b, steps), 1)
	return ConvertDType(LessThan(position, BroadcastToDims(Reshape(lengths, b, 1), b, steps)), dtypes.Float32)
}

// SquaredErrors returns, for each sequence [b], the sum of the squared differences of prediction
// and target [b, t, f] over the features and over the steps where mask [b, t] is 1.
//
// Here and below, sums are taken axis by axis: GoMLX's Go backend adds up in float32, which loses
// digits over many numbers.
func SquaredErrors(prediction, target, mask *Node) *Node {
	perStep := ReduceSum(Square(Sub(prediction, target)), 2)
	return ReduceSum(Mul(perStep, mask), 1)
}

// MeanSquaredError returns, as a scalar, the mean of the squared differences over the true steps of
// a batch and their features. Steps past the end of a sequence do not count, neither in the sum nor
// in its divisor.
func MeanSquaredError(prediction, target, mask *Node) *Node {
	return PerStep(SquaredErrors(prediction, target, mask), mask, target.Shape().Dim(2))
}

// PerStep returns, as a scalar, the mean of a loss over the true steps of a batch. sums [b] holds
// the sum of each sequence. The loss of a step is divided by width, the number of features that it
// averages over.
func PerStep(sums, mask *Node, width int) *Node {
	return Div(ReduceSum(sums, 0), MulScalar(ReduceSum(ReduceSum(mask, 1), 0), float64(width)))
}

// PerSequence returns, as a scalar, the mean over the sequences of each sequence's mean over its
// true steps, so that all sequences weigh the same. sums is [b], mask is [b, t], and width is that
// of PerStep. A sequence without steps does not count.
func PerSequence(sums, mask *Node, width int) *Node {
	steps, some := trueSteps(mask)
	each := Div(sums, MulScalar(Add(steps, OneMinus(some)), float64(width)))
	return Div(ReduceSum(Mul(each, some), 0), ReduceSum(some, 0))
}

// SumPerSequence returns, as a scalar, the mean over the sequences of each sequence's sum over its
// true steps. The arguments are those of PerSequence.
func SumPerSequence(sums, mask *Node, width int) *Node {
	_, some := trueSteps(mask)
	return Div(ReduceSum(Mul(sums, some), 0), MulScalar(ReduceSum(some, 0), float64(width)))
}

// trueSteps returns the number of true steps of each sequence, [b], and 1 for those that have any,
// else 0.
func trueSteps(mask *Node) (steps, some *Node) {
	steps = ReduceSum(mask, 1)
	return steps, ConvertDType(GreaterThan(steps, ZerosLike(steps)), mask.DType())
}

// Cosines returns the cosine similarity of prediction and target [b, t, f] at each step, [b, t]:
// x·y / (|x| |y|), or 0 if either is zero.
func Cosines(prediction, target *Node) *Node {
	// The root of the product would underflow float32 for small values, so each factor has its own
	// root.
	lengths := Mul(Sqrt(ReduceSum(Square(prediction), 2)), Sqrt(ReduceSum(Square(target), 2)))
	along := ReduceSum(Mul(prediction, target), 2)
	zero := Equal(lengths, ZerosLike(lengths))
	return Where(zero, ZerosLike(along), Div(along, Where(zero, OnesLike(lengths), lengths)))
}
