package rnn

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// BinaryCrossEntropies gives, for each sequence [b], the sum of the cross-entropies of the labels target, from 0 to 1,
// and the probabilities σ(z) for the logits z [b, t, f], over the features and over the steps where mask [b, t] is 1:
//
//	-y log σ(z) - (1-y) log(1-σ(z)) = max(z, 0) - y z + log(1 + exp(-|z|))
//
// which is exact for any z, where the logarithm of a probability that is rounded to 0 or 1 is not.
func BinaryCrossEntropies(logits, target, mask *Node) *Node {
	return WeightedBinaryCrossEntropies(logits, target, nil, mask)
}

// WeightedBinaryCrossEntropies returns the same with weights of the labels 0 and 1, nil for 1 each. What is between them counts
// between them, w₀ (1-y) + w₁ y.
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

// CrossEntropies gives, for each sequence [b], the sum of the cross-entropies of the classes target and the
// probabilities softmax(z) for the logits z [b, t, k], over the steps where mask [b, t] is 1. A target is 1 for its
// class and 0 for the others, or a probability for each; weights are those of the classes, k of them, nil for 1 each:
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

// withGradient is value, but has the gradient slope for x: at a kink of its parts, as max(x, 0) and |x| have at 0, the
// gradient that GoMLX puts together is wrong though the whole is smooth.
func withGradient(value, slope, x *Node) *Node {
	return Add(StopGradient(value), Mul(StopGradient(slope), Sub(x, StopGradient(x))))
}
