package rnn

import (
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
)

// TestManyLoops runs more independent loops than the Go backend has workers: without an order they
// would deadlock.
func TestManyLoops(t *testing.T) {
	s := Layers{Features: 2, Hidden: 3, Bidirectional: true}
	params := s.Params()
	e := MustNewExec(backends.Go(t), func(in []*Node) []*Node {
		w := weigh(params, in[1:])
		var l *Node
		for range 40 {
			y := s.Graph(w, Inputs{X: in[0]}, nil).Outputs
			l = addGrad(l, ReduceAllSum(Square(y)))
		}
		return append([]*Node{l}, Gradient(l, in[1:]...)...)
	})
	defer e.Finalize()
	in := append([]*tensors.Tensor{wave(1, 2, 20, 2)}, first(params)...)
	if got := call(t, e, in); !(got[0][0] > 0) {
		t.Errorf("the loss is %v", got[0])
	}
}

// TestEndAlone uses only the final states, so that most results of the loop are unused.
func TestEndAlone(t *testing.T) {
	for _, s := range []Layers{{Cell: LSTM}, {Cell: GRU}, {Cell: LSTM, Peephole: true},
		{Cell: GRU, Bidirectional: true, Depth: 2}} {
		s.Features, s.Hidden = 2, 3
		params := s.Params()
		in := append([]*tensors.Tensor{wave(1, 2, 4, 2)}, first(params)...)
		backends.Each(t, func(t *testing.T, be compute.Backend) {
			ends := func(all bool) [][]float32 {
				e := MustNewExec(be, func(in []*Node) []*Node {
					r := s.Graph(weigh(params, in[1:]), Inputs{X: in[0]}, nil)
					if all {
						return []*Node{r.Last, r.Outputs}
					}
					return []*Node{r.Last}
				})
				defer e.Finalize()
				return call(t, e, in)
			}
			if d := relative(ends(false)[0], ends(true)[0]); !(d <= 1e-6) {
				t.Errorf("%+v: the end alone differs by %.2g", s, d)
			}
		})
	}
}
