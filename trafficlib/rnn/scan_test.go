package rnn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
)

// layer is an LSTM layer in either form: outputs [t, b, h] and final states out of x [t, b, f].
type layer func(gates Gates, x, w, u, bias, h0, c0, mask *Node) (outputs, h, c *Node)

func scanned(gates Gates, x, w, u, bias, h0, c0, mask *Node) (outputs, h, c *Node) {
	y, final := Scan(lstmStep{gates, h0.Shape().Dim(1)}, project(x, w, bias), u, nil, []*Node{h0, c0}, mask)
	return y, final[0], final[1]
}

// unrolled writes every step into the graph and leaves the gradient to GoMLX: slow, and plain to see.
func unrolled(gates Gates, x, w, u, bias, h0, c0, mask *Node) (outputs, h, c *Node) {
	z := project(x, w, bias)
	all := make([]*Node, x.Shape().Dim(0))
	h, c = h0, c0
	size := h0.Shape().Dim(1)
	for t := range all {
		zt := Add(Squeeze(SliceAxis(z, 0, AxisElem(t)), 0), MatMul(h, u))
		part := func(k int) *Node { return Slice(zt, AxisRange(), AxisRange(k*size, (k+1)*size)) }
		gate := Sigmoid
		if gates == HardSigmoidGates {
			gate = func(x *Node) *Node { return ClipScalar(AddScalar(MulScalar(x, 0.2), 0.5), 0, 1) }
		}
		c2 := Add(Mul(gate(part(1)), c), Mul(gate(part(0)), Tanh(part(2))))
		h2 := Mul(gate(part(3)), Tanh(c2))
		if mask != nil {
			m := Squeeze(SliceAxis(mask, 0, AxisElem(t)), 0)
			h2, c2 = Add(Mul(m, h2), Mul(OneMinus(m), h)), Add(Mul(m, c2), Mul(OneMinus(m), c))
		}
		h, c = h2, c2
		all[t] = h
	}
	return Stack(all, 0), h, c
}

func project(x, w, bias *Node) *Node {
	t, b, f := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2)
	gh := w.Shape().Dim(1)
	return Reshape(Add(MatMul(Reshape(x, t*b, f), w), Reshape(bias, 1, gh)), t, b, gh)
}

// loss depends on every output, not linearly, and so has a gradient for every input.
func loss(outputs, h, c *Node) *Node {
	return Add(ReduceAllSum(Mul(Square(outputs), Sin(outputs))), Add(ReduceAllSum(Square(h)), ReduceAllSum(Sin(c))))
}

// inputs are x, w, u, bias, h0, c0 and a mask of ragged lengths from 0 (or 1) to t.
func inputs(steps, b, f, h int) []*tensors.Tensor {
	rng := rand.New(rand.NewPCG(uint64(steps), uint64(b*h)))
	random := func(scale float64, dims ...int) *tensors.Tensor {
		return filled(func(int) float32 { return float32(rng.NormFloat64() * scale) }, dims...)
	}
	lengths := make([]int, b)
	for i := range lengths {
		lengths[i] = (steps*(i+1) + b - 1) / b
	}
	lengths[0] = 0
	mask := filled(func(i int) float32 {
		if i/b < lengths[i%b] {
			return 1
		}
		return 0
	}, steps, b, 1)
	return []*tensors.Tensor{random(1, steps, b, f), random(.5, f, 4*h), random(.5, h, 4*h), random(.1, 4*h),
		random(1, b, h), random(1, b, h), mask}
}

func filled(value func(i int) float32, dims ...int) *tensors.Tensor {
	t := tensors.FromShape(shapes.Make(dtypes.Float32, dims...))
	tensors.MustMutableFlatData(t, func(flat []float32) {
		for i := range flat {
			flat[i] = value(i)
		}
	})
	return t
}

// run gives the loss and its gradients for the six inputs that have one.
func run(t *testing.T, be compute.Backend, l layer, gates Gates, ragged bool, in []*tensors.Tensor) [][]float32 {
	t.Helper()
	return compiled(t, be, l, gates, ragged)(in)
}

// compiled gives run as a function of its inputs.
func compiled(t *testing.T, be compute.Backend, l layer, gates Gates, ragged bool) func(in []*tensors.Tensor) [][]float32 {
	t.Helper()
	e, err := NewExec(be, func(in []*Node) []*Node {
		var mask *Node
		if ragged {
			mask = in[6]
		}
		out := loss(l(gates, in[0], in[1], in[2], in[3], in[4], in[5], mask))
		return append([]*Node{out}, Gradient(out, in[:6]...)...)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Finalize)
	return func(in []*tensors.Tensor) [][]float32 {
		args := make([]any, len(in))
		for i := range in {
			args[i] = in[i]
		}
		out, err := e.Call(args...)
		if err != nil {
			t.Fatal(err)
		}
		values := make([][]float32, len(out))
		for i := range out {
			values[i] = tensors.MustCopyFlatData[float32](out[i])
		}
		return values
	}
}

var names = []string{"loss", "dx", "dw", "du", "dbias", "dh0", "dc0"}

// TestGradient compares the scan with the same layer unrolled, whose gradient is GoMLX's own.
func TestGradient(t *testing.T) {
	backends.Each(t, func(t *testing.T, be compute.Backend) {
		for _, steps := range []int{1, 2, 7, 20} {
			for _, gates := range []Gates{SigmoidGates, HardSigmoidGates} {
				for _, ragged := range []bool{false, true} {
					t.Run(fmt.Sprintf("T=%d,%s,ragged=%v", steps, gates, ragged), func(t *testing.T) {
						in := inputs(steps, 5, 3, 8)
						want := run(t, be, unrolled, gates, ragged, in)
						got := run(t, be, scanned, gates, ragged, in)
						for k, name := range names {
							if d := relative(got[k], want[k]); !(d <= 1e-5) {
								t.Errorf("%s differs by %.2g of its size", name, d)
							}
						}
					})
				}
			}
		}
	})
}

// relative is the largest difference, as a part of the largest value.
func relative(got, want []float32) float64 {
	var diff, size float64
	for i := range want {
		diff = math.Max(diff, math.Abs(float64(got[i])-float64(want[i])))
		size = math.Max(size, math.Abs(float64(want[i])))
		if math.IsNaN(float64(got[i])) {
			return math.NaN()
		}
	}
	if size == 0 {
		return diff
	}
	return diff / size
}

// TestFiniteDifferences compares the gradient with the slope of the loss itself: the one check that shares nothing
// with GoMLX's rules.
func TestFiniteDifferences(t *testing.T) {
	backends.Each(t, func(t *testing.T, be compute.Backend) {
		for _, steps := range []int{1, 2, 7, 20} {
			for _, ragged := range []bool{false, true} {
				t.Run(fmt.Sprintf("T=%d,ragged=%v", steps, ragged), func(t *testing.T) {
					in := inputs(steps, 4, 3, 5)
					layer := compiled(t, be, scanned, SigmoidGates, ragged)
					for k, gradient := range layer(in)[1:] {
						checkSlope(t, names[k+1], gradient, tensors.MustCopyFlatData[float32](in[k]), func(x []float32) float64 {
							moved := append([]*tensors.Tensor{}, in...)
							moved[k] = filled(func(i int) float32 { return x[i] }, in[k].Shape().Dimensions...)
							return float64(layer(moved)[0][0])
						})
					}
				})
			}
		}
	})
}

// checkSlope compares a gradient at x with the slope of f, in a direction that is half the gradient's own, where the
// slope is steep, and half random, so that no part of the gradient goes unseen.
func checkSlope(t *testing.T, name string, gradient, x []float32, f func(x []float32) float64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(9, uint64(len(x))))
	random := make([]float64, len(x))
	var randomSize, size float64
	for i := range x {
		random[i] = rng.NormFloat64()
		randomSize += random[i] * random[i]
		size += float64(gradient[i]) * float64(gradient[i])
	}
	if size == 0 {
		t.Errorf("%s: the gradient is zero", name)
		return
	}
	direction := make([]float64, len(x))
	var want float64
	for i := range x {
		direction[i] = float64(gradient[i])/math.Sqrt(size) + random[i]/math.Sqrt(randomSize)
		want += direction[i] * float64(gradient[i])
	}
	along := func(by float64) float64 {
		moved := make([]float32, len(x))
		for i := range x {
			moved[i] = x[i] + float32(by*direction[i])
		}
		return f(moved)
	}
	// Five points have an error of the fourth order, so the step can be as long as float32 needs it.
	const step = 0.01
	got := (8*(along(step)-along(-step)) - (along(2*step) - along(-2*step))) / (12 * step)
	if !(math.Abs(got-want) <= 3e-3*math.Sqrt(size)) {
		t.Errorf("%s: slope %.6g, gradient says %.6g", name, got, want)
	}
}
