package fit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// due reports whether a step gets a snapshot.
func (t *training) due(step int) bool {
	for _, at := range t.SnapshotAt {
		if step == int(math.Ceil(at*float64(t.total))) {
			return true
		}
	}
	return false
}

func (t *training) save() error {
	weights, slots, err := t.learner.values()
	if err != nil {
		return err
	}
	state, err := json.Marshal(t.state)
	if err != nil {
		return err
	}
	s := &snapshot.Snapshot{
		Model: t.last.Model, Data: t.data, Step: t.step, Epoch: t.epoch, State: state, History: t.history,
		Weights: weights, Slots: slots,
	}
	if err := s.Save(t.Dir); err != nil {
		return err
	}
	t.last = s
	return nil
}

// watch updates what depends on the loss of a whole epoch: the learning rate, and an early end.
func (t *training) watch(p snapshot.Point) {
	loss := p.Train.Loss
	if p.Valid != nil {
		loss = p.Valid.Loss
	}
	if t.Schedule.Kind == Plateau && !t.state.Plateau.better(loss, plateauMargin) &&
		t.state.Plateau.Since == t.Schedule.Patience {
		t.state.Falls++
		t.state.Plateau.Since = 0
	}
	if t.Patience > 0 && t.state.Valid.better(loss, 0) {
		t.state.Best = t.step
	}
}

// early reports whether the validation loss has not fallen for too long.
func (t *training) early() bool { return t.Patience > 0 && t.state.Valid.Since >= t.Patience }

// keepBest makes the snapshot just written the best one. The former best is
// removed, unless it was due.
func (t *training) keepBest() error {
	before := t.best
	t.best = t.last
	if before == nil || t.due(before.Step) {
		return nil
	}
	if err := os.RemoveAll(before.Path); err != nil {
		return fmt.Errorf("fit: remove the snapshot that was best before: %w", err)
	}
	return nil
}

// stopped ends a training whose context was canceled.
func (t *training) stopped(ctx context.Context) error {
	if err := t.save(); err != nil {
		return err
	}
	t.report(true, "stopped: snapshot "+filepath.Base(t.last.Path))
	return fmt.Errorf("fit: stopped at step %d of %d with snapshot %s: train again to go on: %w", t.step,
		t.total, t.last.Path, context.Cause(ctx))
}

// stoppedOr returns stopped if the context was canceled, which has caused err, and else err.
func (t *training) stoppedOr(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return t.stopped(ctx)
	}
	return err
}

// failed ends a training that cannot continue. A step that made a NaN or an infinity has changed
// nothing, so that the weights before it are kept.
func (t *training) failed(err error) error {
	var bad notFinite
	if errors.As(err, &bad) && t.step > 0 && t.last.Path != snapshot.Path(t.Dir, t.step) {
		if err := t.save(); err != nil {
			return err
		}
	}
	kept := "there is no snapshot yet"
	if t.last.Path != "" {
		kept = "the last snapshot is " + t.last.Path
	}
	err = fmt.Errorf("fit: step %d of %d: %w; %s", t.step+1, t.total, err, kept)
	t.report(true, "failed")
	return err
}
