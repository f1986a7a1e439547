package rnn

import (
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Init is how a tensor of weights starts.
type Init string

const (
	Zero       Init = "zero"
	Glorot     Init = "glorot"      // uniform in ±√(6/(rows+columns)): Glorot and Bengio, 2010
	Orthogonal Init = "orthogonal"  // rows orthonormal: Saxe et al., 2014
	ForgetBias Init = "forget_bias" // for the bias [4h] of an LSTM: 1 for the forget gate, else 0: Jozefowicz et al., 2015
)

// Start gives the first values of all the weights of a model. They depend on the seed and on each weight's place in
// Params and on nothing else, so they are the same on every backend.
func Start(m Model, seed int64) map[string][]float32 {
	values := map[string][]float32{}
	for i, p := range m.Params() {
		values[p.Name] = p.Init.values(p.Shape, rand.New(rand.NewPCG(uint64(seed), uint64(i))))
	}
	return values
}

func (init Init) values(shape []int, rng *rand.Rand) []float32 {
	size := 1
	for _, d := range shape {
		size *= d
	}
	v := make([]float32, size)
	switch init {
	case Glorot:
		limit := math.Sqrt(6 / float64(shape[0]+shape[1]))
		for i := range v {
			v[i] = float32(limit * (2*rng.Float64() - 1))
		}
	case Orthogonal:
		orthonormal(v, shape[0], shape[1], rng)
	case ForgetBias:
		h := size / 4
		for i := h; i < 2*h; i++ {
			v[i] = 1
		}
	}
	return v
}

// orthonormal fills v [rows, columns], rows ≤ columns, with rows of length 1 at right angles: random ones, put right
// by the modified Gram-Schmidt process, twice over for the digits.
func orthonormal(v []float32, rows, columns int, rng *rand.Rand) {
	q := make([][]float64, rows)
	for i := range q {
		q[i] = make([]float64, columns)
		for j := range q[i] {
			q[i][j] = rng.NormFloat64()
		}
		for range 2 {
			for _, before := range q[:i] {
				along := dot(q[i], before)
				for j := range q[i] {
					q[i][j] -= along * before[j]
				}
			}
		}
		length := math.Sqrt(dot(q[i], q[i]))
		for j := range q[i] {
			q[i][j] /= length
			v[i*columns+j] = float32(q[i][j])
		}
	}
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func shapeOf(like *Node, dims ...int) shapes.Shape { return shapes.Make(like.DType(), dims...) }
