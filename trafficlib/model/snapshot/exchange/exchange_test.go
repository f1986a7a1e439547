package exchange

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// golden returns the weights in a golden file of package rnn.
func golden(t *testing.T, file string) snapshot.Tensors {
	t.Helper()
	ts, err := ReadTensors("../../rnn/testdata/" + file + ".safetensors")
	if err != nil {
		t.Fatal(err)
	}
	for name := range ts {
		for _, group := range []string{"input/", "output/", "cotangent/", "gradient/"} {
			if strings.HasPrefix(name, group) {
				delete(ts, name)
			}
		}
	}
	return ts
}

// TestExchange converts weights back and forth. The golden test of package rnn checks their
// meaning.
func TestExchange(t *testing.T) {
	linear := snapshot.Tensor{Shape: []int{2, 8},
		Data: []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}}
	two := snapshot.Tensor{Shape: []int{2}, Data: []float32{1, 2}}
	for _, cell := range []string{"lstm", "gru"} {
		theirs := snapshot.Tensors{"fc.weight": linear, "fc.bias": two, "emb.weight": linear, "ln.weight": two,
			"ln.bias": two}
		for name, tensor := range golden(t, "torch_"+cell) {
			theirs["enc."+name] = tensor
		}
		names := Names{"enc": "encoder/" + cell, "fc": "dense", "emb": "embedding", "ln": cell + "_norm"}
		ours, err := FromTorch(theirs, names)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ToTorch(ours, names)
		if err != nil {
			t.Fatal(err)
		}
		if cell == "lstm" { // its two biases were added
			for name := range theirs {
				if in, ok := strings.CutPrefix(name, "enc.bias_hh"); ok {
					sum, zero := theirs["enc.bias_ih"+in].Data, theirs[name].Data
					for i := range sum {
						sum[i] += zero[i]
						zero[i] = 0
					}
				}
			}
		}
		same(t, back, theirs)
		if d := ours["dense/kernel"]; !slices.Equal(d.Shape, []int{8, 2}) || d.Data[1] != 9 {
			t.Errorf("dense/kernel %v", d)
		}
		if e := ours["embedding/embeddings"]; !slices.Equal(e.Shape, []int{2, 8}) {
			t.Errorf("embeddings %v", e.Shape)
		}

		theirs = golden(t, "keras_"+cell)
		theirs["dense/kernel"], theirs["one/"+cell+"_cell/recurrent_kernel"] = linear,
			theirs["bidirectional/forward_"+cell+"/"+cell+"_cell/recurrent_kernel"]
		names = Names{"bidirectional": cell, "bidirectional_1": cell + "_1", "dense": "dense", "one": "decoder/" + cell}
		if ours, err = FromKeras(theirs, names); err != nil {
			t.Fatal(err)
		}
		if back, err = ToKeras(ours, names); err != nil {
			t.Fatal(err)
		}
		same(t, back, theirs)
	}
}

func same(t *testing.T, got, want snapshot.Tensors) {
	t.Helper()
	if g, w := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(g, w) {
		t.Fatalf("got %v\nwant %v", g, w)
	}
	for name, tensor := range want {
		if !slices.Equal(got[name].Shape, tensor.Shape) || !slices.Equal(got[name].Data, tensor.Data) {
			t.Errorf("%s: got %v, want %v", name, got[name], tensor)
		}
	}
}

func TestExchangeRefuses(t *testing.T) {
	matrix := snapshot.Tensor{Shape: []int{8, 2}, Data: make([]float32, 16)}
	odd := snapshot.Tensor{Shape: []int{5, 2}, Data: make([]float32, 10)}
	row := snapshot.Tensor{Shape: []int{8}, Data: make([]float32, 8)}
	type exchange func(snapshot.Tensors, Names) (snapshot.Tensors, error)
	for _, test := range []struct {
		do    exchange
		ts    snapshot.Tensors
		names Names
		want  string
	}{
		{FromTorch, snapshot.Tensors{"fc.weight": matrix}, nil, `no name for module "fc"`},
		{FromTorch, snapshot.Tensors{"fc.scale": matrix}, Names{"fc": "dense"}, "unknown weight"},
		{FromTorch, snapshot.Tensors{"fc.weight": row}, Names{"fc": "dense"}, "want a matrix"},
		{FromTorch, snapshot.Tensors{"weight_ih_l0": matrix}, Names{"": "lstm"}, "neither"},
		{FromTorch, snapshot.Tensors{"weight_ih_l0": matrix, "weight_hh_l0": odd}, Names{"": "lstm"}, "neither"},
		{FromTorch, snapshot.Tensors{"weight_ih_l0": odd, "weight_hh_l0": matrix}, Names{"": "lstm"}, "shape [5 2]"},
		{FromTorch, snapshot.Tensors{"bias_ih_l0": row, "weight_hh_l0": matrix}, Names{"": "lstm"}, "bias_hh"},
		{FromTorch, snapshot.Tensors{"weight_hr_l0": matrix}, Names{"": "lstm"}, "unknown weight"},
		{ToTorch, snapshot.Tensors{"dense/kernel": matrix}, nil, `no name for layer "dense"`},
		{ToTorch, snapshot.Tensors{"dense/kernel": matrix}, Names{"a": "dense", "b": "dense"}, `both "a" and "b"`},
		{ToTorch, snapshot.Tensors{"lstm/recurrent_kernel": odd}, Names{"": "lstm"}, "neither"},
		{ToTorch, snapshot.Tensors{"lstm/recurrent_kernel": {Shape: []int{2, 8}, Data: make([]float32, 16)},
			"lstm/peephole": odd}, Names{"": "lstm"}, "no such weight"},
		{FromKeras, snapshot.Tensors{"lstm/lstm_cell/kernel": matrix}, Names{"gru": "gru"}, `no name for layer "lstm"`},
		{ToKeras, snapshot.Tensors{"lstm/kernel": matrix}, nil, `no name of a Keras layer for "lstm"`},
	} {
		if _, err := test.do(test.ts, test.names); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v, want %q", slices.Sorted(maps.Keys(test.ts)), err, test.want)
		}
	}
}
