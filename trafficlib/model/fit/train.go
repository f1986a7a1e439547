package fit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/gomlx/compute"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/internal/programs"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// A Run is a training that has ended.
type Run struct {
	Snapshot *snapshot.Snapshot // the model as it is now, with its history
	Best     *snapshot.Snapshot // with Config.Patience, that of the lowest validation loss; else nil
	Early    bool               // whether Patience ended the training
	Resumed  int                // the step that this call resumed from; 0 if it began the training
	Taken    int                // the steps that this call took; 0 if there was nothing left to do
}

// String returns one line on what the call did. It names the snapshot without its folder, so that
// the output of a notebook is the same wherever it runs.
func (r *Run) String() string {
	s, name := r.Snapshot, filepath.Base(r.Snapshot.Path)
	if r.Best != nil {
		name += ", best " + filepath.Base(r.Best.Path)
	}
	switch {
	case r.Early && r.Taken > 0:
		return fmt.Sprintf("stopped early at step %d, since the validation loss fell no more: snapshot %s",
			s.Step, name)
	case r.Taken == 0:
		return fmt.Sprintf("nothing left to train: snapshot %s is of step %d", name, s.Step)
	case r.Resumed > 0:
		return fmt.Sprintf("resumed from step %d, trained to step %d: snapshot %s", r.Resumed, s.Step, name)
	}
	return fmt.Sprintf("trained to step %d: snapshot %s", s.Step, name)
}

// Train trains the model of a snapshot: New makes the first one of a model; the snapshot of another
// training is fine-tuned, on other data or at another learning rate. The optimizer starts anew. If
// c.Dir holds snapshots of the same training, it resumes from the latest of them and ends with the
// very weights and losses of an uninterrupted training; if they are of another, that is an error.
//
// When ctx is canceled it finishes the step, writes a snapshot, and returns an error that wraps the
// context's.
func Train(
	ctx context.Context, backend compute.Backend, from *snapshot.Snapshot, train seq.Examples, c Config,
) (*Run, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	backend, err := programs.Opened(backend)
	if err != nil {
		return nil, err
	}
	model, err := modelOf(from)
	if err != nil {
		return nil, err
	}
	if err := c.objective().check(model); err != nil {
		return nil, err
	}
	if _, err := c.rates(model.Params()); err != nil {
		return nil, err
	}
	for _, ex := range []seq.Examples{train, c.Validation} {
		if ex == nil {
			continue
		}
		if err := checkExamples(ex, model); err != nil {
			return nil, err
		}
	}
	t := &training{Config: c, model: model, train: train, sink: progress.From(ctx)}
	t.buckets = seq.Buckets(train, c.BatchSize, c.Buckets)
	if err := t.open(from); err != nil {
		return nil, err
	}
	defer t.close()
	if t.reader, err = newReader(backend, readGraph{model: model, objective: c.objective()}, c.BatchSize,
		c.Buckets); err != nil {
		return nil, err
	}
	if t.learner, err = newLearner(backend, model, c, t.last); err != nil {
		return nil, err
	}
	if train.Len() > c.BatchSize {
		t.learner.size = c.BatchSize
	}
	return t.run(ctx)
}

// A training is one call of Train.
type training struct {
	Config
	model   rnn.Model
	train   seq.Examples
	sink    progress.Sink
	learner *learner
	reader  *reader

	buckets []seq.Steps // the shapes to train at

	last    *snapshot.Snapshot // the latest on disk, or what the training starts from
	best    *snapshot.Snapshot // with Patience, that of the lowest validation loss so far
	data    snapshot.Data      // what the model learns from
	total   int                // steps in all
	resumed int                // the step that this call begins at

	state       trainingState
	step, epoch int
	history     snapshot.History
	curves      []progress.Curve // the losses of the history
}

func (t *training) close() {
	if t.learner != nil {
		t.learner.close()
	}
	if t.reader != nil {
		t.reader.close()
	}
}

// describe keeps what the examples say of their rows.
func (t *training) describe() (err error) {
	l := t.train.Lineage()
	t.data.Names = l.Names
	if l.Encoder != nil {
		if t.data.Encoder, err = l.Encoder.MarshalJSON(); err != nil {
			return err
		}
	}
	if l.Recipe != nil {
		t.data.Recipe, err = json.Marshal(l.Recipe)
	}
	return err
}

// open finds out where the training stands.
func (t *training) open(from *snapshot.Snapshot) error {
	t.total = t.Steps
	if t.total == 0 {
		t.total = t.Epochs * ((t.train.Len() + t.BatchSize - 1) / t.BatchSize)
	}
	t.state.settings = t.Config.settings(t.train, t.total, from)
	if err := t.describe(); err != nil {
		return err
	}
	t.last = from
	paths, err := snapshot.List(t.Dir)
	if err != nil || len(paths) == 0 {
		return err
	}
	s, err := snapshot.Open(paths[len(paths)-1])
	if err != nil {
		return err
	}
	var was trainingState
	if err := json.Unmarshal(s.State, &was); err != nil {
		return fmt.Errorf("fit: snapshot %s: the state of its training: %w", s.Path, err)
	}
	if s.Model.Kind != from.Model.Kind || !bytes.Equal(s.Model.Description, from.Model.Description) {
		return fmt.Errorf("fit: snapshot %s: is of a %s %s, not a %s %s: choose another Dir", s.Path,
			s.Model.Kind, s.Model.Description, from.Model.Kind, from.Model.Description)
	}
	if err := was.same(t.state.settings); err != nil {
		return fmt.Errorf("fit: snapshot %s: %w", s.Path, err)
	}
	if _, err := modelOf(s); err != nil {
		return err
	}
	t.last, t.state = s, was
	t.step, t.epoch, t.history = s.Step, s.Epoch, s.History
	t.curves = t.lossCurves()
	t.resumed = s.Step
	if t.state.Best > 0 {
		t.best, err = snapshot.Open(snapshot.Path(t.Dir, t.state.Best))
	}
	return err
}

func (t *training) run(ctx context.Context) (*Run, error) {
	begun := t.step
	for t.step < t.total && !t.early() {
		if err := t.runEpoch(ctx); err != nil {
			return nil, err
		}
	}
	r := &Run{Snapshot: t.last, Best: t.best, Early: t.early(), Resumed: t.resumed, Taken: t.step - begun}
	note := ""
	if r.Taken == 0 || r.Resumed > 0 || r.Early {
		note = r.String()
	}
	t.report(true, note)
	return r, nil
}

// runEpoch takes the remaining steps of an epoch, as far as the training goes.
func (t *training) runEpoch(ctx context.Context) error {
	order := seq.Order{BatchSize: t.BatchSize, Shuffle: true, Replace: t.Replace, Seed: t.Seed, Epoch: t.epoch,
		Buckets: t.buckets}
	batches := order.Plan(t.train)
	for {
		if err := t.between(ctx, t.state.Batch == len(batches) || t.step == t.total); err != nil {
			return err
		}
		if t.state.Batch == len(batches) || t.step == t.total {
			break
		}
		share := batches[t.state.Batch]
		b := t.train.Resize(share.Steps).Batch(share.Index)
		rate := t.Schedule.rate(t.LearningRate, t.step+1, t.total, t.state.Falls)
		loss, right, err := t.learner.step(b, t.rule().factors(rate, t.step+1), rnn.Key(t.Seed, t.step))
		if err != nil {
			return t.failed(err)
		}
		var weight float64
		for _, n := range b.TargetLengths {
			weight += t.Reduction.weight(int(n))
			if t.objective().hasAccuracy() {
				t.state.Told += float64(n)
			}
		}
		t.state.Right += right
		b.Release()
		t.step++
		t.state.Batch++
		t.state.Sum += loss * weight
		t.state.Weight += weight
		t.report(false, "")
		if ctx.Err() != nil {
			return t.stopped(ctx)
		}
	}
	if err := t.endEpoch(ctx, t.state.Batch == len(batches)); err != nil {
		return t.stoppedOr(ctx, err)
	}
	best := t.Patience > 0 && t.state.Best == t.step
	if t.step < t.total && !t.due(t.step) && !best && !t.early() {
		return nil
	}
	if err := t.save(); err != nil || !best {
		return err
	}
	return t.keepBest()
}

// between does what is due after a step and before the next one: a point of the history, with
// EvalEvery, and a snapshot within an epoch. It is called once more when a training resumes, for
// what a stop has left undone.
func (t *training) between(ctx context.Context, last bool) error {
	if t.EvalEvery > 0 && t.step > 0 && t.step%t.EvalEvery == 0 && !t.hasPoint() {
		if err := t.point(ctx, false); err != nil {
			return t.stoppedOr(ctx, err)
		}
		t.state.clear()
		t.report(false, "")
	}
	if saved := t.last.Path != "" && t.last.Step == t.step; !last && t.due(t.step) && !saved {
		return t.save()
	}
	return nil
}

// hasPoint reports whether the history has a point of the last step.
func (t *training) hasPoint() bool {
	return len(t.history) > 0 && t.history[len(t.history)-1].Step == t.step
}

// endEpoch adds a point to the history, unless points come by steps. A training that ends within an
// epoch, or between two points, has a point there too.
func (t *training) endEpoch(ctx context.Context, whole bool) error {
	if t.EvalEvery == 0 || t.step == t.total && !t.hasPoint() {
		if err := t.point(ctx, whole); err != nil {
			return err
		}
	}
	if !whole {
		return nil
	}
	t.epoch++
	t.state.Batch = 0
	if t.EvalEvery == 0 {
		t.watch(t.history[len(t.history)-1])
		t.state.clear()
	}
	return nil
}

// point measures the model, and adds a point to the history.
func (t *training) point(ctx context.Context, whole bool) error {
	p := snapshot.Point{Step: t.step, Epoch: t.epoch, Train: snapshot.Figures{Loss: t.state.Sum / t.state.Weight}}
	if t.objective().hasAccuracy() {
		p.Train.Accuracy = ratio(t.state.Right, t.state.Told)
	}
	if whole {
		p.Epoch++
	}
	number := p.Epoch
	if t.EvalEvery > 0 {
		number = t.step / t.EvalEvery
	}
	cosines := t.CosineEvery > 0 && (number%t.CosineEvery == 0 || t.step >= t.total)
	if cosines {
		f, err := measure(ctx, t.reader, t.learner.weights(), t.train)
		if err != nil {
			return err
		}
		p.Train.Cosines = f.Cosines
	}
	if t.Validation != nil {
		f, err := measure(ctx, t.reader, t.learner.weights(), t.Validation)
		if err != nil {
			return err
		}
		if !cosines {
			f.Cosines = nil
		}
		p.Valid = &f
	}
	t.history = append(t.history, p)
	t.curves = t.lossCurves()
	return t.watched(p)
}

// watched calls the callback with a point.
func (t *training) watched(p snapshot.Point) error {
	if t.Callbacks == nil {
		return nil
	}
	weights, _, err := t.learner.values()
	if err != nil {
		return err
	}
	rate := t.Schedule.rate(t.LearningRate, t.step, t.total, t.state.Falls)
	if err := t.Callbacks.Point(Checkpoint{Point: p, First: t.resumed, Total: t.total, LearningRate: rate,
		Model: t.last.Model, Weights: weights}); err != nil {
		return fmt.Errorf("fit: callback: %w", err)
	}
	return nil
}

func (t *training) report(final bool, note string) {
	u := progress.Update{
		Task: "train", Unit: "step", Done: int64(t.step), First: int64(t.resumed), Total: int64(t.total),
		Curves: t.curves, Final: final, Note: note,
	}
	if n := len(t.history); t.state.Weight > 0 {
		u.Metrics = append(u.Metrics, progress.Value{Name: "loss", Value: t.state.Sum / t.state.Weight})
	} else if n > 0 {
		u.Metrics = append(u.Metrics, progress.Value{Name: "loss", Value: t.history[n-1].Train.Loss})
	}
	if n := len(t.history); n > 0 && t.history[n-1].Valid != nil {
		u.Metrics = append(u.Metrics, progress.Value{Name: "valid", Value: t.history[n-1].Valid.Loss})
	}
	u.Metrics = append([]progress.Value{{Name: "epoch", Value: float64(t.epoch)}}, u.Metrics...)
	t.sink.Update(u)
}

// lossCurves returns how the losses went, by epoch, or with EvalEvery by step.
func (t *training) lossCurves() []progress.Curve {
	train, valid := progress.Curve{Name: "train"}, progress.Curve{Name: "validation"}
	for _, p := range t.history {
		x := float64(p.Epoch)
		if t.EvalEvery > 0 {
			x = float64(p.Step)
		}
		train.X, train.Y = append(train.X, x), append(train.Y, p.Train.Loss)
		if p.Valid != nil {
			valid.X, valid.Y = append(valid.X, x), append(valid.Y, p.Valid.Loss)
		}
	}
	if len(valid.X) == 0 {
		return []progress.Curve{train}
	}
	return []progress.Curve{train, valid}
}
