// Package exchange turns weights of Keras and PyTorch into those of snapshots, and back.
//
// It takes tensors, of files of NumPy (.npz) or in safetensors, and the names of the other framework's modules, and gives
// tensors in the layout that package rnn has, for fit.Import; gates are put in order and matrices turned. Tensors that
// belong to no layer, and layers that come to other shapes, are errors. Keras' own files, .keras and .h5, are not read;
// three lines of Python make an archive of them:
//
//	import keras, numpy
//	model = keras.models.load_model("model.keras", compile=False)
//	numpy.savez("weights.npz", **{getattr(w, "path", w.name): w.numpy() for w in model.weights})
//
// It is apart from package snapshot since reading NumPy's files links much that a cell which trains has no use for.
package exchange

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// Names maps the modules of another framework to the layers of package rnn: {"rnn": "lstm", "fc": "dense"}, or
// {"encoder.gru": "encoder/gru"}. The layers on top of the first of a stack, and those that read backwards, follow
// from it.
type Names map[string]string

// ReadTensors reads the tensors of a NumPy archive (.npz) or of a safetensors file. Float64 values are rounded.
func ReadTensors(path string) (snapshot.Tensors, error) {
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".npz":
		return readNPZ(path)
	case ".safetensors":
		return snapshot.ReadSafetensors(path)
	case ".h5", ".keras", ".hdf5":
		return nil, fmt.Errorf("exchange: %s: weights are read from .npz or .safetensors: Keras saves them by "+
			"numpy.savez(\"weights.npz\", **{getattr(w, \"path\", w.name): w.numpy() for w in keras.models.load_model(%q, compile=False).weights})",
			path, filepath.Base(path))
	default:
		return nil, fmt.Errorf("exchange: %s: weights are read from .npz or .safetensors, not %q", path, ext)
	}
}

// split takes the name of one of our weights apart: encoder/lstm_1_reverse/kernel is the kernel of the layer 1,
// backwards, of encoder/lstm.
func split(name string) (w weightName) {
	cut := strings.LastIndexByte(name, '/')
	w.layer, w.weight = name[:max(cut, 0)], name[cut+1:]
	w.stack, w.reverse = strings.CutSuffix(w.layer, "_reverse")
	if at := strings.LastIndexByte(w.stack, '_'); at >= 0 {
		if n, err := fmt.Sscanf(w.stack[at:], "_%d", &w.depth); n == 1 && err == nil {
			w.stack = w.stack[:at]
		}
	}
	return w
}

type weightName struct {
	layer, weight string
	stack         string
	depth         int
	reverse       bool
}

// gatesOf tells an LSTM from a GRU: 4 or 3 gates, from the recurrent weights with so many columns and rows.
func gatesOf(t snapshot.Tensor, wide, narrow int) (int, error) {
	if len(t.Shape) == 2 && t.Shape[narrow] > 0 {
		if g := t.Shape[wide] / t.Shape[narrow]; (g == 3 || g == 4) && g*t.Shape[narrow] == t.Shape[wide] {
			return g, nil
		}
	}
	return 0, fmt.Errorf("shape %v is of neither an LSTM nor a GRU", t.Shape)
}

// transposed turns the rows of a matrix into its columns.
func transposed(t snapshot.Tensor) snapshot.Tensor {
	rows, columns := t.Shape[0], t.Shape[1]
	out := snapshot.Tensor{Shape: []int{columns, rows}, Data: make([]float32, len(t.Data))}
	for i := range rows {
		for j := range columns {
			out.Data[j*rows+i] = t.Data[i*columns+j]
		}
	}
	return out
}

// inverse gives the module of each layer.
func (n Names) inverse() (map[string]string, error) {
	out := map[string]string{}
	for _, module := range slices.Sorted(maps.Keys(n)) {
		if was, ok := out[n[module]]; ok {
			return nil, fmt.Errorf("exchange: both %q and %q are named %q", was, module, n[module])
		}
		out[n[module]] = module
	}
	return out, nil
}
