package fit

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// clip shortens gradients that together are longer than limit (Pascanu et al., 2013): with |d| the
// root of the sum of the squares of all of them, d ← d · limit / max(|d|, limit), as Keras'
// global_clipnorm does.
func clip(gradients []*Node, limit float64) []*Node {
	// As fractions of the largest, so that no square overflows a float32.
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

// total sums axis by axis: GoMLX's Go backend adds float32 one by one, and loses digits over many
// numbers.
func total(x *Node) *Node {
	for x.Rank() > 0 {
		x = ReduceSum(x, 0)
	}
	return x
}

// finite returns 1 for a tensor of finite numbers, and 0 for one with a NaN or an infinity.
func finite(x *Node) *Node {
	return ConvertDType(LogicalAll(IsFinite(x)), dtypes.Float32)
}

// A notFinite is the error of a step that made a NaN or an infinity, with the tensor that has it.
type notFinite struct{ what string }

func (e notFinite) Error() string {
	return fmt.Sprintf("%s is not finite: it has a NaN or an infinity", e.what)
}
