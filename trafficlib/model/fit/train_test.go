package fit_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
	"github.com/trafficlab/trafficlab/trafficlib/model/device"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// fromScratch trains a model from the weights of Config.Seed.
func fromScratch(ctx context.Context, b compute.Backend, model rnn.Model, train seq.Examples,
	c fit.Config) (*fit.Run, error) {
	first, err := fit.New(model, c.Seed)
	if err != nil {
		return nil, err
	}
	return fit.Train(ctx, b, first, train, c)
}

// waves returns short sequences of 3 features that a small model can learn, of 1 to 12 steps.
func waves(n int, seed uint64) seq.NextStep {
	rng := rand.New(rand.NewPCG(seed, 0))
	all := make([][]float32, n)
	for i := range all {
		phase, speed := rng.Float64()*6, 0.3+rng.Float64()
		for t := range 1 + rng.IntN(12) {
			x := phase + speed*float64(t)
			all[i] = append(all[i], float32(0.5+0.5*math.Sin(x)), float32(0.5+0.5*math.Cos(x)), float32(t%2))
		}
	}
	return seq.NextStep{Set: seq.New(3, all...), SequenceLen: 10}
}

var small = rnn.Forecaster{Features: 3, Hidden: 8, Dense: true}

// quiet returns a context that discards progress.
func quiet(t *testing.T) context.Context {
	return progress.With(t.Context(), sink(func(progress.Update) {}))
}

type sink func(u progress.Update)

func (s sink) Update(u progress.Update) { s(u) }

func TestTrainLearns(t *testing.T) {
	backends.Each(t, func(t *testing.T, b compute.Backend) {
		for _, o := range []fit.Optimizer{fit.Adam, fit.RMSProp, fit.SGD} {
			c := fit.Config{Dir: t.TempDir(), Epochs: 30, BatchSize: 16, Buckets: 1, LearningRate: 0.01, Optimizer: o,
				Validation: waves(9, 2), CosineEvery: 5}
			if o == fit.SGD {
				c.LearningRate = 0.5
			}
			run, err := fromScratch(quiet(t), b, small, waves(40, 1), c)
			if err != nil {
				t.Fatal(err)
			}
			h := run.Snapshot.History
			first, last := h[0], h[len(h)-1]
			if len(h) != 30 || last.Step != 90 || last.Epoch != 30 {
				t.Errorf("%s: %d points, the last of step %d epoch %d; want 30, 90, 30", o, len(h), last.Step, last.Epoch)
			}
			if !(last.Train.Loss < first.Train.Loss/2) || !(last.Valid.Loss < first.Valid.Loss/2) {
				t.Errorf("%s: losses went from %.4f and %.4f to %.4f and %.4f",
					o, first.Train.Loss, first.Valid.Loss, last.Train.Loss, last.Valid.Loss)
			}
			if n := len(last.Valid.Cosines); n != 2 { // the first 10 packets, and the true length
				t.Errorf("%s: %d cosines at the end, want 2", o, n)
			}
		}
	})
}

// TestResume stops a training in the middle of an epoch and resumes it. All numbers must equal
// those of an uninterrupted training, including random ones in the model.
func TestResume(t *testing.T) {
	dropping := rnn.Forecaster{Cell: rnn.GRU, Features: 3, Hidden: 8, Layers: 2, Dropout: 0.3, Dense: true}
	backends.Each(t, func(t *testing.T, b compute.Backend) {
		c := fit.Config{Dir: t.TempDir(), Epochs: 6, BatchSize: 20, Buckets: 2, Validation: waves(9, 2), CosineEvery: 2}
		through, err := fromScratch(quiet(t), b, dropping, waves(40, 1), c)
		if err != nil {
			t.Fatal(err)
		}

		c.Dir = t.TempDir()
		ctx, stop := context.WithCancel(t.Context())
		ctx = progress.With(ctx, sink(func(u progress.Update) {
			if u.Done == 7 {
				stop()
			}
		}))
		_, err = fromScratch(ctx, b, dropping, waves(40, 1), c)
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "step 7 of 12") {
			t.Fatalf("stopped with %v", err)
		}
		if paths, _ := snapshot.List(c.Dir); filepath.Base(paths[len(paths)-1]) != "step-000007" {
			t.Fatalf("snapshots after the stop: %v", paths)
		}
		var first int64
		var curves []progress.Curve
		ctx = progress.With(t.Context(), sink(func(u progress.Update) { first, curves = u.First, u.Curves }))
		resumed, err := fromScratch(ctx, b, dropping, waves(40, 1), c)
		if err != nil {
			t.Fatal(err)
		}
		if resumed.Resumed != 7 || resumed.Taken != 5 || first != 7 {
			t.Errorf("went on from step %d with %d steps, progress from %d; want 7, 5, 7", resumed.Resumed, resumed.Taken, first)
		}
		if len(curves) != 2 || len(curves[0].X) != 6 || len(curves[1].Y) != 6 {
			t.Errorf("the progress ends with the curves %v, want train and validation at 6 epochs", curves)
		}
		if !reflect.DeepEqual(resumed.Snapshot.History, through.Snapshot.History) {
			t.Errorf("the histories differ:\n%+v\n%+v", resumed.Snapshot.History, through.Snapshot.History)
		}
		if !reflect.DeepEqual(resumed.Snapshot.Weights, through.Snapshot.Weights) {
			t.Error("the weights differ")
		}

		again, err := fromScratch(quiet(t), b, dropping, waves(40, 1), c)
		if err != nil || again.Taken != 0 || !strings.Contains(again.String(), "nothing left to train") {
			t.Errorf("a finished training, trained again: %v, %v", again, err)
		}
	})
}

func TestSnapshotRebuildsTheModel(t *testing.T) {
	b := backends.One(t)
	train := waves(20, 1)
	encoder, err := encode.FitMinMax(train.Set)
	if err != nil {
		t.Fatal(err)
	}
	train.Transform = encoder
	dir := t.TempDir()
	run, err := fromScratch(quiet(t), b, small, train, fit.Config{Dir: dir, Epochs: 4, SnapshotAt: []float64{0.5}})
	if err != nil {
		t.Fatal(err)
	}
	paths, err := snapshot.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	if names := []string{filepath.Base(paths[0]), filepath.Base(paths[1])}; !slices.Equal(names,
		[]string{"step-000002", "step-000004"}) {
		t.Errorf("snapshots %v", names)
	}
	s, err := snapshot.Open(dir) // the latest
	if err != nil {
		t.Fatal(err)
	}
	var same encode.RowEncoder
	if err := same.UnmarshalJSON(s.Encoder); err != nil || same.String() != encoder.String() {
		t.Errorf("the encoder came back as %v, %v", &same, err)
	}
	before, err := fit.Evaluate(t.Context(), b, run.Snapshot, train)
	if err != nil {
		t.Fatal(err)
	}
	after, err := fit.Evaluate(t.Context(), b, s, train)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(before, after) {
		t.Error("the model that was opened predicts otherwise than the one that was trained")
	}
	predicted, err := fit.Predict(t.Context(), b, s, train)
	if err != nil {
		t.Fatal(err)
	}
	scores, err := predicted.Scores()
	if err != nil {
		t.Fatal(err)
	}
	for i, cosine := range after.Cosine(0) {
		got := scores.Sessions[i]
		if int(got.Steps) != after.Steps[i] || math.Abs(got.Cosine-cosine) > 1e-6 || math.Abs(got.MSE-after.MSE[i]) > 1e-6 {
			t.Errorf("sequence %d: predictions score %+v, evaluation has %d steps, cosine %v, error %v",
				i, got, after.Steps[i], cosine, after.MSE[i])
		}
	}
	kept := filepath.Join(t.TempDir(), "predicted")
	if err := predicted.Save(kept); err != nil {
		t.Fatal(err)
	}
	got, err := seq.Open(filepath.Join(kept, "got.arrow"))
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	if !slices.Equal(got.At(3), predicted.Got.At(3)) {
		t.Error("the predictions came back otherwise")
	}
}

// TestPaddingWeighsNothing checks that the same sequences padded to 10 and to 100 steps have the
// same loss and cosines.
func TestPaddingWeighsNothing(t *testing.T) {
	backends.Each(t, func(t *testing.T, b compute.Backend) {
		s, err := fit.New(small, 1)
		if err != nil {
			t.Fatal(err)
		}
		short, long := waves(150, 3), waves(150, 3) // three batches
		short.SequenceLen, long.SequenceLen = 0, 100
		var losses, cosines []float64
		for _, ex := range []seq.Examples{short, long} {
			r, err := fit.Evaluate(t.Context(), b, s, ex)
			if err != nil {
				t.Fatal(err)
			}
			for i, n := range r.Steps {
				if n != ex.Length(i).Target {
					t.Fatalf("example %d has %v steps, its results %d: they are out of order", i, ex.Length(i), n)
				}
			}
			losses = append(losses, r.Loss())
			cosines = append(cosines, r.Cosine(0)...)
		}
		if d := math.Abs(losses[0]/losses[1] - 1); !(d <= 1e-6) {
			t.Errorf("losses %v", losses)
		}
		for i := range 150 {
			if d := math.Abs(cosines[i] - cosines[150+i]); !(d <= 1e-6) {
				t.Errorf("sequence %d: cosines %v and %v", i, cosines[i], cosines[150+i])
			}
		}
	})
}

func TestFineTune(t *testing.T) {
	b := backends.One(t)
	run, err := fromScratch(quiet(t), b, small, waves(40, 1), fit.Config{Dir: t.TempDir(), Epochs: 20, LearningRate: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	other := waves(40, 5)
	tuned, err := fit.Train(quiet(t), b, run.Snapshot, other, fit.Config{Dir: t.TempDir(), Epochs: 20, LearningRate: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	before, _ := fit.Evaluate(t.Context(), b, run.Snapshot, other)
	after, _ := fit.Evaluate(t.Context(), b, tuned.Snapshot, other)
	if !(after.Loss() < before.Loss()) {
		t.Errorf("fine-tuning took the loss from %.4f to %.4f", before.Loss(), after.Loss())
	}
}

func TestRefusals(t *testing.T) {
	b := backends.One(t)
	dir := t.TempDir()
	c := fit.Config{Dir: dir, Epochs: 1}
	run, err := fromScratch(quiet(t), b, small, waves(10, 1), c)
	if err != nil {
		t.Fatal(err)
	}
	train := func(model rnn.Model, ex seq.Examples, change func(c *fit.Config)) error {
		c := c
		change(&c)
		_, err := fromScratch(quiet(t), b, model, ex, c)
		return err
	}
	none := func(*fit.Config) {}
	wide := seq.NextStep{Set: seq.New(4, make([]float32, 8))}
	nan := waves(3, 1)
	nan.Set = seq.New(3, []float32{1, 2, float32(math.NaN())})
	for what, test := range map[string]struct {
		err  error
		want string
	}{
		"other seed":       {train(small, waves(10, 1), func(c *fit.Config) { c.Seed = 7 }), "Seed 0, now it is 7"},
		"other buckets":    {train(small, waves(10, 1), func(c *fit.Config) { c.Buckets = 2 }), "Buckets 4, now it is 2"},
		"too many buckets": {train(small, waves(10, 1), func(c *fit.Config) { c.Buckets = 16 }), "Buckets 16: want 1 to 15"},
		"other schedule": {train(small, waves(10, 1), func(c *fit.Config) { c.Schedule.WarmUp = 2 }),
			"was trained with Schedule"},
		"other clipping": {train(small, waves(10, 1), func(c *fit.Config) { c.ClipNorm = 2 }), "ClipNorm 0, now it is 2"},
		"other optimizer": {train(small, waves(10, 1), func(c *fit.Config) { c.Optimizer = fit.AdamW }),
			"Optimizer adam, now it is adamw"},
		"other patience": {train(small, waves(10, 1), func(c *fit.Config) { c.Patience = 2; c.Validation = waves(9, 2) }),
			"Patience 0, now it is 2"},
		"patience for what": {train(small, waves(10, 1), func(c *fit.Config) { c.Patience = 2 }), "no Validation to see"},
		"momentum for Adam": {train(small, waves(10, 1), func(c *fit.Config) { c.Momentum = 0.9 }),
			`Momentum 0.9 with optimizer "adam"`},
		"decay for SGD": {train(small, waves(10, 1), func(c *fit.Config) { c.Optimizer = fit.SGD; c.WeightDecay = 0.1 }),
			`WeightDecay 0.1 with optimizer "sgd"`},
		"negative clipping": {train(small, waves(10, 1), func(c *fit.Config) { c.ClipNorm = -1 }), "ClipNorm -1"},
		"other rate": {train(small, waves(10, 1), func(c *fit.Config) { c.LearningRate = 1 }),
			"LearningRate 0.001, now it is 1"},
		"other data":  {train(small, waves(10, 2), none), "was trained with examples"},
		"other model": {train(rnn.Forecaster{Features: 3}, waves(10, 1), none), "choose another Dir"},
		"other width": {train(small, wide, none), "examples of 4 features"},
		"NaN":         {train(small, nan, none), "NaN"},
		"no folder":   {train(small, waves(10, 1), func(c *fit.Config) { c.Dir = "" }), "Dir is empty"},
		"epochs and steps": {train(small, waves(10, 1), func(c *fit.Config) { c.Steps = 3 }),
			"both Epochs (1) and Steps (3)"},
		"unknown optimizer": {train(small, waves(10, 1), func(c *fit.Config) { c.Optimizer = "sdg" }), `optimizer "sdg"`},
		"impossible model":  {train(rnn.Forecaster{Features: 3, Hidden: 4}, waves(10, 1), none), "needs Dense"},
		"rate that diverges": {train(small, waves(10, 1),
			func(c *fit.Config) { c.Dir = t.TempDir(); c.Epochs = 50; c.Optimizer = fit.SGD; c.LearningRate = 1e30 }),
			"the loss is not finite"},
		"snapshot cut off":   {cut(t, run.Snapshot.Path, "model.safetensors"), "cut off: tensor"},
		"record cut off":     {cut(t, run.Snapshot.Path, "snapshot.json"), "snapshot.json: byte"},
		"folder without any": {opened(t.TempDir()), "no snapshot here"},
	} {
		switch {
		case test.err == nil:
			t.Errorf("%s: no error", what)
		case !strings.Contains(test.err.Error(), test.want) || strings.Contains(test.err.Error(), "\n"):
			t.Errorf("%s: %q, want one line with %q", what, test.err, test.want)
		}
	}
}

// cut opens a copy of a snapshot in which one file lacks its second half.
func cut(t *testing.T, path, name string) error {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(path)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, name)
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, info.Size()/2); err != nil {
		t.Fatal(err)
	}
	return opened(dir)
}

func opened(path string) error {
	_, err := snapshot.Open(path)
	return err
}

// The first user of a backend opens it, and gets its error.
func TestAnyBackend(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "go")
	run, err := fromScratch(quiet(t), device.Any, small, waves(5, 1), fit.Config{Dir: t.TempDir(), Steps: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOMLX_BACKEND", "abacus")
	_, predictErr := fit.Predict(t.Context(), device.Any, run.Snapshot, waves(5, 1))
	_, trainErr := fit.Train(quiet(t), device.Any, run.Snapshot, waves(5, 1), fit.Config{Dir: t.TempDir(), Steps: 1})
	for _, err := range []error{predictErr, trainErr} {
		if err == nil || !strings.Contains(err.Error(), `unknown backend "abacus"`) {
			t.Errorf("got %v, want the error of the backend", err)
		}
	}
}
