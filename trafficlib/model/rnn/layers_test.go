package rnn

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
)

// first returns the initial weights of parameters as tensors.
func first(params []Param) (ts []*tensors.Tensor) {
	values := StartParams(params, 1)
	for _, p := range params {
		ts = append(ts, tensors.FromFlatDataAndDimensions(values[p.Name], p.Shape...))
	}
	return ts
}

// weigh maps the names of parameters to their nodes.
func weigh(params []Param, nodes []*Node) map[string]*Node {
	w := map[string]*Node{}
	for i, p := range params {
		w[p.Name] = nodes[i]
	}
	return w
}

// TestRagged checks that a sequence in a padded batch yields the same outputs, final state and
// gradients as on its own, whatever the padding holds.
func TestRagged(t *testing.T) {
	const steps, f = 6, 3
	lengths := []int{6, 1, 4, 0}
	for _, s := range []Layers{
		{Cell: LSTM, Features: f, Hidden: 4, Depth: 2, Bidirectional: true, LayerNorm: true},
		{Cell: GRU, Features: f, Hidden: 4, Depth: 2, Bidirectional: true},
		{Cell: LSTM, Features: f, Hidden: 4, Peephole: true},
	} {
		params := s.Params()
		weights := first(params)
		// For the batch: the outputs at the true steps, the final state, and the gradients of all
		// weights and of x.
		evaluate := func(t *testing.T, be compute.Backend, x *tensors.Tensor, lengths []int32) [][]float32 {
			e := MustNewExec(be, func(in []*Node) []*Node {
				x, mask := Inputs{X: in[0], Lengths: in[1]}.sequence()
				y, last, _ := s.run(weigh(params, in[2:]), x, nil, mask, nil)
				y = Mul(y, mask)
				l := Add(ReduceAllSum(Mul(y, AddScalar(Sin(y), 1))), ReduceAllSum(Square(last)))
				return append(
					[]*Node{TransposeAllAxes(y, 1, 0, 2), last},
					Gradient(l, append([]*Node{in[0]}, in[2:]...)...)...)
			})
			defer e.Finalize()
			in := append([]*tensors.Tensor{x, tensors.FromFlatDataAndDimensions(lengths, len(lengths))}, weights...)
			return call(t, e, in)
		}
		x := filled(func(i int) float32 { return float32(math.Sin(float64(3 * i))) }, len(lengths), steps, f)
		values := tensors.MustCopyFlatData[float32](x)
		t.Run(fmt.Sprintf("%s,layers=%d", s.Cell, s.depth()), func(t *testing.T) {
			backends.Each(t, func(t *testing.T, be compute.Backend) {
				var of []int32
				for _, n := range lengths {
					of = append(of, int32(n))
				}
				batch := evaluate(t, be, x, of)
				sums := make([][]float64, len(params))
				for i, n := range lengths {
					if n == 0 {
						continue
					}
					alone := evaluate(t, be, tensors.FromFlatDataAndDimensions(values[i*steps*f:][:n*f], 1, n, f),
						[]int32{int32(n)})
					for k, width := range []int{s.Out(), 0, f} {
						if k == 1 {
							continue
						}
						if d := relative(batch[k][i*steps*width:][:n*width], alone[k]); !(d <= 2e-6) {
							t.Errorf("sequence %d: output %d differs by %.2g", i, k, d)
						}
					}
					if d := relative(batch[1][i*s.Out():][:s.Out()], alone[1]); !(d <= 1e-6) {
						t.Errorf("sequence %d: its end differs by %.2g", i, d)
					}
					for k := range params {
						if sums[k] == nil {
							sums[k] = make([]float64, len(alone[3+k]))
						}
						for j, v := range alone[3+k] {
							sums[k][j] += float64(v)
						}
					}
				}
				for k, p := range params {
					want := make([]float32, len(sums[k]))
					for j, v := range sums[k] {
						want[j] = float32(v)
					}
					got := batch[3+k]
					if strings.HasSuffix(p.Name, "_norm/beta") {
						continue // the final state of a sequence without steps is a constant only on its own
					}
					if d := relative(got, want); !(d <= 2e-6) {
						t.Errorf("gradient of %s differs by %.2g", p.Name, d)
					}
				}
			})
		})
	}
}

// TestStates checks that a sequence that is read in two pieces, the second from the final states of
// the first, yields the same outputs, final state and gradients as in one, whether it ends in the
// first piece or in the second.
func TestStates(t *testing.T) {
	const steps, cut, b, f = 6, 2, 4, 3
	lengths := []int32{6, 1, 3, 0}
	for _, s := range []Layers{
		{Cell: LSTM, Depth: 2, LayerNorm: true},
		{Cell: LSTM, Peephole: true},
		{Cell: GRU, Depth: 2},
	} {
		s.Features, s.Hidden = f, 4
		params := s.Params()
		in := []*tensors.Tensor{wave(1, b, steps, f), tensors.FromFlatDataAndDimensions(lengths, b)}
		width := s.layer(0, 0).states()
		for range s.depth() * width {
			in = append(in, wave(.7, b, s.Hidden))
		}
		given := len(in)
		in = append(in, first(params)...)
		backends.Each(t, func(t *testing.T, be compute.Backend) {
			read := func(whole bool) [][]float32 {
				e := MustNewExec(be, func(in []*Node) []*Node {
					w := weigh(params, in[given:])
					var initial []State
					for k := 2; k < given; k += width {
						initial = append(initial, in[k:k+width])
					}
					piece := func(from, to int, initial []State) Output {
						g := in[0].Graph()
						n := Max(Min(in[1], Const(g, int32(to))), Const(g, int32(from)))
						piece := Inputs{X: SliceAxis(in[0], 1, AxisRange(from, to)),
							Lengths: Sub(n, Const(g, int32(from)))}
						return s.Graph(w, piece, initial)
					}
					var r Output
					if whole {
						r = piece(0, steps, initial)
					} else {
						r = piece(0, cut, initial)
						y := r.Outputs
						r = piece(cut, steps, r.Final)
						r.Outputs = Concatenate([]*Node{y, r.Outputs}, 1)
					}
					y := Mul(r.Outputs, InsertAxes(Mask(in[1], steps), -1))
					out := []*Node{y, r.Last}
					l := Add(ReduceAllSum(Mul(y, Sin(y))), ReduceAllSum(Sin(r.Last)))
					for _, state := range r.Final {
						for _, v := range state {
							out = append(out, v)
							l = Add(l, ReduceAllSum(Square(v)))
						}
					}
					return append(out, Gradient(l, append([]*Node{in[0]}, in[2:]...)...)...)
				})
				defer e.Finalize()
				return call(t, e, in)
			}
			want, got := read(true), read(false)
			for k := range want {
				if d := relative(got[k], want[k]); !(d <= 2e-6) {
					t.Errorf("%s: result %d differs by %.2g", s.Cell, k, d)
				}
			}
		})
	}
	be := backends.Go(t)
	_, err := ExecOnce(be, func(x *Node) *Node {
		s := Layers{Features: f, Hidden: 4, Depth: 2}
		return s.Graph(nil, Inputs{X: x}, []State{{x, x}}).Last
	}, wave(1, b, steps, f))
	if err == nil || !strings.Contains(err.Error(), "rnn: 1 initial states for 2 layers") {
		t.Errorf("too few states: %v", err)
	}
}

// TestEveryWeightHasAGradient guards against nodes that a While captures, whose gradient is
// silently zero.
func TestEveryWeightHasAGradient(t *testing.T) {
	for _, s := range []Layers{
		{Cell: LSTM, Depth: 2, Bidirectional: true, LayerNorm: true, Peephole: true, Dropout: 0.3, Variational: true,
			RecurrentDropout: 0.2},
		{Cell: GRU, Depth: 2, Bidirectional: true, LayerNorm: true, Dropout: 0.3, RecurrentDropout: 0.2,
			Gates: HardSigmoidGates},
	} {
		s.Features, s.Hidden = 3, 4
		params := s.Params()
		x := filled(func(i int) float32 { return float32(math.Sin(float64(3 * i))) }, 6, 2, 3)
		backends.Each(t, func(t *testing.T, be compute.Backend) {
			e := MustNewExec(be, func(in []*Node) []*Node {
				y, last, _ := s.run(weigh(params, in[2:]), in[0], nil, nil, in[1])
				l := Add(ReduceAllSum(Mul(y, Sin(y))), ReduceAllSum(Sin(last)))
				return Gradient(l, in[2:]...)
			})
			defer e.Finalize()
			key := Key(1, 2)
			for k, g := range call(t, e,
				append([]*tensors.Tensor{x, tensors.FromFlatDataAndDimensions(key[:], 2)}, first(params)...)) {
				for _, v := range g {
					if v == 0 || math.IsNaN(float64(v)) {
						t.Errorf("a gradient of %s is %v", params[k].Name, v)
						break
					}
				}
			}
		})
	}
}

func TestDrop(t *testing.T) {
	const steps, b, f, rate = 50, 40, 10, 0.3
	dropped := map[string][]float32{}
	backends.Each(t, func(t *testing.T, be compute.Backend) {
		e := MustNewExec(be, func(key *Node) []*Node {
			x := Ones(key.Graph(), shapeOf32(steps, b, f))
			return []*Node{
				drop(x, key, 1, rate, false), drop(x, key, 2, rate, false),
				drop(x, key, 1, rate, true), drop(x, nil, 1, rate, false),
			}
		})
		defer e.Finalize()
		at := func(seed int64, step int) [][]float32 {
			key := Key(seed, step)
			return call(t, e, []*tensors.Tensor{tensors.FromFlatDataAndDimensions(key[:], 2)})
		}
		out := at(7, 3)
		for k, v := range out[:2] {
			var zeros int
			for _, x := range v {
				if x == 0 {
					zeros++
				} else if math.Abs(float64(x)-1/(1-rate)) > 1e-6 {
					t.Fatalf("kept value %v", x)
				}
			}
			// Four standard deviations of a binomial distribution.
			n := float64(len(v))
			if d := math.Abs(float64(zeros) - rate*n); d > 4*math.Sqrt(n*rate*(1-rate)) {
				t.Errorf("mask %d: %d of %v values dropped", k, zeros, n)
			}
		}
		for i, x := range out[2] {
			if x != out[2][i%(b*f)] {
				t.Fatal("a variational mask changes within a sequence")
			}
		}
		if slices.Contains(out[3], 0) {
			t.Error("values are dropped outside of training")
		}
		if slices.Equal(out[0], out[1]) || slices.Equal(out[0], at(7, 4)[0]) || slices.Equal(out[0], at(8, 3)[0]) ||
			slices.Equal(out[0], at(7+1<<32, 3)[0]) {
			t.Error("masks of two places, steps or seeds are the same")
		}
		if !slices.Equal(out[0], at(7, 3)[0]) {
			t.Error("the same key gives another mask")
		}
		if was, ok := dropped["first"]; ok && !slices.Equal(was, out[0]) {
			t.Error("the backends drop different values")
		}
		dropped["first"] = out[0]
	})
}

func TestLayerNorm(t *testing.T) {
	backends.Each(t, func(t *testing.T, be compute.Backend) {
		out, err := ExecOnce(be, layerNorm, [][]float32{{1, 2, 3, 6}}, []float32{1, 1, 2, 1}, []float32{0, 0, 0, 5})
		if err != nil {
			t.Fatal(err)
		}
		sd := math.Sqrt((4+1+0+9)/4. + 1e-5)
		want := []float32{float32(-2 / sd), float32(-1 / sd), 0, float32(3/sd + 5)}
		if d := relative(tensors.MustCopyFlatData[float32](out), want); !(d <= 1e-6) {
			t.Errorf("got %v, want %v", out, want)
		}
	})
}
