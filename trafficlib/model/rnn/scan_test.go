package rnn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
)

// cell is a recurrent cell in two forms: the Step under test, and the same in plain operations with
// GoMLX's own gradient.
type cell struct {
	name  string
	step  func(h int) Step
	plain func(x, r *Node, states []*Node) []*Node
}

var cells = []cell{
	{"lstm", func(h int) Step { return lstmStep{h: h} }, plainLSTM(Sigmoid)},
	{"lstm,hard", func(h int) Step { return lstmStep{HardSigmoidGates, h} }, plainLSTM(hardSigmoid)},
	{"peephole", func(h int) Step { return peepholeStep{h: h} }, plainPeephole},
	{"gru", func(h int) Step { return gruStep{h: h} }, plainGRU(Sigmoid)},
	{"gru,hard", func(h int) Step { return gruStep{HardSigmoidGates, h} }, plainGRU(hardSigmoid)},
}

func hardSigmoid(x *Node) *Node { return ClipScalar(AddScalar(MulScalar(x, 0.2), 0.5), 0, 1) }

func plainLSTM(sigmoid func(*Node) *Node) func(x, r *Node, states []*Node) []*Node {
	return func(x, r *Node, states []*Node) []*Node {
		z, size := Add(x, r), states[0].Shape().Dim(1)
		c := Add(Mul(sigmoid(gate(z, 1, size)), states[1]), Mul(sigmoid(gate(z, 0, size)), Tanh(gate(z, 2, size))))
		return []*Node{Mul(sigmoid(gate(z, 3, size)), Tanh(c)), c}
	}
}

func plainPeephole(x, r *Node, states []*Node) []*Node {
	z, size, c, p := Add(x, r), states[0].Shape().Dim(1), states[1], states[2:]
	i := Sigmoid(Add(gate(z, 0, size), Mul(p[0], c)))
	f := Sigmoid(Add(gate(z, 1, size), Mul(p[1], c)))
	c = Add(Mul(f, c), Mul(i, Tanh(gate(z, 2, size))))
	o := Sigmoid(Add(gate(z, 3, size), Mul(p[2], c)))
	return append([]*Node{Mul(o, Tanh(c)), c}, p...)
}

func plainGRU(sigmoid func(*Node) *Node) func(x, r *Node, states []*Node) []*Node {
	return func(x, r *Node, states []*Node) []*Node {
		size := states[0].Shape().Dim(1)
		z := sigmoid(Add(gate(x, 0, size), gate(r, 0, size)))
		reset := sigmoid(Add(gate(x, 1, size), gate(r, 1, size)))
		n := Tanh(Add(gate(x, 2, size), Mul(reset, gate(r, 2, size))))
		return []*Node{Add(Mul(OneMinus(z), n), Mul(z, states[0]))}
	}
}

// form is a recurrent layer in either form: it computes outputs [t, b, h] and final states from x
// [t, b, f].
type form func(x, w, u, bias, rbias *Node, initial []*Node, mask *Node) (outputs *Node, final []*Node)

func (c cell) scanned(x, w, u, bias, rbias *Node, initial []*Node, mask *Node) (outputs *Node, final []*Node) {
	rbias = Reshape(rbias, 1, rbias.Shape().Dim(0))
	return Scan(c.step(u.Shape().Dim(0)), project(x, w, bias), u, rbias, initial, mask)
}

// unrolled writes every step into the graph and leaves the gradient to GoMLX, which is slow but
// obviously right.
func (c cell) unrolled(x, w, u, bias, rbias *Node, initial []*Node, mask *Node) (outputs *Node, final []*Node) {
	return c.steps(project(x, w, bias), u, Reshape(rbias, 1, rbias.Shape().Dim(0)), nil, initial, mask)
}

// steps is Scan unrolled, or scanDropped if keep is not nil.
func (c cell) steps(x, u, rbias, keep *Node, initial []*Node, mask *Node) (outputs *Node, final []*Node) {
	all := make([]*Node, x.Shape().Dim(0))
	states := initial
	for t := range all {
		seen := states[0]
		if keep != nil {
			seen = Mul(keep, seen)
		}
		next := c.plain(Squeeze(SliceAxis(x, 0, AxisElem(t)), 0), Add(MatMul(seen, u), rbias), states)
		if mask != nil {
			m := Squeeze(SliceAxis(mask, 0, AxisElem(t)), 0)
			for k := range next {
				next[k] = Add(Mul(m, next[k]), Mul(OneMinus(m), states[k]))
			}
		}
		states = next
		all[t] = states[0]
	}
	return Stack(all, 0), states
}

func project(x, w, bias *Node) *Node {
	t, b, f := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2)
	gh := w.Shape().Dim(1)
	return Reshape(Add(MatMul(Reshape(x, t*b, f), w), Reshape(bias, 1, gh)), t, b, gh)
}

// loss depends nonlinearly on every output, so that every input has a gradient. All its terms are
// positive, so that their sum is as accurate as they are.
func loss(outputs *Node, final []*Node) *Node {
	sum := Add(ReduceAllSum(Mul(Square(outputs), AddScalar(Sin(outputs), 2))), ReduceAllSum(Square(final[0])))
	for _, v := range final[1:] {
		sum = Add(sum, ReduceAllSum(AddScalar(Sin(v), 1)))
	}
	return sum
}

// inputs returns x, w, u, bias, rbias, the initial states of the cell, and a mask of ragged lengths
// from 0 to t.
func (c cell) inputs(steps, b, f, h int) []*tensors.Tensor {
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
	layout := c.step(h).Layout()
	gh := layout.Gates * h
	in := []*tensors.Tensor{
		random(1, steps, b, f), random(.5, f, gh), random(.5, h, gh), random(.1, gh), random(.1, gh),
	}
	for range layout.States {
		in = append(in, random(1, b, h))
	}
	return append(in, mask)
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

// run returns the loss and its gradients for all inputs but the mask.
func run(t *testing.T, be compute.Backend, l form, ragged bool, in []*tensors.Tensor) [][]float32 {
	t.Helper()
	return compiled(t, be, l, ragged)(in)
}

// compiled returns run as a function of its inputs.
func compiled(t *testing.T, be compute.Backend, l form, ragged bool) func(in []*tensors.Tensor) [][]float32 {
	t.Helper()
	e, err := NewExec(be, func(in []*Node) []*Node {
		last := len(in) - 1
		var mask *Node
		if ragged {
			mask = in[last]
		}
		out := loss(l(in[0], in[1], in[2], in[3], in[4], in[5:last], mask))
		return append([]*Node{out}, Gradient(out, in[:last]...)...)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Finalize)
	return func(in []*tensors.Tensor) [][]float32 { return call(t, e, in) }
}

// call runs a graph and copies its results. A tensor belongs to the first backend that uses it, so
// each call makes its own.
func call(t *testing.T, e *Exec, in []*tensors.Tensor) [][]float32 {
	t.Helper()
	args := make([]any, len(in))
	for i := range in {
		clone, err := in[i].LocalClone()
		if err != nil {
			t.Fatal(err)
		}
		args[i] = clone
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

var names = []string{"loss", "dx", "dw", "du", "dbias", "drbias", "dh0", "dc0", "dpi", "dpf", "dpo"}

// TestGradient compares the scan with the same layer unrolled, whose gradient is GoMLX's own. The
// unrolled layer runs on the first backend alone, which is the Go one: XLA takes seconds to compile
// it.
func TestGradient(t *testing.T) {
	want := map[string][][]float32{}
	backends.Each(t, func(t *testing.T, be compute.Backend) {
		for _, c := range cells {
			for _, steps := range []int{1, 2, 20} {
				for _, ragged := range []bool{false, true} {
					if strings.HasSuffix(c.name, "hard") && (steps < 20 || !ragged) {
						continue // differs from the previous one only in its gates
					}
					name := fmt.Sprintf("%s,T=%d,ragged=%v", c.name, steps, ragged)
					t.Run(name, func(t *testing.T) {
						in := c.inputs(steps, 5, 3, 8)
						if want[name] == nil {
							want[name] = run(t, be, c.unrolled, ragged, in)
						}
						got := run(t, be, c.scanned, ragged, in)
						for k := range got {
							if d := relative(got[k], want[name][k]); !(d <= 1e-5) {
								t.Errorf("%s differs by %.2g of its size", names[k], d)
							}
						}
					})
				}
			}
		}
	})
}

// relative returns the largest difference relative to the largest value.
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

// TestFiniteDifferences compares the gradient with finite differences of the loss. It is the only
// check that is independent of GoMLX's gradients. Hard gates are left out: they have kinks, where
// finite differences are wrong.
func TestFiniteDifferences(t *testing.T) {
	backends.Each(t, func(t *testing.T, be compute.Backend) {
		for _, c := range cells {
			if strings.HasSuffix(c.name, "hard") {
				continue
			}
			for _, steps := range []int{1, 7} {
				for _, ragged := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s,T=%d,ragged=%v", c.name, steps, ragged), func(t *testing.T) {
						in := c.inputs(steps, 4, 3, 5)
						layer := compiled(t, be, c.scanned, ragged)
						for k, gradient := range layer(in)[1:] {
							x := tensors.MustCopyFlatData[float32](in[k])
							checkSlope(t, names[k+1], gradient, x, func(x []float32) float64 {
								moved := append([]*tensors.Tensor{}, in...)
								moved[k] = filled(func(i int) float32 { return x[i] }, in[k].Shape().Dimensions...)
								return float64(layer(moved)[0][0])
							})
						}
					})
				}
			}
		}
	})
}

// checkSlope compares a gradient at x with the slope of f. The direction is half that of the
// gradient, where the slope is steep, and half random, so that no component of the gradient goes
// unnoticed.
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
	// With five points the error is of fourth order, so the step can be as large as float32 needs.
	const step = 0.01
	got := (8*(along(step)-along(-step)) - (along(2*step) - along(-2*step))) / (12 * step)
	if !(math.Abs(got-want) <= 3e-3*math.Sqrt(size)) {
		t.Errorf("%s: slope %.6g, gradient says %.6g", name, got, want)
	}
}
