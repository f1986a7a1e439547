package fit

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// Optimizer is the rule by which a step changes the weights. With w a weight, d its gradient, α the learning rate and
// t the number of the step, from 1:
type Optimizer string

const (
	// Adam (Kingma and Ba, 2015), with Keras' constants:
	//
	//	m ← 0.9 m + 0.1 d    v ← 0.999 v + 0.001 d²
	//	w ← w - α √(1-0.999ᵗ)/(1-0.9ᵗ) · m / (√v + 10⁻⁷)
	Adam Optimizer = "adam"
	// RMSProp (Hinton, 2012), as Keras 3 has it: no correction of the start, and the constant under the root.
	//
	//	v ← 0.9 v + 0.1 d²
	//	w ← w - α d / √(v + 10⁻⁷)
	RMSProp Optimizer = "rmsprop"
	// SGD is plain gradient descent: w ← w - α d.
	SGD Optimizer = "sgd"
)

func (o Optimizer) check() error {
	switch o {
	case Adam, RMSProp, SGD:
		return nil
	}
	return fmt.Errorf("fit: optimizer %q: want %q, %q or %q", o, Adam, RMSProp, SGD)
}

// slots names the tensors that the optimizer keeps for each weight.
func (o Optimizer) slots() []string {
	switch o {
	case Adam:
		return []string{"m", "v"}
	case RMSProp:
		return []string{"v"}
	}
	return nil
}

// rate is the factor of a step that depends on its number.
func (o Optimizer) rate(learningRate float64, step int) float32 {
	if o == Adam {
		t := float64(step)
		learningRate *= math.Sqrt(1-math.Pow(0.999, t)) / (1 - math.Pow(0.9, t))
	}
	return float32(learningRate)
}

// update gives the new value of a weight and of its slots.
func (o Optimizer) update(w, d, rate *Node, slots []*Node) (*Node, []*Node) {
	mix := func(old, new *Node, keep float64) *Node {
		return Add(MulScalar(old, keep), MulScalar(new, 1-keep))
	}
	const epsilon = 1e-7
	switch o {
	case Adam:
		m, v := mix(slots[0], d, 0.9), mix(slots[1], Square(d), 0.999)
		return Sub(w, Div(Mul(rate, m), AddScalar(Sqrt(v), epsilon))), []*Node{m, v}
	case RMSProp:
		v := mix(slots[0], Square(d), 0.9)
		return Sub(w, Div(Mul(rate, d), Sqrt(AddScalar(v, epsilon)))), []*Node{v}
	}
	return Sub(w, Mul(rate, d)), nil
}
