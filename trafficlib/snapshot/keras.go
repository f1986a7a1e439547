package snapshot

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sbinet/npyio/npz"
)

// ReadKeras reads the weights of a Keras LSTM layer: the tensors kernel [f, 4h], recurrent_kernel [h, 4h] and bias
// [4h], gates in Keras' order i, f, c, o, from a NumPy archive (.npz) or a safetensors file. They come back under the
// names that package rnn gives them: "lstm/kernel" and so on. Float64 values are rounded to float32.
func ReadKeras(path string) (Tensors, error) {
	var ts Tensors
	var err error
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".npz":
		ts, err = readNPZ(path)
	case ".safetensors":
		ts, err = ReadSafetensors(path)
	default:
		err = fmt.Errorf("snapshot: %s: Keras weights are read from .npz or .safetensors, not %q", path, ext)
	}
	if err != nil {
		return nil, err
	}
	out := Tensors{}
	for _, name := range []string{"kernel", "recurrent_kernel", "bias"} {
		t, ok := ts[name]
		if !ok {
			return nil, fmt.Errorf("snapshot: %s: no tensor %q, there are %v", path, name, slices.Sorted(maps.Keys(ts)))
		}
		out["lstm/"+name] = t
	}
	return out, checkLSTM(path, out)
}

func checkLSTM(path string, ts Tensors) error {
	k, r, b := ts["lstm/kernel"].Shape, ts["lstm/recurrent_kernel"].Shape, ts["lstm/bias"].Shape
	if len(k) != 2 || len(r) != 2 || len(b) != 1 || r[1] != 4*r[0] || k[1] != r[1] || b[0] != r[1] {
		return fmt.Errorf("snapshot: %s: kernel %v, recurrent_kernel %v and bias %v are not those of one LSTM", path, k, r, b)
	}
	return nil
}

func readNPZ(path string) (Tensors, error) {
	r, err := npz.Open(path)
	if err != nil {
		return nil, fmt.Errorf("snapshot: %s: %w", path, err)
	}
	defer r.Close()
	ts := Tensors{}
	for _, key := range r.Keys() {
		header := r.Header(key)
		name := strings.TrimSuffix(key, ".npy")
		fail := func(why string) error { return fmt.Errorf("snapshot: %s: array %q: %s", path, name, why) }
		if header.Descr.Fortran {
			return nil, fail("is in Fortran order")
		}
		shape := header.Descr.Shape
		n, err := volume(shape)
		if err != nil {
			return nil, fail(err.Error())
		}
		t := Tensor{Shape: shape}
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
		ts[name] = t
	}
	return ts, nil
}
