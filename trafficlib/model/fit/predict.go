package fit

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/gomlx/compute"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
	"github.com/trafficlab/trafficlab/trafficlib/result/score"
)

// Predictions are what a model predicted, beside what it was to predict: two sets with a sequence
// for each example, as long as the real steps of its target. Both have the parts, labels, origins
// and starts of the examples, and their lineage.
type Predictions struct {
	Got, Want *seq.Set
}

// Predict runs the model of a snapshot over examples. It holds all predictions in memory.
func Predict(
	ctx context.Context, backend compute.Backend, s *snapshot.Snapshot, ex seq.Examples,
) (*Predictions, error) {
	return predict(ctx, backend, s, ex, false)
}

// PredictGuided is Predict with teacher forcing, for an rnn.Seq2Seq: to write a step the decoder
// reads the true step before it, and not what it has written itself, so that one error does not
// lead to the next. It shows how well a model knows what comes next, Predict how far it can go
// alone. For other models it is an error.
func PredictGuided(
	ctx context.Context, backend compute.Backend, s *snapshot.Snapshot, ex seq.Examples,
) (*Predictions, error) {
	if kind := (rnn.Seq2Seq{}).Kind(); s.Model.Kind != kind {
		return nil, fmt.Errorf("fit: PredictGuided: a %s reads nothing that it has written: want a %s",
			s.Model.Kind, kind)
	}
	return predict(ctx, backend, s, ex, true)
}

func predict(
	ctx context.Context, backend compute.Backend, s *snapshot.Snapshot, ex seq.Examples, guided bool,
) (*Predictions, error) {
	r, weights, err := open(backend, s, ex, guided)
	if err != nil {
		return nil, err
	}
	defer r.close()
	defer free(weights)
	got, want := make([][]float32, ex.Len()), make([][]float32, ex.Len())
	err = r.each(ctx, weights, ex, func(b seq.Batch, out reading) {
		for k, i := range b.Index {
			_, want[i] = b.Example(k)
			got[i] = out.prediction[k*b.Steps.Target*b.Out:][:len(want[i])]
		}
	})
	if err != nil {
		return nil, err
	}
	about := make([]seq.About, ex.Len())
	for i := range about {
		about[i] = ex.About(i)
	}
	_, _, width := ex.Shape()
	l := ex.Lineage()
	if _, in, _ := ex.Shape(); in != width {
		l = seq.Lineage{} // the targets are not rows of the inputs' features
	}
	set := func(rows [][]float32) *seq.Set { return seq.New(width, rows...).WithAbout(about...).WithLineage(l) }
	return &Predictions{Got: set(got), Want: set(want)}, nil
}

// First returns the first number of each prediction: for a model of one label its probability.
func (p *Predictions) First() []float64 {
	first := make([]float64, p.Got.Len())
	for i := range first {
		first[i] = float64(p.Got.At(i)[0])
	}
	return first
}

// Save writes the two sets into the folder dir, as got.arrow and want.arrow, which seq.Open opens.
func (p *Predictions) Save(dir string) error {
	err := atomicfile.WriteDir(dir, func(tmp string) error {
		if err := p.Got.Save(filepath.Join(tmp, "got.arrow")); err != nil {
			return err
		}
		return p.Want.Save(filepath.Join(tmp, "want.arrow"))
	})
	if err != nil {
		return fmt.Errorf("fit: %w", err)
	}
	return nil
}

// Part returns the predictions of the examples of some parts.
func (p *Predictions) Part(names ...string) *Predictions {
	return &Predictions{Got: p.Got.Part(names...), Want: p.Want.Part(names...)}
}

// Features returns the mean squared error of each feature over all steps of all predictions.
func (p *Predictions) Features() []float64 {
	var mse score.MSE
	for i := range p.Got.Len() {
		mse.Add(p.Want.At(i), p.Got.At(i), p.Got.Features())
	}
	return mse.Features()
}

// Scores scores each prediction: a row for each, with its part and label.
func (p *Predictions) Scores() (*score.SessionScores, error) {
	scores := new(score.SessionScores)
	for i := range p.Got.Len() {
		if err := scores.Add(p.Got.About(i), p.Want.At(i), p.Got.At(i), p.Got.Features()); err != nil {
			return nil, err
		}
	}
	return scores, nil
}

// RMSE returns, for each prediction, the mean over its steps of the root of each step's mean
// squared error.
func (p *Predictions) RMSE() []float64 {
	means := make([]float64, p.Got.Len())
	for i, steps := range p.Steps() {
		means[i] = score.Mean(steps)
	}
	return means
}

// Cosine returns, for each prediction, the mean over its steps of the cosine similarity to the
// truth.
func (p *Predictions) Cosine() []float64 {
	means := make([]float64, p.Got.Len())
	for i, steps := range p.Cosines() {
		means[i] = score.Mean(steps)
	}
	return means
}

// Cosines returns, for each prediction, the cosine similarity of each step. Like Steps it goes with
// score.MeanWhere.
func (p *Predictions) Cosines() [][]float64 {
	each := make([][]float64, p.Got.Len())
	for i := range each {
		each[i] = score.Cosine(p.Want.At(i), p.Got.At(i), p.Got.Features())
	}
	return each
}

// Steps returns, for each prediction, the root mean squared error of each step.
func (p *Predictions) Steps() [][]float64 {
	each := make([][]float64, p.Got.Len())
	for i := range each {
		each[i] = score.RMSE(p.Want.At(i), p.Got.At(i), p.Got.Features())
	}
	return each
}

// Decoded returns the predictions of a model of one feature as one series, the steps of one after
// those of the other, in the values that they had before their encoder was applied. It is an error
// if there are more features, or the encoder has no inverse.
func (p *Predictions) Decoded() ([]float64, error) {
	if n := p.Got.Features(); n != 1 {
		return nil, fmt.Errorf("fit: Decoded: predictions of %d features are not a series", n)
	}
	var rows []float32
	for r := range p.Got.Sequences() {
		rows = append(rows, r...)
	}
	if e, ok := p.Got.Encoder().(interface{ Inverse(rows []float32) error }); ok {
		if err := e.Inverse(rows); err != nil {
			return nil, err
		}
	}
	return seq.New(1, rows).Column(0, 0), nil
}
