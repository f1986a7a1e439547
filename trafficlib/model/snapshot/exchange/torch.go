package exchange

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// FromTorch converts the weights of PyTorch modules, a state_dict, to those of package rnn. It
// supports LSTM, GRU, Linear, LayerNorm and Embedding. A module that is not in names is an error.
//
// A matrix of PyTorch is [out, in]; ours is [in, out]. The gates of a GRU are in the order r, z, n;
// ours are z, r, n. An LSTM has two biases that are always added; ours has their sum.
func FromTorch(ts snapshot.Tensors, names Names) (snapshot.Tensors, error) {
	out := snapshot.Tensors{}
	for _, name := range slices.Sorted(maps.Keys(ts)) {
		cut := max(strings.LastIndexByte(name, '.'), 0)
		module, weight := name[:cut], strings.TrimPrefix(name[cut:], ".")
		layer, ok := names[module]
		fail := func(why string) (snapshot.Tensors, error) {
			return nil, fmt.Errorf("exchange: PyTorch tensor %q: %s", name, why)
		}
		if !ok {
			return fail(fmt.Sprintf("no name for module %q", module))
		}
		t := ts[name]
		side, depth, recurrent := strings.Cut(weight, "_l") // weight_ih_l1_reverse: the weights of layer 1
		if !recurrent {
			to, err := plainWeight(layer, weight)
			if err != nil {
				return fail(err.Error())
			}
			if weight == "weight" && to == "kernel" {
				if len(t.Shape) != 2 {
					return fail(fmt.Sprintf("shape %v, want a matrix", t.Shape))
				}
				t = transposed(t)
			}
			out[layer+"/"+to] = t
			continue
		}
		number, reverse := strings.CutSuffix(depth, "_reverse")
		if number != "0" {
			layer += "_" + number
		}
		if reverse {
			layer += "_reverse"
		}
		if side == "bias_ih" || side == "bias_hh" {
			if side == "bias_hh" {
				continue // done with bias_ih
			}
			other, ok := ts[strings.Replace(name, "bias_ih", "bias_hh", 1)]
			if !ok || len(other.Data) != len(t.Data) || len(t.Shape) != 1 {
				return fail("its bias_hh is missing or of another shape")
			}
			gates, err := gatesOf(ts[strings.Replace(name, "bias_ih", "weight_hh", 1)], 0, 1)
			if err != nil {
				return fail(err.Error())
			}
			out[layer+"/bias"] = biasFromTorch(t.Data, other.Data, gates)
			continue
		}
		to, ok := map[string]string{"weight_ih": "kernel", "weight_hh": "recurrent_kernel"}[side]
		if !ok {
			return fail("unknown weight")
		}
		gates, err := gatesOf(ts[strings.Replace(name, side, "weight_hh", 1)], 0, 1)
		if err != nil {
			return fail(err.Error())
		}
		if len(t.Shape) != 2 || t.Shape[0]%gates != 0 {
			return fail(fmt.Sprintf("shape %v", t.Shape))
		}
		t.Data = swapGates(t.Data, gates)
		out[layer+"/"+to] = transposed(t)
	}
	return out, nil
}

// ToTorch is the inverse of FromTorch: it returns a state_dict. The second bias of an LSTM is zero.
func ToTorch(ts snapshot.Tensors, names Names) (snapshot.Tensors, error) {
	modules, err := names.inverse()
	if err != nil {
		return nil, err
	}
	out := snapshot.Tensors{}
	for _, name := range slices.Sorted(maps.Keys(ts)) {
		t, w := ts[name], split(name)
		fail := func(why string) (snapshot.Tensors, error) {
			return nil, fmt.Errorf("exchange: weight %q: %s", name, why)
		}
		module, plain := modules[w.layer]
		recurrent, isRecurrent := ts[w.layer+"/recurrent_kernel"]
		if isRecurrent {
			module, plain = modules[w.stack]
		}
		if !plain {
			return fail(fmt.Sprintf("no name for layer %q", w.layer))
		}
		if module != "" {
			module += "."
		}
		if !isRecurrent {
			to, ok := map[string]string{
				"kernel": "weight", "bias": "bias", "gamma": "weight", "beta": "bias", "embeddings": "weight",
			}[w.weight]
			if !ok {
				return fail("PyTorch has no such weight")
			}
			if w.weight == "kernel" {
				t = transposed(t)
			}
			out[module+to] = t
			continue
		}
		gates, err := gatesOf(recurrent, 1, 0)
		if err != nil {
			return fail(err.Error())
		}
		suffix := fmt.Sprintf("_l%d", w.depth)
		if w.reverse {
			suffix += "_reverse"
		}
		switch w.weight {
		case "kernel", "recurrent_kernel":
			t = transposed(t)
			t.Data = swapGates(t.Data, gates)
			out[module+map[string]string{"kernel": "weight_ih", "recurrent_kernel": "weight_hh"}[w.weight]+suffix] = t
		case "bias":
			n := gates * recurrent.Shape[0]
			in, rec := t.Data, make([]float32, n)
			if gates == 3 {
				in, rec = swapGates(t.Data[:n], gates), swapGates(t.Data[n:], gates)
			}
			out[module+"bias_ih"+suffix] = snapshot.Tensor{Shape: []int{n}, Data: in}
			out[module+"bias_hh"+suffix] = snapshot.Tensor{Shape: []int{n}, Data: rec}
		default:
			return fail("PyTorch has no such weight")
		}
	}
	return out, nil
}

// plainWeight returns our name for a weight of a module that is not recurrent. The kind of module
// follows from the name of the layer.
func plainWeight(layer, weight string) (string, error) {
	norm, embedding := strings.HasSuffix(layer, "_norm"), strings.HasSuffix(layer, "embedding")
	switch {
	case weight == "weight" && norm:
		return "gamma", nil
	case weight == "bias" && norm:
		return "beta", nil
	case weight == "weight" && embedding:
		return "embeddings", nil
	case weight == "weight":
		return "kernel", nil
	case weight == "bias":
		return "bias", nil
	}
	return "", errors.New("unknown weight")
}

// biasFromTorch combines the two biases of a module.
func biasFromTorch(in, recurrent []float32, gates int) snapshot.Tensor {
	if gates == 3 {
		return snapshot.Tensor{Shape: []int{2, len(in)},
			Data: append(swapGates(in, gates), swapGates(recurrent, gates)...)}
	}
	sum := make([]float32, len(in))
	for i := range sum {
		sum[i] = in[i] + recurrent[i]
	}
	return snapshot.Tensor{Shape: []int{len(sum)}, Data: sum}
}

// swapGates returns a copy of v in which the first two of the three gates of a GRU are swapped. The
// gates of an LSTM keep their order.
func swapGates(v []float32, gates int) []float32 {
	if gates == 4 {
		return slices.Clone(v)
	}
	n := len(v) / 3
	return slices.Concat(v[n:2*n], v[:n], v[2*n:])
}
