package exchange

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// fromCuDNN turns the weights of layers that Keras 2 called CuDNNLSTM and CuDNNGRU into those of LSTM and GRU, and leaves
// others as they are. They are known by their bias, of 8 or 6 times as many values as there are units, in one row: cuDNN
// has one for the input and one for the state. An LSTM adds them, a GRU keeps both. The matrices of the gates stand in the
// same order, but are written down the other way.
//
//	bias [8h] → [4h], b[:4h] + b[4h:]        of a GRU [6h] → [2, 3h]
//	kernel, each gate G [f, h] → the values of G row by row, put in column by column
//	recurrent_kernel, each gate R [h, h] → Rᵀ
func fromCuDNN(ts snapshot.Tensors) (snapshot.Tensors, error) {
	out := maps.Clone(ts)
	for _, name := range slices.Sorted(maps.Keys(ts)) {
		layer, ok := strings.CutSuffix(name, "recurrent_kernel")
		if !ok {
			continue
		}
		kernel, recurrent, bias := ts[layer+"kernel"], ts[name], ts[layer+"bias"]
		gates, err := gatesOf(recurrent, 1, 0)
		if err != nil || len(bias.Shape) != 1 || bias.Shape[0] != 2*gates*recurrent.Shape[0] {
			continue // not of cuDNN
		}
		h := recurrent.Shape[0]
		if len(kernel.Shape) != 2 || kernel.Shape[1] != gates*h {
			return nil, fmt.Errorf("exchange: kernel %v, recurrent_kernel %v and bias %v of %q are not those of one layer of cuDNN",
				kernel.Shape, recurrent.Shape, bias.Shape, strings.TrimSuffix(layer, "/"))
		}
		out[layer+"kernel"] = eachGate(kernel, gates, func(g snapshot.Tensor) snapshot.Tensor {
			return transposed(snapshot.Tensor{Shape: []int{g.Shape[1], g.Shape[0]}, Data: g.Data})
		})
		out[name] = eachGate(recurrent, gates, transposed)
		if gates == 3 {
			out[layer+"bias"] = snapshot.Tensor{Shape: []int{2, gates * h}, Data: bias.Data}
			continue
		}
		sum := make([]float32, gates*h)
		for i := range sum {
			sum[i] = bias.Data[i] + bias.Data[len(sum)+i]
		}
		out[layer+"bias"] = snapshot.Tensor{Shape: []int{gates * h}, Data: sum}
	}
	return out, nil
}

// eachGate changes the gates of a matrix, which stand side by side, to others of the same shape.
func eachGate(t snapshot.Tensor, gates int, change func(snapshot.Tensor) snapshot.Tensor) snapshot.Tensor {
	rows, columns := t.Shape[0], t.Shape[1]
	width := columns / gates
	out := snapshot.Tensor{Shape: slices.Clone(t.Shape), Data: make([]float32, len(t.Data))}
	for k := range gates {
		g := snapshot.Tensor{Shape: []int{rows, width}}
		for i := range rows {
			g.Data = append(g.Data, t.Data[i*columns+k*width:][:width]...)
		}
		g = change(g)
		for i := range rows {
			copy(out.Data[i*columns+k*width:], g.Data[i*width:][:width])
		}
	}
	return out
}
