package rnn

import (
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot/exchange"
)

// goldens are results of other frameworks for layers. testdata/golden_torch.py and golden_keras.py
// make them and describe them.
var goldens = []struct {
	file   string
	layers Layers
	from   func(ts snapshot.Tensors) (snapshot.Tensors, error)
}{
	{"torch_lstm", Layers{Cell: LSTM, Depth: 2, Bidirectional: true}, fromTorch(exchange.Names{"": "lstm"})},
	{"torch_gru", Layers{Cell: GRU, Depth: 2, Bidirectional: true}, fromTorch(exchange.Names{"": "gru"})},
	{"torch_layernorm", Layers{Cell: LSTM, Depth: 2, Bidirectional: true, LayerNorm: true}, fromTorch(exchange.Names{
		"rnn0": "lstm", "norm0": "lstm_norm", "rnn1": "lstm_1", "norm1": "lstm_1_norm",
	})},
	{"torch_peephole", Layers{Cell: LSTM, Peephole: true}, asIs},
	{
		"keras_lstm",
		Layers{Cell: LSTM, Depth: 2, Bidirectional: true},
		fromKeras(exchange.Names{"bidirectional": "lstm", "bidirectional_1": "lstm_1"}),
	},
	{
		"keras_gru",
		Layers{Cell: GRU, Depth: 2, Bidirectional: true},
		fromKeras(exchange.Names{"bidirectional": "gru", "bidirectional_1": "gru_1"}),
	},
}

func asIs(ts snapshot.Tensors) (snapshot.Tensors, error) { return ts, nil }

func fromTorch(names exchange.Names) func(ts snapshot.Tensors) (snapshot.Tensors, error) {
	return func(ts snapshot.Tensors) (snapshot.Tensors, error) { return exchange.FromTorch(ts, names) }
}

func fromKeras(names exchange.Names) func(ts snapshot.Tensors) (snapshot.Tensors, error) {
	return func(ts snapshot.Tensors) (snapshot.Tensors, error) { return exchange.FromKeras(ts, names) }
}

// goldenFile returns the tensors of a file by group: weights, input, output, cotangent and
// gradient.
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

// goldenWeights returns the weights of a file and their gradients under the names of package rnn.
func goldenWeights(
	t *testing.T, groups map[string]snapshot.Tensors, params []Param,
	from func(ts snapshot.Tensors) (snapshot.Tensors, error),
) (weights, gradients snapshot.Tensors) {
	t.Helper()
	weights, err := from(groups["weights"])
	if err != nil {
		t.Fatal(err)
	}
	lstm := slices.ContainsFunc(params, func(p Param) bool { return strings.HasPrefix(p.Name, "lstm/") })
	for name, g := range groups["gradient"] {
		// Each of the two biases of PyTorch's LSTM has the gradient of their sum, which is our
		// bias.
		if strings.Contains(name, "bias_hh") && lstm {
			clear(g.Data)
		}
	}
	if gradients, err = from(groups["gradient"]); err != nil {
		t.Fatal(err)
	}
	if len(params) != len(weights) || len(params) != len(gradients) {
		t.Fatalf("%d weights and %d gradients for a model of %d", len(weights), len(gradients), len(params))
	}
	return weights, gradients
}

// TestGolden compares recurrent layers with those of PyTorch and Keras on a ragged batch: outputs,
// final states, and the gradients of the inputs, of the initial states and of all weights.
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
		s := golden.layers
		s.Features, s.Hidden = 3, 4
		params := s.Params()
		weights, gradients := goldenWeights(t, groups, params, golden.from)
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

// goldenGraph takes lengths, x, the initial states, the weights and the cotangents. It returns the
// outputs, which are zero in the padding, and the gradients.
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

// TestGoldenSeq2Seq compares a decoder that reads its own output with one in PyTorch, on a ragged
// batch.
func TestGoldenSeq2Seq(t *testing.T) {
	groups := goldenFile(t, "torch_seq2seq")
	names := exchange.Names{"encoder": "encoder/gru", "decoder": "decoder/gru", "fc": "decoder/dense"}
	weights, err := exchange.FromTorch(groups["weights"], names)
	if err != nil {
		t.Fatal(err)
	}
	want, err := exchange.FromTorch(groups["gradient"], names)
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
			y := m.Graph(weigh(params, in[3:]),
				Inputs{X: in[0], Lengths: ConvertDType(in[1], dtypes.Int32), Target: in[2]})
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

// TestGoldenModels compares models with masked losses with those of PyTorch and Keras on ragged
// batches: predictions, the loss, and the gradients of all weights.
func TestGoldenModels(t *testing.T) {
	torch := fromTorch(exchange.Names{"embedding": "embedding", "rnn": "lstm", "fc": "dense"})
	squared := func(m Model, w map[string]*Node, in Inputs, mask *Node) (prediction, loss *Node) {
		y := m.Graph(w, in)
		return y, MeanSquaredError(y, in.Target, mask)
	}
	classes := func(m Model, w map[string]*Node, in Inputs, mask *Node) (prediction, loss *Node) {
		weights := []float64{1, 4, 0.5, 2}
		z := m.(Probabilistic).Logits(w, in)
		return Softmax(z, -1), PerStep(CrossEntropies(z, in.Target, weights, mask), mask, 1)
	}
	for _, golden := range []struct {
		file  string
		model Model
		from  func(ts snapshot.Tensors) (snapshot.Tensors, error)
		graph func(m Model, w map[string]*Node, in Inputs, mask *Node) (prediction, loss *Node)
	}{
		{"torch_forecaster_steps", Forecaster{Features: 3, Hidden: 4, Layers: 2, Dense: true}, torch, squared},
		{"torch_forecaster_sequences", Forecaster{Cell: GRU, Features: 3, Hidden: 4, Layers: 2, Dense: true},
			fromTorch(exchange.Names{"rnn": "gru", "fc": "dense"}),
			func(m Model, w map[string]*Node, in Inputs, mask *Node) (prediction, loss *Node) {
				y := m.Graph(w, in)
				return y, PerSequence(SquaredErrors(y, in.Target, mask), mask, 3)
			}},
		{"torch_forecaster_last", Forecaster{Features: 3, Hidden: 4, Layers: 2, Dense: true, Last: true}, torch,
			squared},
		{"torch_classifier_last", Classifier{Features: 3, Vocabulary: 11, Hidden: 4, Layers: 2, Bidirectional: true,
			Classes: 4}, torch, classes},
		{"torch_classifier_max", Classifier{Features: 3, Vocabulary: 11, Hidden: 4, Layers: 2, Bidirectional: true,
			Classes: 4, Pool: PoolMax}, torch, classes},
		{"torch_classifier_mean", Classifier{Features: 3, Vocabulary: 11, Hidden: 4, Layers: 2, Bidirectional: true,
			Classes: 4, Pool: PoolMean, Output: SigmoidOutput}, torch,
			func(m Model, w map[string]*Node, in Inputs, mask *Node) (prediction, loss *Node) {
				z := m.(Probabilistic).Logits(w, in)
				return Sigmoid(z), PerStep(BinaryCrossEntropies(z, in.Target, mask), mask, 4)
			}},
		{"keras_classifier", Classifier{Cell: GRU, Features: 3, Vocabulary: 11, Hidden: 4, Classes: 4},
			fromKeras(exchange.Names{"embedding": "embedding", "gru": "gru", "dense": "dense"}), classes},
		{"keras_forecaster", Forecaster{Features: 3, Hidden: 4, Dense: true, Last: true, Output: TanhOutput},
			fromKeras(exchange.Names{"lstm": "lstm", "dense": "dense"}), squared},
	} {
		groups := goldenFile(t, golden.file)
		params := golden.model.Params()
		weights, gradients := goldenWeights(t, groups, params, golden.from)
		var in []*tensors.Tensor
		for _, name := range []string{"x", "lengths", "target", "target_lengths"} {
			v := groups["input"][name]
			in = append(in, tensors.FromFlatDataAndDimensions(v.Data, v.Shape...))
		}
		for _, p := range params {
			in = append(in, tensors.FromFlatDataAndDimensions(weights[p.Name].Data, p.Shape...))
		}
		t.Run(golden.file, func(t *testing.T) {
			backends.Each(t, func(t *testing.T, be compute.Backend) {
				e := MustNewExec(be, func(in []*Node) []*Node {
					mask := Mask(ConvertDType(in[3], dtypes.Int32), in[2].Shape().Dim(1))
					inputs := Inputs{X: in[0], Lengths: ConvertDType(in[1], dtypes.Int32), Target: in[2]}
					y, loss := golden.graph(golden.model, weigh(params, in[4:]), inputs, mask)
					return append([]*Node{Mul(y, InsertAxes(mask, -1)), loss}, Gradient(loss, in[4:]...)...)
				})
				defer e.Finalize()
				got := call(t, e, in)
				for i, name := range []string{"y", "loss"} {
					if d := relative(got[i], groups["output"][name].Data); !(d <= 1e-5) {
						t.Errorf("%s differs by %.2g", name, d)
					}
				}
				for i, p := range params {
					if d := relative(got[2+i], gradients[p.Name].Data); !(d <= 1e-5) {
						t.Errorf("gradient of %s differs by %.2g", p.Name, d)
					}
				}
			})
		})
	}
}
