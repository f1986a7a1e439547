package fit

import (
	"context"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/internal/programs"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
	"github.com/trafficlab/trafficlab/trafficlib/result/score"
)

// prefixes are the numbers of first packets over which the cosine similarity is measured; 0 is the
// true length.
var prefixes = []int{10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 0}

// measure returns the loss and the cosine similarities of a model on examples.
func measure(ctx context.Context, r *reader, weights []*tensors.Tensor, ex seq.Examples) (snapshot.Figures, error) {
	results, err := results(ctx, r, weights, ex)
	if err != nil {
		return snapshot.Figures{}, err
	}
	steps, _, _ := ex.Shape()
	f := snapshot.Figures{Loss: results.Loss(), Accuracy: results.accuracy()}
	for _, n := range prefixes {
		if n > steps.Target {
			continue
		}
		means := results.Cosine(n)
		f.Cosines = append(f.Cosines, snapshot.Cosine{Packets: n, Mean: score.Mean(means), Median: score.Median(means)})
	}
	return f, nil
}

// Results are how well a model predicted each of a number of examples. Steps are those of the
// targets.
type Results struct {
	Steps    []int       // the real steps of each example
	Cosines  [][]float64 // the cosine similarity of prediction and truth at each real step of each example
	Losses   []float64   // the loss of each example, a mean over its real steps, of the kind that the model was trained on
	MSE      []float64   // the mean squared error of each example over its real steps and their features
	Features []float64   // the mean squared error of each feature over all real steps

	mean  Reduction // what the loss is a mean over
	right float64   // steps that were right
	has   bool      // whether the model predicts classes or labels
}

// accuracy returns the share of all real steps that were right, for a model of classes or labels,
// else nil.
func (r *Results) accuracy() *float64 {
	if !r.has {
		return nil
	}
	var steps float64
	for _, n := range r.Steps {
		steps += float64(n)
	}
	return ratio(r.right, steps)
}

// Accuracy returns the share of all real steps that were right: the likeliest class, or each label
// for itself; and whether the model predicts classes or labels.
func (r *Results) Accuracy() (float64, bool) {
	a := r.accuracy()
	if a == nil {
		return 0, false
	}
	return *a, true
}

// Loss returns the mean of the loss over all examples, by Config.Reduction: what the model was
// trained on.
func (r *Results) Loss() float64 {
	var sum, all float64
	for i, n := range r.Steps {
		w := r.mean.weight(n)
		sum += r.Losses[i] * w
		all += w
	}
	return sum / all
}

// Cosine returns, for each example, the mean of its cosine similarities over its first n steps, or
// over all of them if it has fewer, or n is 0. An example without steps has 0.
func (r *Results) Cosine(n int) []float64 {
	means := make([]float64, len(r.Cosines))
	for i, c := range r.Cosines {
		if n > 0 && n < len(c) {
			c = c[:n]
		}
		if len(c) > 0 {
			means[i] = score.Mean(c)
		}
	}
	return means
}

// Evaluate runs the model of a snapshot over examples and compares its predictions with the truth.
func Evaluate(ctx context.Context, backend compute.Backend, s *snapshot.Snapshot, ex seq.Examples) (*Results, error) {
	r, weights, err := open(backend, s, ex, false)
	if err != nil {
		return nil, err
	}
	defer r.close()
	defer free(weights)
	return results(ctx, r, weights, ex)
}

// open prepares the model of a snapshot for examples.
func open(
	backend compute.Backend, s *snapshot.Snapshot, ex seq.Examples, guided bool,
) (*reader, []*tensors.Tensor, error) {
	backend, err := programs.Opened(backend)
	if err != nil {
		return nil, nil, err
	}
	model, err := modelOf(s)
	if err != nil {
		return nil, nil, err
	}
	if err := checkExamples(ex, model); err != nil {
		return nil, nil, err
	}
	if err := sameNames(s, ex.Lineage()); err != nil {
		return nil, nil, err
	}
	o, err := objectiveOf(s)
	if err == nil {
		err = o.check(model)
	}
	if err != nil {
		return nil, nil, err
	}
	r, err := newReader(backend, readGraph{model, o, guided}, defaultBatch, defaultBuckets)
	if err != nil {
		return nil, nil, err
	}
	return r, weightsOf(model, s), nil
}

func results(ctx context.Context, r *reader, weights []*tensors.Tensor, ex seq.Examples) (*Results, error) {
	_, _, width := ex.Shape()
	res := &Results{
		Steps: make([]int, ex.Len()), Cosines: make([][]float64, ex.Len()),
		MSE: make([]float64, ex.Len()), Losses: make([]float64, ex.Len()),
		Features: make([]float64, width), mean: r.objective.mean, has: r.objective.hasAccuracy(),
	}
	var steps float64
	err := r.each(ctx, weights, ex, func(b seq.Batch, out reading) {
		for k, length := range b.TargetLengths {
			n := int(length)
			cosines := make([]float64, n)
			for t := range cosines {
				cosines[t] = float64(out.cosines[k*b.Steps.Target+t])
			}
			i := b.Index[k]
			res.right += float64(out.right[k])
			res.Steps[i], res.Cosines[i] = n, cosines
			res.Losses[i] = float64(out.losses[k]) / float64(max(n, 1)*r.objective.width(width))
			res.MSE[i] = float64(out.errors[k]) / (float64(max(n, 1)) * float64(width))
			for f := range width {
				res.Features[f] += float64(out.features[k*width+f])
			}
			steps += float64(n)
		}
	})
	for f := range res.Features {
		res.Features[f] /= steps
	}
	return res, err
}
