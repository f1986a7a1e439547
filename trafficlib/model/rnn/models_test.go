package rnn

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
)

// wave returns a tensor of different numbers.
func wave(scale float64, dims ...int) *tensors.Tensor {
	return filled(func(i int) float32 { return float32(scale * math.Sin(float64(3*i+1))) }, dims...)
}

// answer runs a model with its initial weights.
func answer(
	t *testing.T, be compute.Backend, m Model, x, target *tensors.Tensor, lengths []int32, key *[2]uint32,
) []float32 {
	t.Helper()
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	in := append([]*tensors.Tensor{x}, first(m.Params())...)
	n := len(in)
	add := func(v *tensors.Tensor) int { in = append(in, v); return len(in) - 1 }
	places := map[string]int{}
	if target != nil {
		places["target"] = add(target)
	}
	if lengths != nil {
		places["lengths"] = add(tensors.FromFlatDataAndDimensions(lengths, len(lengths)))
	}
	if key != nil {
		places["key"] = add(tensors.FromFlatDataAndDimensions(key[:], 2))
	}
	e := MustNewExec(be, func(all []*Node) []*Node {
		of := func(what string) *Node {
			if i, ok := places[what]; ok {
				return all[i]
			}
			return nil
		}
		return []*Node{
			m.Graph(weigh(m.Params(), all[1:n]),
				Inputs{X: all[0], Target: of("target"), Lengths: of("lengths"), Key: of("key")}),
		}
	})
	defer e.Finalize()
	return call(t, e, in)[0]
}

func TestSeq2Seq(t *testing.T) {
	const b, steps, f, out = 8, 4, 3, 5
	x, target := wave(1, b, steps, f), wave(.9, b, out, f)
	key := Key(1, 1)
	m := Seq2Seq{Cell: GRU, Features: f, Hidden: 6, First: FirstLastInput, Input: LeakyReLU}
	backends.Each(t, func(t *testing.T, be compute.Backend) {
		free := answer(t, be, m, x, target, nil, nil)
		half, all := m, m
		half.TeacherForcing, all.TeacherForcing = .5, 1
		if got := answer(t, be, all, x, target, nil, nil); !slices.Equal(got, free) {
			t.Error("a teacher speaks outside of training")
		}
		m := m
		m.Steps = out
		if got := answer(t, be, m, x, nil, nil, nil); !slices.Equal(got, free) {
			t.Error("without a target it writes something else")
		}
		taught := answer(t, be, all, x, target, nil, &key)
		mixed := answer(t, be, half, x, target, nil, &key)
		var teachers int
		for i := range b {
			row := func(v []float32) []float32 { return v[i*out*f:][:out*f] }
			if relative(row(taught)[:f], row(free)[:f]) > 1e-6 || relative(row(taught), row(free)) < 1e-4 {
				t.Errorf("sequence %d: a teacher changes all but the first step", i)
			}
			switch {
			case relative(row(mixed), row(taught)) <= 1e-6:
				teachers++
			case relative(row(mixed), row(free)) > 1e-6:
				t.Errorf("sequence %d is neither taught nor free", i)
			}
		}
		if teachers == 0 || teachers == b {
			t.Errorf("%d of %d sequences have a teacher", teachers, b)
		}

		// Steps past the true length do not count, and the last input is the last true one.
		short := tensors.MustCopyFlatData[float32](x)
		var cut []float32
		for i := range b {
			cut = append(cut, short[i*steps*f:][:2*f]...)
		}
		lengths := slices.Repeat([]int32{2}, b)
		want := answer(t, be, m, tensors.FromFlatDataAndDimensions(cut, b, 2, f), target, nil, nil)
		if d := relative(answer(t, be, m, x, target, lengths, nil), want); !(d <= 1e-6) {
			t.Errorf("padding changes the prediction by %.2g", d)
		}
		// A first target yields the same as a last input that equals it.
		m.First = FirstTarget
		last := filled(func(i int) float32 { return short[(i/(out*f)*steps+steps-1)*f+i%f] }, b, out, f)
		if d := relative(answer(t, be, m, x, last, nil, nil), free); !(d <= 1e-6) {
			t.Errorf("the first target is read as something else: %.2g", d)
		}
	})
}

func TestClassifier(t *testing.T) {
	const b, steps = 3, 5
	lengths := []int32{5, 2, 0}
	ids := filled(func(i int) float32 { return float32(i * 7 % 11) }, b, steps, 1)
	other := filled(func(i int) float32 {
		if i%steps >= int(lengths[i/steps]) {
			return 3
		}
		return float32(i * 7 % 11)
	}, b, steps, 1)
	backends.Each(t, func(t *testing.T, be compute.Backend) {
		for _, pool := range []Pool{PoolLast, PoolMean, PoolMax} {
			m := Classifier{
				Cell: GRU, Features: 4, Vocabulary: 11, Classes: 3, Hidden: 4, Bidirectional: true, Pool: pool,
			}
			p := answer(t, be, m, ids, nil, lengths, nil)
			if len(p) != b*3 {
				t.Fatalf("%d probabilities", len(p))
			}
			for i := range b {
				if sum := p[3*i] + p[3*i+1] + p[3*i+2]; math.Abs(float64(sum)-1) > 1e-6 {
					t.Errorf("%s: probabilities of sequence %d sum to %v", pool, i, sum)
				}
			}
			if d := relative(answer(t, be, m, other, nil, lengths, nil), p); d != 0 {
				t.Errorf("%s: padding changes the answer by %.2g", pool, d)
			}
			// Sequence 2 has no steps: its row is zero, and the bias, initially zero, prefers no
			// class.
			if d := relative(p[6:], []float32{1. / 3, 1. / 3, 1. / 3}); d > 1e-6 {
				t.Errorf("%s: an empty sequence gets %v", pool, p[6:])
			}
			m.Output, m.Classes = SigmoidOutput, 1
			for _, v := range answer(t, be, m, ids, nil, lengths, nil) {
				if !(v > 0 && v < 1) {
					t.Errorf("%s: probability %v", pool, v)
				}
			}
		}
		// For a single true step, the mean, the maximum and the last are the same.
		var p [][]float32
		for _, pool := range []Pool{PoolLast, PoolMean, PoolMax} {
			m := Classifier{Features: 2, Classes: 3, Hidden: 4, Pool: pool}
			p = append(p, answer(t, be, m, wave(1, b, steps, 2), nil, []int32{1, 1, 1}, nil))
		}
		if d := math.Max(relative(p[1], p[0]), relative(p[2], p[0])); d > 1e-6 {
			t.Errorf("pools of one step differ by %.2g", d)
		}
	})
}

func TestCheckInput(t *testing.T) {
	m := Classifier{Features: 4, Vocabulary: 11, Classes: 3, Hidden: 4}
	nan := float32(math.NaN())
	for want, x := range map[string][]float32{
		"value 1 of the input is 11":  {0, 11},
		"value 0 of the input is -1":  {-1},
		"value 2 of the input is 1.5": {0, 10, 1.5},
		"value 0 of the input is NaN": {nan},
	} {
		if err := m.CheckInput(x); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", x, err)
		}
	}
	if err := m.CheckInput([]float32{0, 10, 3}); err != nil {
		t.Error(err)
	}
	if err := (Classifier{Features: 4}).CheckInput([]float32{-1.5}); err != nil {
		t.Error(err)
	}
}

// TestModelsChecked checks that nonsensical descriptions are refused, and that others survive a
// round trip through JSON.
func TestModelsChecked(t *testing.T) {
	for want, m := range map[string]Model{
		"0 features":           Seq2Seq{Hidden: 3},
		"0 hidden":             Seq2Seq{Features: 3},
		"-1 targets":           Seq2Seq{Features: 3, Hidden: 3, Targets: -1},
		"teacher forcing 2":    Seq2Seq{Features: 3, Hidden: 3, TeacherForcing: 2},
		"cannot read the last": Seq2Seq{Features: 3, Hidden: 3, Targets: 2, First: FirstLastInput},
		`first "one"`:          Seq2Seq{Features: 3, Hidden: 3, First: "one"},
		`activation "x"`:       Seq2Seq{Features: 3, Hidden: 3, Input: "x"},
		"0 classes":            Classifier{Features: 3, Hidden: 3},
		"is always 1":          Classifier{Features: 3, Hidden: 3, Classes: 1},
		"vocabulary of -1":     Classifier{Features: 3, Hidden: 3, Classes: 2, Vocabulary: -1},
		`output "relu"`:        Classifier{Features: 3, Hidden: 3, Classes: 2, Output: ReLU},
		`pool "sum"`:           Classifier{Features: 3, Hidden: 3, Classes: 2, Pool: "sum"},
		`cell "x"`:             Classifier{Features: 3, Hidden: 3, Classes: 2, Cell: "x"},
		"":                     Classifier{Features: 3, Hidden: 3, Classes: 2},
		" ":                    Seq2Seq{Features: 3, Hidden: 3, Cell: GRU, TeacherForcing: 0.5},
		"  ": Forecaster{
			Features: 3, Cell: GRU, Layers: 2, Bidirectional: true, Last: true, Dense: true, Init: TorchInit,
		},
	} {
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Open(m.Kind(), text)
		switch good := strings.TrimSpace(want) == ""; {
		case good && (err != nil || back != m):
			t.Errorf("%+v came back as %+v, %v", m, back, err)
		case !good && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%+v: %v, want %q", m, err, want)
		}
	}
}

// TestInit checks that in PyTorch's scheme all weights are within ±1/√h, and the sum of an LSTM's
// two biases within twice that.
func TestInit(t *testing.T) {
	m := Forecaster{Features: 30, Hidden: 25, Dense: true, Init: TorchInit, LayerNorm: true}
	for name, values := range Start(m, 1) {
		limit := 1 / math.Sqrt(25)
		if name == "lstm/bias" {
			limit *= 2
		}
		var largest float64
		for _, v := range values {
			largest = math.Max(largest, math.Abs(float64(v)))
		}
		if strings.Contains(name, "norm") {
			want := fmt.Sprint(map[string]float64{"lstm_norm/gamma": 1, "lstm_norm/beta": 0}[name])
			if fmt.Sprint(largest) != want {
				t.Errorf("%s starts at %v", name, largest)
			}
			continue
		}
		if largest > limit || largest < .7*limit {
			t.Errorf("%s: largest value %v, limit %v", name, largest, limit)
		}
	}
}
