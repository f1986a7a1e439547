package rnn

import (
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
	"github.com/trafficlab/trafficlab/trafficlib/snapshot"
)

// goldens are what other frameworks give: testdata/golden_torch.py and golden_keras.py make them and say what is in
// them.
var goldens = []struct {
	file string
	cell Cell
	from func(ts snapshot.Tensors) (snapshot.Tensors, error)
}{
	{"torch_lstm", LSTM, fromTorch("lstm")},
	{"torch_gru", GRU, fromTorch("gru")},
	{"keras_lstm", LSTM, fromKeras("lstm")},
	{"keras_gru", GRU, fromKeras("gru")},
}

func fromTorch(name string) func(ts snapshot.Tensors) (snapshot.Tensors, error) {
	return func(ts snapshot.Tensors) (snapshot.Tensors, error) {
		return snapshot.FromTorch(ts, snapshot.Names{"": name})
	}
}

func fromKeras(name string) func(ts snapshot.Tensors) (snapshot.Tensors, error) {
	return func(ts snapshot.Tensors) (snapshot.Tensors, error) {
		return snapshot.FromKeras(ts, snapshot.Names{"bidirectional": name, "bidirectional_1": name + "_1"})
	}
}

// goldenFile gives the tensors of a file by their groups: weights, input, output, cotangent and gradient.
func goldenFile(t *testing.T, file string) map[string]snapshot.Tensors {
	t.Helper()
	ts, err := snapshot.ReadSafetensors("testdata/" + file + ".safetensors")
	if err != nil {
		t.Fatal(err)
	}
	groups := map[string]snapshot.Tensors{"weights": {}, "input": {}, "output": {}, "cotangent": {}, "gradient": {}}
	for name, tensor := range ts {
		group, rest, _ := strings.Cut(name, "/")
		if groups[group] == nil {
			group, rest = "weights", name
		}
		groups[group][rest] = tensor
	}
	return groups
}

// TestGolden compares a ragged batch through two layers in both directions with PyTorch's and Keras': outputs, final
// states, and the gradients of the inputs, of the initial states and of all weights.
func TestGolden(t *testing.T) {
	for _, golden := range goldens {
		groups := goldenFile(t, golden.file)
		in, want := groups["input"], groups["output"]
		gradients := groups["gradient"]
		for _, name := range []string{"input/x", "input/h0", "input/c0"} {
			if g, ok := gradients[name]; ok {
				want["d"+strings.TrimPrefix(name, "input/")] = g
				delete(gradients, name)
			}
		}
		weights, err := golden.from(groups["weights"])
		if err != nil {
			t.Fatal(err)
		}
		if golden.file == "torch_lstm" {
			// Each of PyTorch's two biases has the whole gradient, and ours, their sum, has it once.
			for name, g := range gradients {
				if strings.HasPrefix(name, "bias_hh") {
					clear(g.Data)
				}
			}
		}
		if gradients, err = golden.from(gradients); err != nil {
			t.Fatal(err)
		}
		s := Layers{Cell: golden.cell, Features: 3, Hidden: 4, Depth: 2, Bidirectional: true}
		params := s.Params()
		if len(params) != len(weights) || len(params) != len(gradients) {
			t.Fatalf("%s: %d weights and %d gradients for a model of %d", golden.file, len(weights), len(gradients), len(params))
		}
		t.Run(golden.file, func(t *testing.T) {
			backends.Each(t, func(t *testing.T, be compute.Backend) {
				states := []string{"h", "c"}[:s.layer(0, 0).states()]
				names := []string{"y"}
				args := []snapshot.Tensor{in["lengths"], in["x"]}
				for _, k := range states {
					args, names = append(args, in[k+"0"]), append(names, k+"n")
				}
				for _, p := range params {
					args = append(args, weights[p.Name])
				}
				for _, name := range names {
					args = append(args, groups["cotangent"][name])
				}
				all := make([]*tensors.Tensor, len(args))
				for i, a := range args {
					all[i] = tensors.FromFlatDataAndDimensions(a.Data, a.Shape...)
				}
				e := MustNewExec(be, func(in []*Node) []*Node { return goldenGraph(s, len(states), in) })
				defer e.Finalize()
				got := call(t, e, all)
				names = append(names, "dx")
				for _, k := range states {
					names = append(names, "d"+k+"0")
				}
				for _, p := range params {
					names = append(names, p.Name)
					want[p.Name] = gradients[p.Name]
				}
				for i, name := range names {
					if d := relative(got[i], want[name].Data); !(d <= 1e-5) {
						t.Errorf("%s differs by %.2g", name, d)
					}
				}
			})
		})
	}
}

// goldenGraph takes lengths, x, the initial states, the weights and the cotangents, and gives the outputs, which are
// zero in the padding, and the gradients.
func goldenGraph(s Layers, states int, in []*Node) (out []*Node) {
	params := s.Params()
	w := map[string]*Node{}
	for i, p := range params {
		w[p.Name] = in[2+states+i]
	}
	x, mask := Inputs{X: in[1], Lengths: ConvertDType(in[0], dtypes.Int32)}.sequence()
	initial := make([]State, s.depth()*s.directions())
	for k := range initial {
		for _, v := range in[2 : 2+states] {
			initial[k] = append(initial[k], Squeeze(SliceAxis(v, 0, AxisElem(k)), 0))
		}
	}
	y, _, final := s.run(w, x, initial, mask, nil)
	out = []*Node{TransposeAllAxes(Mul(y, mask), 1, 0, 2)}
	for k := range states {
		var all []*Node
		for _, f := range final {
			all = append(all, f[k])
		}
		out = append(out, Stack(all, 0))
	}
	loss := Const(x.Graph(), float32(0))
	for i, c := range in[2+states+len(params):] {
		loss = Add(loss, ReduceAllSum(Mul(out[i], c)))
	}
	return append(out, Gradient(loss, in[1:2+states+len(params)]...)...)
}

// TestGoldenSeq2Seq compares a decoder that reads its own output with PyTorch's, the encoder's batch being ragged.
func TestGoldenSeq2Seq(t *testing.T) {
	groups := goldenFile(t, "torch_seq2seq")
	names := snapshot.Names{"encoder": "encoder/gru", "decoder": "decoder/gru", "fc": "decoder/dense"}
	weights, err := snapshot.FromTorch(groups["weights"], names)
	if err != nil {
		t.Fatal(err)
	}
	want, err := snapshot.FromTorch(groups["gradient"], names)
	if err != nil {
		t.Fatal(err)
	}
	m := Seq2Seq{Cell: GRU, Features: 3, Hidden: 4, First: FirstTarget, Input: LeakyReLU}
	params := m.Params()
	var in []*tensors.Tensor
	for _, name := range []string{"x", "lengths", "target"} {
		v := groups["input"][name]
		in = append(in, tensors.FromFlatDataAndDimensions(v.Data, v.Shape...))
	}
	for _, p := range params {
		in = append(in, tensors.FromFlatDataAndDimensions(weights[p.Name].Data, p.Shape...))
	}
	backends.Each(t, func(t *testing.T, be compute.Backend) {
		e := MustNewExec(be, func(in []*Node) []*Node {
			y := m.Graph(weigh(params, in[3:]), Inputs{X: in[0], Lengths: ConvertDType(in[1], dtypes.Int32), Target: in[2]})
			return append([]*Node{y}, Gradient(ReduceAllMean(Square(Sub(y, in[2]))), in[3:]...)...)
		})
		defer e.Finalize()
		got := call(t, e, in)
		if d := relative(got[0], groups["output"]["y"].Data); !(d <= 1e-5) {
			t.Errorf("prediction differs by %.2g", d)
		}
		for i, p := range params {
			if d := relative(got[1+i], want[p.Name].Data); !(d <= 1e-5) {
				t.Errorf("gradient of %s differs by %.2g", p.Name, d)
			}
		}
	})
}
