package fit

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
)

// golden is the output of testdata/golden_optimizers.py.
type golden struct {
	Sizes     []int
	Start     []float64
	Gradients [][]float64
	Cases     []struct {
		Name    string
		Config  Config
		Weights [][]float64 // after each step
	}
	Cosine struct {
		Rate, Least float64
		Rates       []float64
	}
}

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	text, err := os.ReadFile("testdata/golden_optimizers.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// split divides values into tensors of the given sizes.
func split(values []float64, sizes []int) (parts []*tensors.Tensor) {
	for _, n := range sizes {
		part := make([]float32, n)
		for i := range part {
			part[i] = float32(values[i])
		}
		parts = append(parts, tensors.FromFlatDataAndDimensions(part, n))
		values = values[n:]
	}
	return parts
}

// TestOptimizers repeats ten steps of Keras and PyTorch.
func TestOptimizers(t *testing.T) {
	g := readGolden(t)
	zeros := make([]float64, len(g.Start))
	backends.Each(t, func(t *testing.T, b compute.Backend) {
		for _, test := range g.Cases {
			t.Run(test.Name, func(t *testing.T) {
				c := test.Config.withDefaults()
				r := c.rule()
				n, each := len(g.Sizes), len(r.slots())
				e := MustNewExec(b, func(in []*Node) []*Node {
					state, gradients, factors := in[:n*(1+each)], in[n*(1+each):len(in)-1], in[len(in)-1]
					if c.ClipNorm > 0 {
						gradients = clip(gradients, c.ClipNorm)
					}
					var weights, slots []*Node
					for i := range n {
						w, s := r.update(state[i], gradients[i], factors, state[n+i*each:n+(i+1)*each])
						weights, slots = append(weights, w), append(slots, s...)
					}
					return append(weights, slots...)
				})
				defer e.Finalize()
				state := split(g.Start, g.Sizes)
				for _, zero := range split(zeros, g.Sizes) {
					for range each {
						state = append(state, zero)
					}
				}
				for step, d := range g.Gradients {
					var args []any
					for _, x := range append(state, split(d, g.Sizes)...) {
						args = append(args, x)
					}
					out, err := e.Call(append(args, r.factors(c.LearningRate, step+1))...)
					if err != nil {
						t.Fatal(err)
					}
					state = out
					var got []float32
					for _, w := range state[:n] {
						got = append(got, tensors.MustCopyFlatData[float32](w)...)
					}
					for i, want := range test.Weights[step] {
						if !(math.Abs(float64(got[i])-want) <= 1e-5*math.Abs(want)) {
							t.Errorf("step %d: weight %d is %.8f, want %.8f", step+1, i, got[i], want)
						}
					}
				}
			})
		}
	})
}

// TestClipFar checks that gradients whose squares exceed float32 are clipped like others.
func TestClipFar(t *testing.T) {
	backends.Each(t, func(t *testing.T, b compute.Backend) {
		for _, size := range []float32{1e-30, 1, 1e30} {
			out, err := ExecOnceN(b, func(in []*Node) []*Node { return clip(in, 5) }, []float32{3 * size, 0},
				[]float32{0, -4 * size})
			if err != nil {
				t.Fatal(err)
			}
			want := min(size, 1) // 5 is the length at size 1
			for i, part := range []float32{3, -4} {
				if got := tensors.MustCopyFlatData[float32](out[i])[i]; math.Abs(float64(got/(part*want))-1) > 1e-6 {
					t.Errorf("size %g: %g, want %g", size, got, part*want)
				}
			}
		}
		out, err := ExecOnceN(b, func(in []*Node) []*Node { return clip(in, 5) }, []float32{0, 0})
		if err != nil || tensors.MustCopyFlatData[float32](out[0])[0] != 0 {
			t.Errorf("gradients of zero became %v, %v", out, err)
		}
	})
}
