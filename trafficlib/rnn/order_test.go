package rnn

import (
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
)

// TestManyLoops runs more loops side by side than the Go backend has workers: without an order it would not come back.
func TestManyLoops(t *testing.T) {
	s := Layers{Features: 2, Hidden: 3, Bidirectional: true}
	params := s.Params()
	e := MustNewExec(backends.Go(t), func(in []*Node) []*Node {
		w := weigh(params, in[1:])
		var l *Node
		for range 40 {
			y := s.Graph(w, Inputs{X: in[0]}, nil).Outputs
			l = sum(l, ReduceAllSum(Square(y)))
		}
		return append([]*Node{l}, Gradient(l, in[1:]...)...)
	})
	defer e.Finalize()
	in := append([]*tensors.Tensor{wave(1, 2, 20, 2)}, first(params)...)
	if got := call(t, e, in); !(got[0][0] > 0) {
		t.Errorf("the loss is %v", got[0])
	}
}
