package rnn

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
)

// predict runs a model with its initial weights on x [b, t, f].
func predict(t *testing.T, be compute.Backend, m Model, x []float32, b, steps int) []float32 {
	t.Helper()
	start := Start(m, 1)
	args := []any{tensors.FromFlatDataAndDimensions(x, b, steps, m.In())}
	for _, p := range m.Params() {
		args = append(args, tensors.FromFlatDataAndDimensions(start[p.Name], p.Shape...))
	}
	e := MustNewExec(be, func(in []*Node) *Node {
		w := map[string]*Node{}
		for i, p := range m.Params() {
			w[p.Name] = in[1+i]
		}
		return m.Graph(w, Inputs{X: in[0]})
	})
	defer e.Finalize()
	out, err := e.Call(args...)
	if err != nil {
		t.Fatal(err)
	}
	return tensors.MustCopyFlatData[float32](out[0])
}

// TestForecasterByHand compares a forecaster with an LSTM written in plain Go and float64.
func TestForecasterByHand(t *testing.T) {
	const b, steps, f = 2, 6, 3
	x := tensors.MustCopyFlatData[float32](cells[0].inputs(steps, b, f, 2)[0])
	for _, m := range []Forecaster{
		{Features: f},
		{Features: f, Gates: HardSigmoidGates, Output: ReLU},
		{Features: f, Hidden: 5, Dense: true, Output: TanhOutput},
		{Features: f, Hidden: 2, Dense: true, Output: SigmoidOutput},
	} {
		want := byHand(m, Start(m, 1), x, b, steps)
		backends.Each(t, func(t *testing.T, be compute.Backend) {
			if d := relative(predict(t, be, m, x, b, steps), want); !(d <= 1e-5) {
				t.Errorf("%+v differs by %.2g", m, d)
			}
		})
	}
}

func byHand(m Forecaster, w map[string][]float32, x []float32, b, steps int) []float32 {
	f, h := m.Features, m.layers().Hidden
	gate := func(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
	if m.Gates == HardSigmoidGates {
		gate = func(z float64) float64 { return math.Min(math.Max(0.2*z+0.5, 0), 1) }
	}
	last := map[Activation]func(float64) float64{
		"": func(v float64) float64 { return v }, ReLU: func(v float64) float64 { return math.Max(v, 0) },
		TanhOutput: math.Tanh, SigmoidOutput: func(v float64) float64 { return 1 / (1 + math.Exp(-v)) },
	}[m.Output]
	var out []float32
	for i := range b {
		hs, cs := make([]float64, h), make([]float64, h)
		for t := range steps {
			row := x[(i*steps+t)*f:][:f]
			z := make([]float64, 4*h)
			for k := range z {
				z[k] = float64(w["lstm/bias"][k])
				for j := range f {
					z[k] += float64(row[j]) * float64(w["lstm/kernel"][j*4*h+k])
				}
				for j := range h {
					z[k] += hs[j] * float64(w["lstm/recurrent_kernel"][j*4*h+k])
				}
			}
			for k := range h {
				cs[k] = gate(z[h+k])*cs[k] + gate(z[k])*math.Tanh(z[2*h+k])
			}
			for k := range h {
				hs[k] = gate(z[3*h+k]) * math.Tanh(cs[k])
			}
			y := hs
			if m.Dense {
				y = make([]float64, f)
				for k := range y {
					y[k] = float64(w["dense/bias"][k])
					for j := range h {
						y[k] += hs[j] * float64(w["dense/kernel"][j*f+k])
					}
				}
			}
			for _, v := range y {
				out = append(out, float32(last(v)))
			}
		}
	}
	return out
}

// TestForecasterPadded checks that padding changes neither the loss nor any gradient, although the
// state is not frozen there.
func TestForecasterPadded(t *testing.T) {
	const b, f, steps, padded = 3, 2, 5, 40
	lengths := []int32{5, 3, 0}
	for _, m := range []Forecaster{
		{Features: f, Hidden: 4, Layers: 2, Dense: true, LayerNorm: true},
		{Cell: GRU, Features: f, Hidden: 4, Dense: true, Last: true, Bidirectional: true},
	} {
		params := m.Params()
		backends.Each(t, func(t *testing.T, be compute.Backend) {
			e := MustNewExec(be, func(in []*Node) []*Node {
				y := m.Graph(weigh(params, in[3:]), Inputs{X: in[0], Lengths: in[1]})
				target := SliceAxis(in[2], 1, AxisRange(0, y.Shape().Dim(1)))
				l := MeanSquaredError(y, target, Mask(in[1], y.Shape().Dim(1)))
				return append([]*Node{l}, Gradient(l, in[3:]...)...)
			})
			defer e.Finalize()
			of := func(steps int, phase float64) *tensors.Tensor {
				return filled(func(i int) float32 {
					sequence, step := i/(f*steps), i/f%steps
					return float32(math.Sin(phase + float64(7*sequence+3*step+i%f)))
				}, b, steps, f)
			}
			at := func(steps int) [][]float32 {
				in := []*tensors.Tensor{of(steps, 0), tensors.FromFlatDataAndDimensions(lengths, b), of(steps, 1)}
				return call(t, e, append(in, first(params)...))
			}
			short, long := at(steps), at(padded)
			for k := range short {
				if d := relative(long[k], short[k]); !(d <= 1e-6) {
					t.Errorf("%+v: result %d differs by %.2g", m, k, d)
				}
			}
		})
	}
}

func TestCheck(t *testing.T) {
	for want, m := range map[string]Forecaster{
		"with 0 features":    {},
		"-1 hidden":          {Features: 3, Hidden: -1},
		"needs Dense":        {Features: 3, Hidden: 4},
		`cell "rnn"`:         {Features: 3, Cell: "rnn"},
		`gates "hard"`:       {Features: 3, Gates: "hard"},
		`activation "swish"`: {Features: 3, Output: "swish"},
		"-1 layers":          {Features: 3, Layers: -1},
		"-1 targets":         {Features: 3, Targets: -1},
		"no peepholes":       {Features: 3, Cell: GRU, Peephole: true},
		"dropout 1:":         {Features: 3, Layers: 2, Dropout: 1, Dense: true},
		"only one":           {Features: 3, Dropout: .5},
		"without dropout":    {Features: 3, Layers: 2, Variational: true},
		"recurrent dropout":  {Features: 3, RecurrentDropout: 1},
		"sees the steps":     {Features: 3, Bidirectional: true, Dense: true},
		`init "he"`:          {Features: 3, Init: "he"},
	} {
		if err := m.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", m, err, want)
		}
	}
	for text, want := range map[string]string{
		`{"features":3}`:           "",
		`{"features":3,"heads":2}`: "heads",
		`{"features":`:             "unexpected",
		`{"features":0}`:           "with 0 features",
	} {
		_, err := Open("forecaster", []byte(text))
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("Open(%s): %v, want %q", text, err, want)
		}
	}
	if _, err := Open("transformer", nil); err == nil || !strings.Contains(err.Error(), `"transformer"`) {
		t.Errorf("unknown kind: %v", err)
	}
}

func TestStart(t *testing.T) {
	m := Forecaster{Features: 6, Hidden: 4, Dense: true}
	w := Start(m, 1)
	u := w["lstm/recurrent_kernel"]
	for i := range 4 {
		for j := range 4 {
			var d, want float64
			for k := range 16 {
				d += float64(u[i*16+k]) * float64(u[j*16+k])
			}
			if i == j {
				want = 1
			}
			if math.Abs(d-want) > 1e-6 {
				t.Errorf("rows %d and %d of the recurrent kernel have product %g", i, j, d)
			}
		}
	}
	limit := math.Sqrt(6.0 / (6 + 16))
	for _, v := range w["lstm/kernel"] {
		if math.Abs(float64(v)) > limit {
			t.Errorf("kernel value %g is over Glorot's limit %g", v, limit)
		}
	}
	if got := fmt.Sprint(w["lstm/bias"]); got != "[0 0 0 0 1 1 1 1 0 0 0 0 0 0 0 0]" {
		t.Errorf("bias %s", got)
	}
	if fmt.Sprint(Start(m, 1)) != fmt.Sprint(w) || fmt.Sprint(Start(m, 2)) == fmt.Sprint(w) {
		t.Error("the seed does not decide the weights")
	}
}

// TestWrongShapes checks that wrong shapes are an error of one line that names them.
func TestWrongShapes(t *testing.T) {
	be := backends.XLA(t)
	_, err := ExecOnce(be, func(g *Graph) *Node {
		x := Zeros(g, shapeOf32(3, 2, 8))
		h := Zeros(g, shapeOf32(2, 3))
		y, _ := Scan(lstmStep{h: 3}, x, Zeros(g, shapeOf32(3, 12)), nil, []*Node{h, h}, nil)
		return y
	})
	if err == nil ||
		!strings.Contains(err.Error(), "the projected input is (Float32)[3, 2, 8], want (Float32)[3, 2, 12]") {
		t.Errorf("got %v", err)
	}
}
