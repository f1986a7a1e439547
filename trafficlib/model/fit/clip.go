package fit

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// clip makes gradients shorter that are longer than limit together (Pascanu et al., 2013): with |d| the root of the
// sum of the squares of them all, d ← d · limit / max(|d|, limit), as Keras' global_clipnorm has it.
func clip(gradients []*Node, limit float64) []*Node {
	// As parts of the largest, so that no square leaves float32's range.
	var largest *Node
	for _, d := range gradients {
		size := ReduceAllMax(Abs(d))
		if largest == nil {
			largest = size
		} else {
			largest = Max(largest, size)
		}
	}
	largest = Where(Equal(largest, ZerosLike(largest)), OnesLike(largest), largest)
	var squares *Node
	for _, d := range gradients {
		s := total(Square(Div(d, largest)))
		if squares == nil {
			squares = s
		} else {
			squares = Add(squares, s)
		}
	}
	length := Mul(largest, Sqrt(squares))
	factor := Div(Scalar(length.Graph(), dtypes.Float32, limit), MaxScalar(length, limit))
	clipped := make([]*Node, len(gradients))
	for i, d := range gradients {
		clipped[i] = Mul(d, factor)
	}
	return clipped
}

// total sums axis by axis: GoMLX's Go backend adds float32 one by one, and loses digits over many numbers.
func total(x *Node) *Node {
	for x.Rank() > 0 {
		x = ReduceSum(x, 0)
	}
	return x
}

// finite gives 1 for a tensor of finite numbers, and 0 for one with a NaN or an infinity.
func finite(x *Node) *Node {
	return ConvertDType(LogicalAll(IsFinite(x)), dtypes.Float32)
}

// notFinite says which tensor of a step left the numbers.
type notFinite struct{ what string }

func (e notFinite) Error() string {
	return fmt.Sprintf("%s is not finite: it has a NaN or an infinity", e.what)
}
