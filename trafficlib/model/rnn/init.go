package rnn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Init is how a tensor of weights starts.
type Init string

const (
	Zero       Init = "zero"
	One        Init = "one"
	Glorot     Init = "glorot"      // uniform in ±√(6/(rows+columns)): Glorot and Bengio, 2010
	Orthogonal Init = "orthogonal"  // rows orthonormal: Saxe et al., 2014
	ForgetBias Init = "forget_bias" // for the bias [4h] of an LSTM: 1 for the forget gate, else 0: Jozefowicz et al., 2015
	Uniform    Init = "uniform"     // uniform in ±Limit
	TwoUniform Init = "two_uniform" // the sum of two of those
)

// Scheme is how the weights of a model start.
type Scheme string

const (
	KerasInit Scheme = "keras" // Glorot, orthogonal, zero with a forget bias of 1; "" means this one
	TorchInit Scheme = "torch" // uniform in ±1/√h, and in ±1/√inputs for a dense layer
)

func (s Scheme) check() error {
	switch s {
	case "", KerasInit, TorchInit:
		return nil
	}
	return fmt.Errorf("rnn: init %q: want %q or %q", s, KerasInit, TorchInit)
}

// param gives p as Keras starts it, or with PyTorch's way.
func (s Scheme) param(p Param, torch Init, limit float64) Param {
	if s == TorchInit {
		p.Init, p.Limit = torch, limit
	}
	return p
}

func oneOverRoot(n int) float64 { return 1 / math.Sqrt(float64(n)) }

// Start gives the first values of all the weights of a model. They depend on the seed and on each weight's place in
// Params and on nothing else, so they are the same on every backend.
func Start(m Model, seed int64) map[string][]float32 { return StartParams(m.Params(), seed) }

// StartParams is Start for weights that belong to no Model, as those of Layers.
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
