package exchange

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// fromCuDNN converts the weights of the CuDNNLSTM and CuDNNGRU layers of Keras 2 to those of LSTM
// and GRU, and leaves others unchanged. It recognizes such layers by their bias, one row of 8h or
// 6h values for h units: cuDNN has one bias for the input and one for the state. An LSTM adds them,
// a GRU keeps both. The gates are in the same order, but their matrices are stored transposed.
//
//	bias [8h] → [4h], b[:4h] + b[4h:]; for a GRU [6h] → [2, 3h]
//	kernel: the values of each gate G [f, h], read by rows, fill [f, h] by columns
//	recurrent_kernel: each gate R [h, h] → Rᵀ
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
			continue // not a layer of cuDNN
		}
		h := recurrent.Shape[0]
		if len(kernel.Shape) != 2 || kernel.Shape[1] != gates*h {
			return nil, fmt.Errorf("exchange: kernel %v, recurrent_kernel %v and bias %v of %q do not form a layer "+
				"of cuDNN",
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

// eachGate applies change to the gates of a matrix, which are blocks of columns. It must keep their
// shape.
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
