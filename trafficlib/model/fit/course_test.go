package fit_test

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
	"github.com/trafficlab/trafficlab/trafficlib/model/device"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
	"github.com/trafficlab/trafficlab/trafficlib/result/score"
)

// stopAt is a context that is canceled after a step.
func stopAt(t *testing.T, step int64) context.Context {
	ctx, stop := context.WithCancel(t.Context())
	return progress.With(ctx, sink(func(u progress.Update) {
		if u.Done == step {
			stop()
		}
	}))
}

// TestResumeCourse stops trainings whose course depends on their past, and checks that they resume
// as if they had not been stopped.
func TestResumeCourse(t *testing.T) {
	c := fit.Config{Epochs: 8, BatchSize: 16, Validation: waves(9, 2), ClipNorm: 0.1}
	cosine, plateau, early, rmsprop := c, c, c, c
	rmsprop.Optimizer = fit.RMSProp
	cosine.Optimizer, cosine.Schedule = fit.AdamW, fit.Schedule{Kind: fit.Cosine, WarmUp: 5, Least: 1e-5}
	plateau.Optimizer, plateau.Momentum = fit.SGD, 0.9
	// This rate is too low for progress to count, the next far too high.
	plateau.LearningRate, plateau.Schedule = 1e-6, fit.Schedule{Kind: fit.Plateau, Factor: 0.5, Patience: 2}
	early.LearningRate, early.Patience = 5, 2
	// XLA would take longer to compile the same graphs.
	b, err := device.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]fit.Config{"cosine": cosine, "plateau": plateau, "early": early, "rmsprop": rmsprop} {
		c.Dir = t.TempDir()
		through, err := fromScratch(quiet(t), b, small, waves(40, 1), c)
		if err != nil {
			t.Fatal(err)
		}
		c.Dir = t.TempDir()
		for _, step := range []int64{5, 8, 9} {
			if _, err := fromScratch(stopAt(t, step), b, small, waves(40, 1), c); !errors.Is(err, context.Canceled) {
				t.Fatalf("%s: stopped with %v", name, err)
			}
		}
		resumed, err := fromScratch(quiet(t), b, small, waves(40, 1), c)
		if err != nil {
			t.Fatal(err)
		}
		got, want := resumed.Snapshot, through.Snapshot
		if !reflect.DeepEqual(got.Weights, want.Weights) || !reflect.DeepEqual(got.History, want.History) ||
			string(got.State) != string(want.State) {
			t.Errorf("%s: went on to another end:\n%s\n%s", name, got.State, want.State)
		}
		if name == "plateau" && !strings.Contains(string(got.State), `"falls":3`) { // after epochs 3, 5 and 7
			t.Errorf("the rate fell otherwise than 3 times: %s", got.State)
		}
		if name == "early" && (!resumed.Early || resumed.Best.Step != through.Best.Step) {
			t.Errorf("early end %v, best %v, want %v", resumed.Early, resumed.Best, through.Best)
		}
	}
}

func TestEarlyStop(t *testing.T) {
	b, err := device.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c := fit.Config{Dir: dir, Epochs: 40, BatchSize: 16, Validation: waves(9, 2), LearningRate: 0.5, Patience: 3,
		SnapshotAt: []float64{1}}
	run, err := fromScratch(quiet(t), b, small, waves(40, 1), c)
	if err != nil {
		t.Fatal(err)
	}
	h := run.Snapshot.History
	best := 0
	for i := range h {
		if h[i].Valid.Loss < h[best].Valid.Loss {
			best = i
		}
	}
	if len(h) == 40 || !run.Early || len(h)-1-best != 3 {
		t.Fatalf("stopped early: %v, after %d epochs, the best was the %d.", run.Early, len(h), best+1)
	}
	results, err := fit.Evaluate(t.Context(), b, run.Best, c.Validation)
	if err != nil || run.Best.Step != h[best].Step || results.Loss() != h[best].Valid.Loss {
		t.Errorf("the best snapshot is of step %d, its loss %v, %v; want %+v", run.Best.Step, results.Loss(), err, h[best])
	}
	paths, err := snapshot.List(dir)
	if err != nil || len(paths) != 2 || paths[0] != run.Best.Path || paths[1] != run.Snapshot.Path {
		t.Errorf("snapshots %v, %v; want the best and the last", paths, err)
	}
	if s := run.String(); !strings.Contains(s, "stopped early at step") ||
		!strings.Contains(s, "best "+filepath.Base(run.Best.Path)) {
		t.Errorf("said %q", s)
	}
	again, err := fromScratch(quiet(t), b, small, waves(40, 1), c)
	if err != nil || again.Taken != 0 || !again.Early || again.Best.Step != run.Best.Step {
		t.Errorf("trained again: %v, %v", again, err)
	}
}

// TestNotFinite checks that the error names the value that is not finite, and that the training
// keeps its earlier snapshots.
func TestNotFinite(t *testing.T) {
	backends.Each(t, func(t *testing.T, b compute.Backend) {
		dir := t.TempDir()
		c := fit.Config{Dir: dir, Epochs: 3, Optimizer: fit.SGD, LearningRate: 1e30}
		_, err := fromScratch(quiet(t), b, small, waves(10, 1), c)
		if want := "step 2 of 3: the loss is not finite"; err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "step-000001") {
			t.Errorf("got %v, want %q, and the snapshot", err, want)
		}
		s, err := snapshot.Open(dir)
		if err != nil || s.Step != 1 {
			t.Fatalf("kept %v, %v; want step 1", s, err)
		}
		for name, w := range s.Weights {
			for _, v := range w.Data {
				if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
					t.Errorf("kept %s with %v", name, v)
				}
			}
		}
		c.Dir, c.LearningRate = t.TempDir(), 1e39 // beyond float32
		_, err = fromScratch(quiet(t), b, small, waves(10, 1), c)
		if want := "step 1 of 3: the new weight lstm/kernel is not finite"; err == nil ||
			!strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "there is no snapshot yet") {
			t.Errorf("got %v, want %q", err, want)
		}
		from, err := fit.New(small, 1)
		if err != nil {
			t.Fatal(err)
		}
		from.Weights["dense/bias"].Data[1] = 1e19 // its error is finite, the square of that is not
		c.LearningRate = 1e-3
		_, err = fit.Train(quiet(t), b, from, waves(10, 1), c)
		if want := "step 1 of 3: the loss is not finite"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	})
}

// TestGradientNotFinite checks that a training stops where the loss is finite but a gradient is
// not. It names the gradient and keeps the model of the previous step.
func TestGradientNotFinite(t *testing.T) {
	backends.Each(t, func(t *testing.T, b compute.Backend) {
		model := rnn.Forecaster{Features: 1, Hidden: 1, Dense: true, Last: true}
		from, err := fit.New(model, 1)
		if err != nil {
			t.Fatal(err)
		}
		for name, w := range from.Weights {
			clear(w.Data)
			if name == "dense/kernel" {
				w.Data[0] = 1e20 // of a state that is all but 0
			}
		}
		// The gradient of the kernel is the input times about 10²². With the second input it exceeds
		// float32.
		ex := seq.Pairs{Input: seq.New(1, []float32{0}, []float32{1e19}), Target: seq.New(1, []float32{1}, []float32{1})}
		c := fit.Config{Dir: t.TempDir(), Epochs: 1, BatchSize: 1, Optimizer: fit.SGD, LearningRate: 1e-36}
		for (seq.Order{BatchSize: 1, Shuffle: true, Seed: c.Seed}).Indices(2)[0][0] != 0 {
			c.Seed++
		}
		_, err = fit.Train(quiet(t), b, from, ex, c)
		if want := "step 2 of 2: the gradient of lstm/kernel is not finite"; err == nil ||
			!strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "step-000001") {
			t.Errorf("got %v, want %q, and the snapshot", err, want)
		}
		s, err := snapshot.Open(c.Dir)
		if err != nil || s.Step != 1 {
			t.Fatalf("kept %v, %v; want step 1", s, err)
		}
		if bias := s.Weights["lstm/bias"].Data; !(bias[2] > 0 && bias[2] < 1) || s.Weights["lstm/kernel"].Data[2] != 0 {
			t.Errorf("kept the weights %v", s.Weights)
		}
	})
}

// TestEvaluateKeepsTheLoss checks that a snapshot is evaluated with the loss that it was trained
// on.
func TestEvaluateKeepsTheLoss(t *testing.T) {
	b := backends.One(t)
	model := small
	model.Output = rnn.SigmoidOutput
	c := fit.Config{Dir: t.TempDir(), Epochs: 2, Buckets: 1, Loss: fit.BinaryCrossEntropy, Validation: waves(9, 2)}
	run, err := fromScratch(quiet(t), b, model, waves(40, 1), c)
	if err != nil {
		t.Fatal(err)
	}
	s, err := snapshot.Open(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	results, err := fit.Evaluate(t.Context(), b, s, c.Validation)
	if err != nil {
		t.Fatal(err)
	}
	if want := run.Snapshot.History[1].Valid.Loss; results.Loss() != want || score.Mean(results.MSE) > want/2 {
		t.Errorf("evaluated, the loss is %v and the squared error %v; in training the loss was %v",
			results.Loss(), results.MSE, want)
	}
	c.Loss = fit.MSE
	if _, err := fromScratch(quiet(t), b, model, waves(40, 1), c); err == nil ||
		!strings.Contains(err.Error(), "Loss binary_crossentropy, now it is mse") {
		t.Errorf("went on with another loss: %v", err)
	}
}
