package rnn

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
)

// FuzzScan compares the scan with the unrolled layer for shapes from 1 up.
func FuzzScan(f *testing.F) {
	f.Add(uint8(0), uint8(1), uint8(1), uint8(1), uint8(1), false)
	f.Add(uint8(1), uint8(1), uint8(2), uint8(1), uint8(1), true)
	f.Add(uint8(2), uint8(5), uint8(1), uint8(4), uint8(3), true)
	f.Fuzz(func(t *testing.T, which, steps, b, in, h uint8, ragged bool) {
		c := cells[int(which)%len(cells)]
		be := backends.Go(t)
		x := c.inputs(1+int(steps)%12, 1+int(b)%5, 1+int(in)%5, 1+int(h)%5)
		want, got := run(t, be, c.unrolled, ragged, x), run(t, be, c.scanned, ragged, x)
		for k := range got {
			if d := relative(got[k], want[k]); !(d <= 1e-5) {
				t.Errorf("%s, %s differs by %.2g", c.name, names[k], d)
			}
		}
	})
}

// FuzzPadded compares what models return for a batch that is as long as its longest sequence and
// for the same batch with more padding, filled with other numbers: the predictions at the true
// steps, the loss, and the gradients of all weights. Shapes are from 1 up, and lengths from 0 to
// all steps.
func FuzzPadded(f *testing.F) {
	for which := range uint8(8) {
		f.Add(which, uint8(which), uint8(1), uint8(1), uint8(2), uint8(1), uint64(which))
		f.Add(which, uint8(4), uint8(3), uint8(2), uint8(1), uint8(5), uint64(which)+3)
	}
	f.Fuzz(func(t *testing.T, which, steps, batch, in, h, padding uint8, seed uint64) {
		T, b, in1, h1, more := 1+int(steps)%9, 1+int(batch)%4, 1+int(in)%4, 1+int(h)%4, 1+int(padding)%9
		m := []Model{
			Forecaster{Features: in1, Hidden: h1, Dense: true},
			Forecaster{Cell: GRU, Features: in1, Hidden: h1, Dense: true, Layers: 2, LayerNorm: h1 > 1},
			Forecaster{Features: in1, Hidden: h1, Dense: true, Layers: 2, Bidirectional: true, Last: true},
			Classifier{Cell: GRU, Features: in1, Hidden: h1, Classes: 3, Layers: 2, Bidirectional: true, Pool: PoolMax},
			Classifier{Features: in1, Hidden: h1, Classes: 3, Peephole: true, Pool: PoolMean},
			Seq2Seq{Cell: GRU, Features: in1, Hidden: h1, First: FirstLastInput, Input: LeakyReLU},
			Seq2Seq{Features: in1, Hidden: h1, Targets: 2, First: FirstTarget},
			Seq2Seq{Cell: GRU, Features: in1, Hidden: h1, TeacherForcing: 1},
		}[int(which)%8]
		// Each sequence has a length up to T, and one has T. Targets of a Seq2Seq have other
		// lengths, up to T too.
		lengths, targetLengths := make([]int32, b), make([]int32, b)
		for i := range lengths {
			lengths[i] = int32((seed >> (4 * i)) % uint64(T+1))
			targetLengths[i] = int32((seed >> (4*i + 17)) % uint64(T+1))
		}
		lengths[0], targetLengths[b-1] = int32(T), int32(T)
		answers := func(steps int) int { return steps }
		switch m := m.(type) {
		case Forecaster:
			targetLengths = lengths
			if m.Last {
				answers = func(int) int { return 1 }
			}
		case Classifier:
			answers = func(int) int { return 1 }
		}
		if answers(2) == 1 {
			targetLengths = make([]int32, b)
			for i := range targetLengths {
				targetLengths[i] = 1
			}
		}
		params, key := m.Params(), Key(int64(seed), 1)
		e := MustNewExec(backends.Go(t), func(in []*Node) []*Node {
			mask := Mask(in[3], in[1].Shape().Dim(1))
			y := m.Graph(weigh(params, in[5:]), Inputs{X: in[0], Target: in[1], Lengths: in[2], Key: in[4]})
			loss := MeanSquaredError(y, in[1], mask)
			y = SliceAxis(Mul(y, InsertAxes(mask, -1)), 1, AxisRange(0, answers(T)))
			return append([]*Node{y, loss}, Gradient(loss, in[5:]...)...)
		})
		defer e.Finalize()
		// The same numbers at the true steps, whatever the padding, and other numbers in the
		// padding.
		fill := func(steps, width int, lengths []int32) *tensors.Tensor {
			return filled(func(i int) float32 {
				sequence, step := i/(steps*width), i/width%steps
				if step >= int(lengths[sequence]) {
					return float32(steps)
				}
				return float32(math.Sin(float64(seed%100) + float64(7*sequence+3*step+i%width)))
			}, b, steps, width)
		}
		evaluate := func(steps int) [][]float32 {
			in := []*tensors.Tensor{
				fill(steps, m.In(), lengths), fill(answers(steps), m.Out(), targetLengths),
				tensors.FromFlatDataAndDimensions(lengths, b), tensors.FromFlatDataAndDimensions(targetLengths, b),
				tensors.FromFlatDataAndDimensions(key[:], 2),
			}
			return call(t, e, append(in, first(params)...))
		}
		want, got := evaluate(T), evaluate(T+more)
		for k := range want {
			if d := relative(got[k], want[k]); !(d <= 2e-6) {
				t.Errorf("%+v, %d of %d steps, lengths %v → %v: result %d differs by %.2g", m, T, T+more, lengths,
					targetLengths, k, d)
			}
		}
	})
}
