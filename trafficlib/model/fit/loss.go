package fit

import (
	"encoding/json"
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// A Loss is what training minimizes: a mean over the real steps of the targets, or over the
// sequences, see Reduction.
type Loss string

const (
	// MSE is the mean squared error, Σ (p-y)² / f of a step.
	MSE Loss = "mse"
	// BinaryCrossEntropy is for models whose output is a sigmoid: -Σ (y log p + (1-y) log(1-p)) / f of
	// a step, with targets from 0 to 1, computed from the logits. With Config.ClassWeights, those of
	// the labels 0 and 1, each term counts w₀ (1-y) + w₁ y times.
	BinaryCrossEntropy Loss = "binary_crossentropy"
	// CrossEntropy is for models whose output is a softmax: -Σ wₖ yₖ log pₖ of a step, with the
	// weights Config.ClassWeights, computed from the logits. As in Keras, the weights do not change
	// the number of steps of the mean.
	CrossEntropy Loss = "crossentropy"
)

// A Reduction says what the loss is a mean over: in a step over the batch, in an evaluation over
// all examples.
type Reduction string

const (
	// OverSteps is the mean over all real steps of the targets: a sequence counts by its length.
	OverSteps Reduction = "steps"
	// OverSequences is the mean over sequences of each sequence's mean over its real steps: all
	// sequences weigh the same.
	OverSequences Reduction = "sequences"
	// Summed reports the loss of OverSequences, but minimizes each sequence's sum over its steps, in
	// the mean over sequences: gradients grow with length.
	Summed Reduction = "summed"
)

// weight returns what a sequence of n real steps counts in the mean.
func (m Reduction) weight(steps int) float64 {
	if m == OverSequences || m == Summed {
		return float64(min(steps, 1))
	}
	return float64(steps)
}

// An objective is a loss with its constants.
type objective struct {
	loss    Loss
	weights []float64
	mean    Reduction
}

func (c Config) objective() objective { return objective{c.Loss, c.ClassWeights, c.Reduction} }

// objectiveOf returns the objective that a snapshot was trained on; MSE if it was not trained.
func objectiveOf(s *snapshot.Snapshot) (objective, error) {
	state := trainingState{settings: settings{Loss: MSE, Mean: OverSteps}}
	if s.State != nil {
		if err := json.Unmarshal(s.State, &state); err != nil {
			return objective{}, fmt.Errorf("fit: snapshot %s: the state of its training: %w", s.Path, err)
		}
	}
	return objective{state.Loss, state.ClassWeights, state.Mean}, nil
}

// check reports whether a model can be trained on it.
func (o objective) check(model rnn.Model) error {
	need := map[Loss]rnn.Activation{MSE: "", BinaryCrossEntropy: rnn.SigmoidOutput, CrossEntropy: rnn.SoftmaxOutput}
	last, ok := need[o.loss]
	if !ok {
		return fmt.Errorf("fit: loss %q: want %q, %q or %q", o.loss, MSE, BinaryCrossEntropy, CrossEntropy)
	}
	if p, ok := model.(rnn.Probabilistic); last != "" && (!ok || p.Activation() != last) {
		return fmt.Errorf("fit: loss %q: the output of the %s must be %q", o.loss, model.Kind(), last)
	}
	if o.mean != OverSteps && o.mean != OverSequences && o.mean != Summed {
		return fmt.Errorf("fit: mean %q: want %q, %q or %q", o.mean, OverSteps, OverSequences, Summed)
	}
	if o.weights == nil {
		return nil
	}
	want := map[Loss]int{CrossEntropy: model.Out(), BinaryCrossEntropy: 2}[o.loss]
	if want == 0 || len(o.weights) != want {
		return fmt.Errorf("fit: %d ClassWeights for loss %q of %d outputs: they are for %q, one for each output, "+
			"and for %q, of the labels 0 and 1",
			len(o.weights), o.loss, model.Out(), CrossEntropy, BinaryCrossEntropy)
	}
	for k, w := range o.weights {
		if !(w > 0) || math.IsInf(w, 0) {
			return fmt.Errorf("fit: ClassWeights: class %d weighs %v: want a positive number", k, w)
		}
	}
	return nil
}

// graph adds the model and its loss to a computation: the prediction [b, t', out] for inputs with a
// target of that shape, and for each example [b] the sum of the loss over the steps where mask [b,
// t'] is 1.
func (o objective) graph(model rnn.Model, w map[string]*Node, in rnn.Inputs, mask *Node) (prediction, sums *Node) {
	// Without this a prediction of one step would silently be compared with all steps of a target.
	fits := func(y *Node) *Node {
		if got, want := y.Shape(), in.Target.Shape(); !got.Equal(want) {
			panic(fmt.Errorf("the %s predicts %v, the examples want %v", model.Kind(), got.Dimensions, want.Dimensions))
		}
		return y
	}
	switch o.loss {
	case BinaryCrossEntropy:
		z := fits(model.(rnn.Probabilistic).Logits(w, in))
		return Sigmoid(z), rnn.WeightedBinaryCrossEntropies(z, in.Target, o.weights, mask)
	case CrossEntropy:
		z := fits(model.(rnn.Probabilistic).Logits(w, in))
		return Softmax(z, -1), rnn.CrossEntropies(z, in.Target, o.weights, mask)
	}
	prediction = fits(model.Graph(w, in))
	return prediction, rnn.SquaredErrors(prediction, in.Target, mask)
}

// accuracies returns, for each example [b], how many of its real steps the prediction [b, t', out]
// gets right: for classes whether the likeliest is the target's, for labels the share that is
// right, with a probability above ½ as a yes, as in Keras' metrics. It is nil for a loss that has
// none.
func (o objective) accuracies(prediction, target, mask *Node) *Node {
	half := func(p *Node) *Node { return ConvertDType(GreaterThan(p, MulScalar(OnesLike(p), 0.5)), p.DType()) }
	var right *Node // [b, t']
	switch o.loss {
	case BinaryCrossEntropy:
		right = OneMinus(ReduceMean(Abs(Sub(half(prediction), half(target))), 2))
	case CrossEntropy:
		right = ConvertDType(Equal(ArgMax(prediction, 2), ArgMax(target, 2)), prediction.DType())
	default:
		return nil
	}
	return ReduceSum(Mul(right, mask), 1)
}

// hasAccuracy reports whether accuracies returns any.
func (o objective) hasAccuracy() bool { return o.loss == BinaryCrossEntropy || o.loss == CrossEntropy }

// of returns the loss of a batch, given the sums of its sequences, for targets of so many features:
// the one that is reported and the one that is minimized, both scalars.
func (o objective) of(sums, mask *Node, features int) (loss, small *Node) {
	width := o.width(features)
	switch o.mean {
	case OverSequences:
		loss = rnn.PerSequence(sums, mask, width)
	case Summed:
		return rnn.PerSequence(sums, mask, width), rnn.SumPerSequence(sums, mask, width)
	default:
		loss = rnn.PerStep(sums, mask, width)
	}
	return loss, loss
}

// width is what the loss of a step is divided by, for targets of so many features.
func (o objective) width(features int) int {
	if o.loss == CrossEntropy {
		return 1
	}
	return features
}
