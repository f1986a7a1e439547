package rnn

import (
	"strings"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
)

// scaledStep is an LSTM that multiplies its input or its gradient by a weight from outside of the
// loop.
type scaledStep struct {
	lstmStep
	forward, backward *Node
}

func (s scaledStep) Forward(x, r *Node, states []*Node) (next, saved []*Node) {
	if s.forward != nil {
		x = Mul(x, s.forward)
	}
	return s.lstmStep.Forward(x, r, states)
}

func (s scaledStep) Backward(d, states, next, saved []*Node) (dx, dr, dStates []*Node) {
	dx, dr, dStates = s.lstmStep.Backward(d, states, next, saved)
	if s.backward != nil {
		dx[0] = Mul(dx[0], s.backward)
	}
	return dx, dr, dStates
}

// TestCapture checks that a step that uses a weight from outside of the loop is an error, rather
// than silently giving the weight a gradient of zero. So is a constant from outside, which go-xla
// would refuse with an obscure message.
func TestCapture(t *testing.T) {
	backends.Each(t, func(t *testing.T, be compute.Backend) {
		for name, step := range map[string]func(w *Node) Step{
			"forward":  func(w *Node) Step { return scaledStep{lstmStep{h: 3}, w, nil} },
			"backward": func(w *Node) Step { return scaledStep{lstmStep{h: 3}, nil, w} },
			"constant": func(w *Node) Step { return scaledStep{lstmStep{h: 3}, Const(w.Graph(), float32(2)), nil} },
			"nothing":  func(*Node) Step { return scaledStep{lstmStep{h: 3}, nil, nil} },
		} {
			_, err := ExecOnceN(be, func(w *Node) []*Node {
				g := w.Graph()
				h := Ones(g, shapeOf32(2, 3))
				y, _ := Scan(step(w), Mul(w, Ones(g, shapeOf32(4, 2, 12))), Ones(g, shapeOf32(3, 12)), nil,
					[]*Node{h, h}, nil)
				return Gradient(ReduceAllSum(Mul(y, w)), w)
			}, float32(1.5))
			const want = "may use only its arguments"
			if name == "nothing" {
				if err != nil {
					t.Errorf("a weight that is used outside of the loop only: %v", err)
				}
			} else if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", name, err, want)
			}
		}
	})
}
