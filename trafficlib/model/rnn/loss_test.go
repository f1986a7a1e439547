package rnn

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
)

func shapeOf32(dims ...int) shapes.Shape { return shapes.Make(dtypes.Float32, dims...) }

// TestMasked checks that values past the end of a sequence change neither loss nor gradient.
func TestMasked(t *testing.T) {
	lengths := []int32{3, 0, 1}
	backends.Each(t, func(t *testing.T, be compute.Backend) {
		e := MustNewExec(be, func(y, target, lengths *Node) []*Node {
			loss := MeanSquaredError(y, target, Mask(lengths, 3))
			return []*Node{loss, Gradient(loss, y)[0]}
		})
		defer e.Finalize()
		var losses []float32
		for _, junk := range []float32{0, 1e6} {
			y := filled(func(i int) float32 {
				if b, s := i/6, i/2%3; s >= int(lengths[b]) {
					return junk
				}
				return float32(i % 5)
			}, 3, 3, 2)
			out, err := e.Call(y, filled(func(i int) float32 { return 1 }, 3, 3, 2), lengths)
			if err != nil {
				t.Fatal(err)
			}
			losses = append(losses, tensors.ToScalar[float32](out[0]))
			for i, d := range tensors.MustCopyFlatData[float32](out[1]) {
				if b, s := i/6, i/2%3; s >= int(lengths[b]) && d != 0 {
					t.Errorf("gradient %g at sequence %d step %d, past its end", d, b, s)
				}
			}
		}
		// Over the 4 true steps: (0-1)² 0² 1² 2² 3² (0-1)², and (2-1)² 2² of sequence 2.
		if want := float32((1 + 0 + 1 + 4 + 9 + 1 + 1 + 4) / 8.); losses[0] != want || losses[1] != want {
			t.Errorf("losses %v, want %v twice", losses, want)
		}
	})
}

func TestCosines(t *testing.T) {
	x := [][][]float32{{{3, 4}, {0, 0}, {1, 0}, {1e-15, 0}, {1, 1}}}
	y := [][][]float32{{{6, 8}, {1, 2}, {0, 5}, {1e-15, 0}, {-2, -2}}}
	want := []float32{1, 0, 0, 1, -1}
	backends.Each(t, func(t *testing.T, be compute.Backend) {
		out, err := ExecOnce(be, Cosines, x, y)
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range tensors.MustCopyFlatData[float32](out) {
			if math.Abs(float64(got-want[i])) > 1e-6 {
				t.Errorf("step %d: %v, want %v", i, got, want[i])
			}
		}
	})
}
