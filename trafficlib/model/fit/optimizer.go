package fit

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// An Optimizer is the rule by which a step changes the weights. With w a weight, d its gradient, α
// the learning rate and t the number of the step, from 1:
type Optimizer string

const (
	// Adam (Kingma and Ba, 2015), with Keras' constants:
	//
	//	m ← 0.9 m + 0.1 d    v ← 0.999 v + 0.001 d²
	//	w ← w - α √(1-0.999ᵗ)/(1-0.9ᵗ) · m / (√v + 10⁻⁷)
	Adam Optimizer = "adam"
	// AdamW (Loshchilov and Hutter, 2019), with PyTorch's constants. λ is Config.WeightDecay; m and v
	// are Adam's, and all weights decay, biases too:
	//
	//	w ← w - α λ w - α / (1-0.9ᵗ) · m / (√(v/(1-0.999ᵗ)) + 10⁻⁸)
	AdamW Optimizer = "adamw"
	// RMSProp (Hinton, 2012), as in Keras 3: without bias correction, and with the constant under the
	// root.
	//
	//	v ← 0.9 v + 0.1 d²
	//	w ← w - α d / √(v + 10⁻⁷)
	RMSProp Optimizer = "rmsprop"
	// SGD is gradient descent: w ← w - α d. With μ = Config.Momentum above 0 it has momentum, as in
	// PyTorch (Sutskever et al., 2013, with α outside):
	//
	//	u ← μ u + d
	//	w ← w - α u
	SGD Optimizer = "sgd"
)

func (o Optimizer) check() error {
	switch o {
	case Adam, AdamW, RMSProp, SGD:
		return nil
	}
	return fmt.Errorf("fit: optimizer %q: want %q, %q, %q or %q", o, Adam, AdamW, RMSProp, SGD)
}

// A rule is an optimizer with its constants.
type rule struct {
	Optimizer
	momentum, decay float64
}

func (c Config) rule() rule { return rule{c.Optimizer, c.Momentum, c.WeightDecay} }

// slots names the tensors that the rule keeps for each weight.
func (r rule) slots() []string {
	switch {
	case r.Optimizer == Adam || r.Optimizer == AdamW:
		return []string{"m", "v"}
	case r.Optimizer == RMSProp:
		return []string{"v"}
	case r.momentum > 0:
		return []string{"u"}
	}
	return nil
}

// factors returns the three numbers that the graph of a step takes as inputs, since they change
// from step to step: the factor of the change, the constant in its denominator, and the share by
// which weights decay. Powers of 0.999 need float64.
func (r rule) factors(learningRate float64, step int) []float32 {
	change, epsilon := learningRate, 1e-7
	t := float64(step)
	root := math.Sqrt(1 - math.Pow(0.999, t))
	switch r.Optimizer {
	case Adam:
		change *= root / (1 - math.Pow(0.9, t))
	case AdamW:
		change *= root / (1 - math.Pow(0.9, t))
		epsilon = 1e-8 * root // numerator and denominator of the formula times root
	}
	return []float32{float32(change), float32(epsilon), float32(learningRate * r.decay)}
}

// update returns the new value of a weight and of its slots, for the factors of the step [3].
func (r rule) update(w, d, factors *Node, slots []*Node) (*Node, []*Node) {
	mix := func(old, new *Node, keep float64) *Node {
		return Add(MulScalar(old, keep), MulScalar(new, 1-keep))
	}
	factor := func(k int) *Node { return Reshape(SliceAxis(factors, 0, AxisElem(k))) }
	change, epsilon := factor(0), factor(1)
	switch {
	case r.Optimizer == Adam || r.Optimizer == AdamW:
		m, v := mix(slots[0], d, 0.9), mix(slots[1], Square(d), 0.999)
		next := Sub(w, Div(Mul(change, m), Add(Sqrt(v), epsilon)))
		if r.decay > 0 {
			next = Sub(next, Mul(factor(2), w))
		}
		return next, []*Node{m, v}
	case r.Optimizer == RMSProp:
		v := mix(slots[0], Square(d), 0.9)
		return Sub(w, Div(Mul(change, d), Sqrt(Add(v, epsilon)))), []*Node{v}
	case r.momentum > 0:
		u := Add(MulScalar(slots[0], r.momentum), d)
		return Sub(w, Mul(change, u)), []*Node{u}
	}
	return Sub(w, Mul(change, d)), nil
}
