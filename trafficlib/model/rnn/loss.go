package rnn

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Mask gives [b, t] out of the lengths [b] of the sequences: 1 for the first length steps, 0 past the end.
func Mask(lengths *Node, steps int) *Node {
	g, b := lengths.Graph(), lengths.Shape().Dim(0)
	position := Iota(g, shapes.Make(dtypes.Int32, b, steps), 1)
	return ConvertDType(LessThan(position, BroadcastToDims(Reshape(lengths, b, 1), b, steps)), dtypes.Float32)
}

// SquaredErrors gives, for each sequence [b], the sum of the squared differences of prediction and target
// [b, t, f] over the features and over the steps where mask [b, t] is 1.
//
// Sums go axis by axis here: GoMLX's Go backend adds float32 one by one, and loses digits over many numbers.
func SquaredErrors(prediction, target, mask *Node) *Node {
	perStep := ReduceSum(Square(Sub(prediction, target)), 2)
	return ReduceSum(Mul(perStep, mask), 1)
}

// MeanSquaredError is the mean of the squared differences over the true steps of a batch and their features: what
// stands past the end of a sequence does not count, neither above the line nor below it. It is a scalar.
func MeanSquaredError(prediction, target, mask *Node) *Node {
	return PerStep(SquaredErrors(prediction, target, mask), mask, target.Shape().Dim(2))
}

// PerStep is the mean of a loss over the true steps of a batch, as a scalar, out of its sum for each sequence [b]. The
// loss of a step is divided by width, the number of features that it is a mean over.
func PerStep(sums, mask *Node, width int) *Node {
	return Div(ReduceSum(sums, 0), MulScalar(ReduceSum(ReduceSum(mask, 1), 0), float64(width)))
}

// PerSequence is the mean over the sequences of a batch, as a scalar, of the loss that each has in the mean over its
// true steps, out of its sum [b] and the mask [b, t]; width is that of PerStep. A sequence without steps does not count.
func PerSequence(sums, mask *Node, width int) *Node {
	steps, some := trueSteps(mask)
	each := Div(sums, MulScalar(Add(steps, OneMinus(some)), float64(width)))
	return Div(ReduceSum(Mul(each, some), 0), ReduceSum(some, 0))
}

// SumPerSequence is the mean over the sequences of a batch, as a scalar, of the loss that each has in the sum over its
// true steps; the arguments are those of PerSequence.
func SumPerSequence(sums, mask *Node, width int) *Node {
	_, some := trueSteps(mask)
	return Div(ReduceSum(Mul(sums, some), 0), MulScalar(ReduceSum(some, 0), float64(width)))
}

// trueSteps gives the number of true steps of each sequence [b], and 1 for those that have any.
func trueSteps(mask *Node) (steps, some *Node) {
	steps = ReduceSum(mask, 1)
	return steps, ConvertDType(GreaterThan(steps, ZerosLike(steps)), mask.DType())
}

// Cosines gives the cosine similarity of prediction and target [b, t, f] at each step, [b, t]: x·y / (|x| |y|), and 0
// where either is zero.
func Cosines(prediction, target *Node) *Node {
	// Two roots and not one of the product, which would leave float32's range for small values.
	lengths := Mul(Sqrt(ReduceSum(Square(prediction), 2)), Sqrt(ReduceSum(Square(target), 2)))
	along := ReduceSum(Mul(prediction, target), 2)
	zero := Equal(lengths, ZerosLike(lengths))
	return Where(zero, ZerosLike(along), Div(along, Where(zero, OnesLike(lengths), lengths)))
}
