package fit

import (
	"math"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
)

// TestOptimizers takes ten steps on a weight with given gradients, and compares with the formulas in float64.
func TestOptimizers(t *testing.T) {
	gradients := []float64{0.5, -0.25, 1e-4, 3, 0, -2e-5, 0.1, 0.1, -0.4, 0.05}
	const rate = 0.01
	formulas := map[Optimizer]func(w, m, v *float64, d float64, step int){
		SGD: func(w, m, v *float64, d float64, step int) { *w -= rate * d },
		RMSProp: func(w, m, v *float64, d float64, step int) {
			*v = 0.9**v + 0.1*d*d
			*w -= rate * d / math.Sqrt(*v+1e-7)
		},
		Adam: func(w, m, v *float64, d float64, step int) {
			*m = 0.9**m + 0.1*d
			*v = 0.999**v + 0.001*d*d
			n := float64(step)
			*w -= rate * math.Sqrt(1-math.Pow(0.999, n)) / (1 - math.Pow(0.9, n)) * *m / (math.Sqrt(*v) + 1e-7)
		},
	}
	backends.Each(t, func(t *testing.T, b compute.Backend) {
		for o, formula := range formulas {
			e := MustNewExec(b, func(in []*Node) []*Node {
				w, slots := o.update(in[0], in[1], in[2], in[3:])
				return append([]*Node{w}, slots...)
			})
			want, m, v := 1.0, 0.0, 0.0
			state := []*tensors.Tensor{tensors.FromScalar(float32(1))}
			for range o.slots() {
				state = append(state, tensors.FromScalar(float32(0)))
			}
			for i, d := range gradients {
				args := []any{state[0], float32(d), o.rate(rate, i+1)}
				for _, s := range state[1:] {
					args = append(args, s)
				}
				out, err := e.Call(args...)
				if err != nil {
					t.Fatal(err)
				}
				state = out
				formula(&want, &m, &v, d, i+1)
				if got := float64(tensors.ToScalar[float32](state[0])); math.Abs(got-want) > 1e-5*math.Abs(want) {
					t.Errorf("%s, step %d: %.8f, want %.8f", o, i+1, got, want)
				}
			}
			e.Finalize()
		}
	})
}
