package rnn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Init is the initial distribution of a tensor of weights.
type Init string

const (
	Zero       Init = "zero"
	One        Init = "one"
	Glorot     Init = "glorot"      // uniform in ±√(6/(rows+columns)): Glorot and Bengio, 2010
	Orthogonal Init = "orthogonal"  // orthonormal rows: Saxe et al., 2014
	ForgetBias Init = "forget_bias" // 1 at the forget gate of an LSTM's bias [4h], else 0: Jozefowicz et al., 2015
	Uniform    Init = "uniform"     // uniform in ±Limit
	TwoUniform Init = "two_uniform" // the sum of two such
)

// Scheme is how the weights of a whole model are initialized.
type Scheme string

const (
	KerasInit Scheme = "keras" // Glorot, orthogonal, and zero with a forget bias of 1; the default, ""
	TorchInit Scheme = "torch" // uniform in ±1/√h, and in ±1/√inputs for a dense layer
)

func (s Scheme) check() error {
	switch s {
	case "", KerasInit, TorchInit:
		return nil
	}
	return fmt.Errorf("rnn: init %q: want %q or %q", s, KerasInit, TorchInit)
}

// param returns p, which must have the Init of Keras, with the Init of the scheme.
func (s Scheme) param(p Param, torch Init, limit float64) Param {
	if s == TorchInit {
		p.Init, p.Limit = torch, limit
	}
	return p
}

func oneOverRoot(n int) float64 { return 1 / math.Sqrt(float64(n)) }

// Start returns the initial values of all weights of a model. They depend only on the seed and on
// the index of each weight in Params, so they are the same on every backend.
func Start(m Model, seed int64) map[string][]float32 { return StartParams(m.Params(), seed) }

// StartParams is like Start for weights that do not belong to a Model, such as those of Layers.
func StartParams(params []Param, seed int64) map[string][]float32 {
	values := map[string][]float32{}
	for i, p := range params {
		values[p.Name] = p.values(rand.New(rand.NewPCG(uint64(seed), uint64(i))))
	}
	return values
}

func (p Param) values(rng *rand.Rand) []float32 {
	shape := p.Shape
	size := 1
	for _, d := range shape {
		size *= d
	}
	v := make([]float32, size)
	switch p.Init {
	case One:
		for i := range v {
			v[i] = 1
		}
	case Glorot:
		limit := math.Sqrt(6 / float64(shape[0]+shape[1]))
		for i := range v {
			v[i] = float32(limit * (2*rng.Float64() - 1))
		}
	case Uniform, TwoUniform:
		for i := range v {
			u := 2*rng.Float64() - 1
			if p.Init == TwoUniform {
				u += 2*rng.Float64() - 1
			}
			v[i] = float32(p.Limit * u)
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

// orthonormal fills v [rows, columns], rows ≤ columns, with random orthonormal rows. It uses the
// modified Gram-Schmidt process, twice for accuracy.
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
