package rnn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// BinaryCrossEntropies returns, for each sequence [b], the sum of the cross-entropies of the labels
// target, from 0 to 1, and the probabilities σ(z) of the logits z [b, t, f], over the features and
// over the steps where mask [b, t] is 1:
//
//	-y log σ(z) - (1-y) log(1-σ(z)) = max(z, 0) - y z + log(1 + exp(-|z|))
//
// The right-hand side is accurate for any z; on the left, probabilities may be rounded to 0 or 1.
func BinaryCrossEntropies(logits, target, mask *Node) *Node {
	return WeightedBinaryCrossEntropies(logits, target, nil, mask)
}

// WeightedBinaryCrossEntropies is like BinaryCrossEntropies with weights of the labels 0 and 1; nil
// means 1 each. A label y between them has the weight w₀ (1-y) + w₁ y.
func WeightedBinaryCrossEntropies(logits, target *Node, weights []float64, mask *Node) *Node {
	z := StopGradient(logits)
	value := Add(Sub(MaxScalar(z, 0), Mul(target, z)), Log1P(Exp(Neg(Abs(z)))))
	slope := Sub(Sigmoid(z), target)
	if weights != nil {
		w := AddScalar(MulScalar(target, weights[1]-weights[0]), weights[0])
		value, slope = Mul(value, w), Mul(slope, w)
	}
	perStep := ReduceSum(withGradient(value, slope, logits), 2)
	return ReduceSum(Mul(perStep, mask), 1)
}

// CrossEntropies returns, for each sequence [b], the sum of the cross-entropies of target and the
// probabilities softmax(z) of the logits z [b, t, k], over the steps where mask [b, t] is 1. A
// target is 1 for its class and 0 for the others, or a probability for each class. weights holds
// one weight for each of the k classes; nil means 1 each:
//
//	-Σₖ wₖ yₖ log softmax(z)ₖ = Σₖ wₖ yₖ (max z + log Σⱼ exp(zⱼ - max z) - zₖ)
func CrossEntropies(logits, target *Node, weights []float64, mask *Node) *Node {
	z := StopGradient(logits)
	if weights != nil {
		w := make([]float32, len(weights))
		for k := range w {
			w[k] = float32(weights[k])
		}
		target = Mul(target, Reshape(Const(z.Graph(), w), 1, 1, len(w)))
	}
	below := Sub(z, ReduceAndKeep(z, ReduceMax, 2))
	parts := Exp(below)
	whole := ReduceAndKeep(parts, ReduceSum, 2)
	value := Mul(target, Sub(Log(whole), below))
	slope := Sub(Mul(Div(parts, whole), ReduceAndKeep(target, ReduceSum, 2)), target)
	return ReduceSum(Mul(ReduceSum(withGradient(value, slope, logits), 2), mask), 1)
}

// withGradient returns value, but with the gradient slope for x. The formulas above are smooth but
// have parts with kinks, such as max(x, 0) and |x| at 0, where the gradient that GoMLX computes is
// wrong.
func withGradient(value, slope, x *Node) *Node {
	return Add(StopGradient(value), Mul(StopGradient(slope), Sub(x, StopGradient(x))))
}
