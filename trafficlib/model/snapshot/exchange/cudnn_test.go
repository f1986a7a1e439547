package exchange

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// counted returns a tensor of different values.
func counted(shape ...int) snapshot.Tensor {
	t := snapshot.Tensor{Shape: shape}
	n := 1
	for _, d := range shape {
		n *= d
	}
	for i := range n {
		t.Data = append(t.Data, float32(i*i%251)+float32(i)/8)
	}
	return t
}

// toCuDNN is the inverse conversion, as in Keras, gate by gate: the rows of the kernel fill a
// matrix column by column, which is then read row by row, and the recurrent kernel is transposed.
func toCuDNN(kernel, recurrent snapshot.Tensor, gates int) (k, r snapshot.Tensor) {
	rows, h := kernel.Shape[0], recurrent.Shape[0]
	k = snapshot.Tensor{Shape: kernel.Shape, Data: make([]float32, len(kernel.Data))}
	r = snapshot.Tensor{Shape: recurrent.Shape, Data: make([]float32, len(recurrent.Data))}
	for g := range gates {
		for n := range rows * h { // the n-th value of the transposed gate, row by row
			i, j := n%rows, n/rows
			k.Data[n/h*gates*h+g*h+n%h] = kernel.Data[i*gates*h+g*h+j]
		}
		for i := range h {
			for j := range h {
				r.Data[i*gates*h+g*h+j] = recurrent.Data[j*gates*h+g*h+i]
			}
		}
	}
	return k, r
}

// TestCuDNN converts the weights of cuDNN layers to those of an LSTM and a GRU.
func TestCuDNN(t *testing.T) {
	const f, h = 5, 3
	for gates, cell := range map[int]string{4: "lstm", 3: "gru"} {
		kernel, recurrent := counted(f, gates*h), counted(h, gates*h)
		k, r := toCuDNN(kernel, recurrent, gates)
		bias := counted(2 * gates * h)
		want := snapshot.Tensors{cell + "/kernel": kernel, cell + "/recurrent_kernel": recurrent, cell +
			"/bias": {Shape: []int{2, gates * h}, Data: bias.Data}}
		if gates == 4 {
			sum := snapshot.Tensor{Shape: []int{gates * h}}
			for i := range gates * h {
				sum.Data = append(sum.Data, bias.Data[i]+bias.Data[gates*h+i])
			}
			want[cell+"/bias"] = sum
		}
		name := "cu_dnn" + cell
		got, err := FromKeras(snapshot.Tensors{name + "/kernel:0": k, name + "/recurrent_kernel:0": r, name +
			"/bias:0": bias}, Names{name: cell})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v\nwant %v", cell, got, err, want)
		}
	}
	if _, err := FromKeras(snapshot.Tensors{"x/kernel": counted(5, 7), "x/recurrent_kernel": counted(3, 12),
		"x/bias": counted(24)}, Names{"x": "lstm"}); err == nil ||
		!strings.Contains(err.Error(), "do not form a layer of cuDNN") {
		t.Errorf("other shapes: %v", err)
	}
}

// TestFortran reads arrays in the order of Fortran.
func TestFortran(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.npz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	put := func(name string, shape string, values []float32) {
		w, err := z.Create(name + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		head := fmt.Sprintf("{'descr': '<f4', 'fortran_order': True, 'shape': %s, }", shape)
		head += strings.Repeat(" ", 117-len(head)) + "\n"
		b := append([]byte("\x93NUMPY\x01\x00"), byte(len(head)), 0)
		b = append(b, head...)
		for _, v := range values {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
		w.Write(b)
	}
	put("matrix", "(2, 3)", []float32{1, 4, 2, 5, 3, 6})
	put("cube", "(2, 2, 2)", []float32{1, 5, 3, 7, 2, 6, 4, 8})
	put("row", "(3,)", []float32{1, 2, 3})
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	f.Close()
	got, err := ReadTensors(path)
	want := snapshot.Tensors{"matrix": {Shape: []int{2, 3}, Data: []float32{1, 2, 3, 4, 5, 6}},
		"cube": {Shape: []int{2, 2, 2}, Data: []float32{1, 2, 3, 4, 5, 6, 7, 8}},
		"row":  {Shape: []int{3}, Data: []float32{1, 2, 3}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	for _, name := range []string{"model.h5", "model.keras"} {
		if _, err := ReadTensors(name); err == nil || !strings.Contains(err.Error(), "numpy.savez(") ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
