// Package fit trains the models of package rnn on the examples of package seq, and uses them.
//
// Train takes a backend, the snapshot of an untrained model (New) or of another training, examples
// and a [Config], and returns a snapshot: a folder that holds all that is needed to predict, to
// resume training, or to train further on other data. Evaluate measures a snapshot on examples, and
// Predict returns what it predicts. The same seed on the same backend yields the same losses, and a
// training that was stopped and resumed yields those of an uninterrupted one. Losses, errors and
// predictions are over the real steps of the targets, which may be more or fewer than those of the
// inputs. A panic of a graph becomes an error here.
//
// A long training reports to the progress sink of its context, and stops at the end of a step when
// the context is canceled, with a snapshot of that step.
package fit

import (
	"fmt"
	"strings"

	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// New returns an untrained model as a snapshot of step 0. Its weights depend on the seed alone.
func New(model rnn.Model, seed int64) (*snapshot.Snapshot, error) {
	if err := model.Check(); err != nil {
		return nil, err
	}
	weights := snapshot.Tensors{}
	values := rnn.Start(model, seed)
	for _, p := range model.Params() {
		weights[p.Name] = snapshot.Tensor{Shape: p.Shape, Data: values[p.Name]}
	}
	return Import(model, weights)
}

// Import returns a model with weights from elsewhere, from exchange.ReadKeras for instance, as a
// snapshot of step 0.
func Import(model rnn.Model, weights snapshot.Tensors) (*snapshot.Snapshot, error) {
	if err := model.Check(); err != nil {
		return nil, err
	}
	description, err := describe(model)
	if err != nil {
		return nil, err
	}
	s := &snapshot.Snapshot{Model: description, Weights: weights, Slots: snapshot.Tensors{}}
	return s, checkWeights(model, s)
}

// modelOf rebuilds the model of a snapshot, and makes sure that its weights are the model's.
func modelOf(s *snapshot.Snapshot) (rnn.Model, error) {
	model, err := rnn.Open(s.Model.Kind, s.Model.Description)
	if err == nil {
		err = checkWeights(model, s)
	}
	if err != nil {
		return nil, fmt.Errorf("fit: snapshot %s: %w", s.Path, err)
	}
	return model, nil
}

// checkExamples reports whether a model can read examples, and learn from them.
func checkExamples(ex seq.Examples, model rnn.Model) error {
	if err := ex.Check(); err != nil {
		return err
	}
	if _, in, out := ex.Shape(); in != model.In() || out != model.Out() {
		return fmt.Errorf("fit: examples of %d features with targets of %d for a model of %d and %d", in, out,
			model.In(), model.Out())
	}
	return nil
}

func checkWeights(model rnn.Model, s *snapshot.Snapshot) error {
	params := model.Params()
	for _, p := range params {
		t, ok := s.Weights[p.Name]
		if !ok {
			return fmt.Errorf("fit: the weights lack %q, which a %s has", p.Name, model.Kind())
		}
		if fmt.Sprint(t.Shape) != fmt.Sprint(p.Shape) {
			return fmt.Errorf("fit: weight %q is %v, the model wants %v", p.Name, t.Shape, p.Shape)
		}
	}
	if len(s.Weights) != len(params) {
		return fmt.Errorf("fit: %d weights for a model of %d", len(s.Weights), len(params))
	}
	return nil
}

// try calls f and returns a panic of GoMLX as an error of one line.
func try(what string, f func() error) error {
	var err error
	if panicked := exceptions.TryCatch[error](func() { err = f() }); panicked != nil {
		err = panicked
	}
	if err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		if _, cause, ok := strings.Cut(line, "panicked: "); ok { // the words before are about GoMLX's insides
			line = cause
		}
		return fmt.Errorf("fit: %s: %s", what, line)
	}
	return nil
}
