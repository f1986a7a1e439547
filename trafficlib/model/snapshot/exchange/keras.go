package exchange

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sbinet/npyio/npz"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// ReadKeras reads the weights of a Keras LSTM layer from a NumPy archive (.npz) or a safetensors
// file: the tensors kernel [f, 4h], recurrent_kernel [h, 4h] and bias [4h], with gates in the order
// i, f, c, o of Keras. It returns them under the names of package rnn, "lstm/kernel" and so on. It
// rounds float64 values to float32, and converts the weights of a CuDNNLSTM, whose bias is [8h], to
// those of an LSTM.
func ReadKeras(path string) (snapshot.Tensors, error) {
	ts, err := ReadTensors(path)
	if err != nil {
		return nil, err
	}
	out := snapshot.Tensors{}
	if ts, err = fromCuDNN(ts); err != nil {
		return nil, fmt.Errorf("%w (%s)", err, path)
	}
	for _, name := range []string{"kernel", "recurrent_kernel", "bias"} {
		t, ok := ts[name]
		if !ok {
			return nil, fmt.Errorf("exchange: %s: no tensor %q, there are %v", path, name, slices.Sorted(maps.Keys(ts)))
		}
		out["lstm/"+name] = t
	}
	return out, checkLSTM(path, out)
}

func checkLSTM(path string, ts snapshot.Tensors) error {
	k, r, b := ts["lstm/kernel"].Shape, ts["lstm/recurrent_kernel"].Shape, ts["lstm/bias"].Shape
	if len(k) != 2 || len(r) != 2 || len(b) != 1 || r[1] != 4*r[0] || k[1] != r[1] || b[0] != r[1] {
		return fmt.Errorf("exchange: %s: kernel %v, recurrent_kernel %v and bias %v do not form an LSTM", path, k, r, b)
	}
	return nil
}

// FromKeras converts the weights of Keras layers to those of package rnn. Tensors are called by the
// paths of Keras variables, such as lstm/lstm_cell/kernel,
// bidirectional_1/backward_lstm_1/lstm_cell/bias and dense/kernel; the ":0" of Keras 2 is ignored.
// The layouts are the same, except that the weights of CuDNNLSTM and CuDNNGRU become those of LSTM
// and GRU. A layer that is not in names is an error.
func FromKeras(ts snapshot.Tensors, names Names) (snapshot.Tensors, error) {
	out := snapshot.Tensors{}
	plain := snapshot.Tensors{}
	for name, t := range ts {
		plain[strings.TrimSuffix(name, ":0")] = t
	}
	ts, err := fromCuDNN(plain)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(ts)) {
		parts := strings.Split(name, "/")
		weight, parts := parts[len(parts)-1], parts[:len(parts)-1]
		if n := len(parts); n > 0 && strings.HasSuffix(parts[n-1], "_cell") {
			parts = parts[:n-1]
		}
		reverse := ""
		if n := len(parts); n > 1 && strings.HasPrefix(parts[n-1], "backward_") {
			parts, reverse = parts[:n-1], "_reverse"
		} else if n > 1 && strings.HasPrefix(parts[n-1], "forward_") {
			parts = parts[:n-1]
		}
		layer, ok := names[strings.Join(parts, "/")]
		if !ok {
			return nil, fmt.Errorf("exchange: Keras tensor %q: no name for layer %q", name, strings.Join(parts, "/"))
		}
		out[layer+reverse+"/"+weight] = ts[name]
	}
	return out, nil
}

// ToKeras is the inverse of FromKeras: it returns the weights by the paths of Keras variables.
// Unlike in PyTorch, names needs an entry for each layer of a stack.
func ToKeras(ts snapshot.Tensors, names Names) (snapshot.Tensors, error) {
	layers, err := names.inverse()
	if err != nil {
		return nil, err
	}
	out := snapshot.Tensors{}
	for _, name := range slices.Sorted(maps.Keys(ts)) {
		w := split(name)
		forward := strings.TrimSuffix(w.layer, "_reverse")
		layer, ok := layers[forward]
		if !ok {
			return nil, fmt.Errorf("exchange: weight %q: no name of a Keras layer for %q", name, forward)
		}
		recurrent, ok := ts[w.layer+"/recurrent_kernel"]
		if !ok {
			out[layer+"/"+w.weight] = ts[name]
			continue
		}
		gates, err := gatesOf(recurrent, 1, 0)
		if err != nil {
			return nil, fmt.Errorf("exchange: weight %q: %w", name, err)
		}
		if _, two := ts[forward+"_reverse/kernel"]; two {
			way := "/forward_"
			if w.reverse {
				way = "/backward_"
			}
			layer += way + forward[strings.LastIndexByte(forward, '/')+1:]
		}
		out[layer+map[int]string{3: "/gru_cell/", 4: "/lstm_cell/"}[gates]+w.weight] = ts[name]
	}
	return out, nil
}

func readNPZ(path string) (snapshot.Tensors, error) {
	r, err := npz.Open(path)
	if err != nil {
		return nil, fmt.Errorf("exchange: %s: %w", path, err)
	}
	defer r.Close()
	ts := snapshot.Tensors{}
	for _, key := range r.Keys() {
		header := r.Header(key)
		name := strings.TrimSuffix(key, ".npy")
		fail := func(why string) error { return fmt.Errorf("exchange: %s: array %q: %s", path, name, why) }
		shape := header.Descr.Shape
		n, err := snapshot.Volume(shape)
		if err != nil {
			return nil, fail(err.Error())
		}
		t := snapshot.Tensor{Shape: shape}
		switch header.Descr.Type {
		case "<f4":
			err = r.Read(key, &t.Data)
		case "<f8":
			var wide []float64
			err = r.Read(key, &wide)
			for _, v := range wide {
				t.Data = append(t.Data, float32(v))
			}
		default:
			return nil, fail("has type " + header.Descr.Type + ", want <f4 or <f8")
		}
		if err != nil {
			return nil, fail(err.Error())
		}
		if len(t.Data) != n {
			return nil, fail(fmt.Sprintf("shape %v has %d values", shape, len(t.Data)))
		}
		if header.Descr.Fortran {
			t.Data = rowMajor(t.Data, shape)
		}
		ts[name] = t
	}
	return ts, nil
}

// rowMajor reorders values from column-major order, as in Fortran, to row-major order.
func rowMajor(v []float32, shape []int) []float32 {
	out := make([]float32, len(v))
	index := make([]int, len(shape))
	for i := range out {
		at, stride := 0, 1
		for d, n := range shape {
			at += index[d] * stride
			stride *= n
		}
		out[i] = v[at]
		for d := len(shape) - 1; d >= 0; d-- {
			if index[d]++; index[d] < shape[d] {
				break
			}
			index[d] = 0
		}
	}
	return out
}
