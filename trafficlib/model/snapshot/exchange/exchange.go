// Package exchange converts the weights of Keras and PyTorch models to those of snapshots, and
// back.
//
// It takes tensors from files of NumPy (.npz) or safetensors, and the names of the modules of the
// other framework. It returns tensors in the layout of package rnn, for fit.Import: it reorders
// gates and transposes matrices. It refuses tensors that belong to no layer, and layers of the
// wrong shape. It does not read the files of Keras, .keras and .h5; three lines of Python convert
// them:
//
//	import keras, numpy
//	model = keras.models.load_model("model.keras", compile=False)
//	numpy.savez("weights.npz", **{getattr(w, "path", w.name): w.numpy() for w in model.weights})
//
// It is separate from package snapshot because reading NumPy files links much that training does
// not need.
package exchange

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// Names maps the modules of another framework to the layers of package rnn, such as {"rnn": "lstm",
// "fc": "dense"} or {"encoder.gru": "encoder/gru"}. It names the first layer of a stack; further
// layers and the reverse direction follow from that.
type Names map[string]string

// ReadTensors reads the tensors of a NumPy archive (.npz) or a safetensors file. It rounds float64
// values to float32.
func ReadTensors(path string) (snapshot.Tensors, error) {
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".npz":
		return readNPZ(path)
	case ".safetensors":
		return snapshot.ReadSafetensors(path)
	case ".h5", ".keras", ".hdf5":
		return nil, fmt.Errorf("exchange: %s: want .npz or .safetensors: convert the file in Python by "+
			"numpy.savez(\"weights.npz\", **{getattr(w, \"path\", w.name): w.numpy() "+
			"for w in keras.models.load_model(%q, compile=False).weights})", path, filepath.Base(path))
	default:
		return nil, fmt.Errorf("exchange: %s: want .npz or .safetensors, not %q", path, ext)
	}
}

// split parses the name of one of our weights: encoder/lstm_1_reverse/kernel is the kernel of layer
// 1 of encoder/lstm, in the reverse direction.
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

// gatesOf returns the number of gates, 4 for an LSTM and 3 for a GRU, from the shape of the
// recurrent weights: axis wide is as many times as long as axis narrow.
func gatesOf(t snapshot.Tensor, wide, narrow int) (int, error) {
	if len(t.Shape) == 2 && t.Shape[narrow] > 0 {
		if g := t.Shape[wide] / t.Shape[narrow]; (g == 3 || g == 4) && g*t.Shape[narrow] == t.Shape[wide] {
			return g, nil
		}
	}
	return 0, fmt.Errorf("shape %v is of neither an LSTM nor a GRU", t.Shape)
}

// transposed returns the transpose of a matrix.
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

// inverse returns the module of each layer.
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
