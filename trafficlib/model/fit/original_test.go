package fit_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/compute"

	"github.com/trafficlab/trafficlab/kernel/test/waits"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot/exchange"
	"github.com/trafficlab/trafficlab/trafficlib/original"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// TestGoldenOriginal trains as the original of notebook 2 does, one pair at a time on the sum over
// its steps, and compares the losses and weights with PyTorch's. testdata/golden_original.py
// describes the pairs.
func TestGoldenOriginal(t *testing.T) {
	all, err := snapshot.ReadSafetensors("testdata/golden_original.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	part := func(prefix string) snapshot.Tensors {
		some := snapshot.Tensors{}
		for name, v := range all {
			if rest, ok := strings.CutPrefix(name, prefix); ok {
				some[rest] = v
			}
		}
		return some
	}
	for name, forcing := range map[string]float64{"1": 0, "1-forced": 1, "7": 0, "7-forced": 1} {
		input, target, losses := all[name+"/input"], all[name+"/target"], all[name+"/losses"]
		names := exchange.Names{"encoder": "encoder/gru", "decoder": "decoder/gru", "out": "decoder/dense"}
		start, err := exchange.FromTorch(part(name+"/start/"), names)
		if err != nil {
			t.Fatal(err)
		}
		end, err := exchange.FromTorch(part(name+"/end/"), names)
		if err != nil {
			t.Fatal(err)
		}
		f := input.Shape[1]
		from, err := fit.Import(rnn.Seq2Seq{Cell: rnn.GRU, Features: f, Hidden: 5, First: rnn.FirstTarget,
			Input: rnn.LeakyReLU, TeacherForcing: forcing}, start)
		if err != nil {
			t.Fatal(err)
		}
		pair := seq.Pairs{Input: seq.New(f, input.Data), Target: seq.New(f, target.Data)}
		t.Run(name, func(t *testing.T) {
			backends.Each(t, func(t *testing.T, b compute.Backend) {
				run, err := fit.Train(quiet(t), b, from, pair, fit.Config{Dir: t.TempDir(), Steps: len(losses.Data), BatchSize: 1,
					Replace: true, EvalEvery: 1, Reduction: fit.Summed, Optimizer: fit.SGD, LearningRate: 0.05})
				if err != nil {
					t.Fatal(err)
				}
				for k, p := range run.Snapshot.History {
					if want := float64(losses.Data[k]); p.Step != k+1 || !(math.Abs(p.Train.Loss-want) <= 1e-5*want) {
						t.Errorf("step %d: loss %v, want %v at %d", p.Step, p.Train.Loss, want, k+1)
					}
				}
				for name, want := range end {
					for i, v := range want.Data {
						if d := math.Abs(float64(v - run.Snapshot.Weights[name].Data[i])); !(d <= 1e-5) {
							t.Fatalf("at the end %s differs by %.2g", name, d)
						}
					}
				}
			})
		})
	}
}

// conversationModel is trained as in notebook 2, on small data.
var (
	conversationModel = rnn.Seq2Seq{Cell: rnn.GRU, Features: 1, Hidden: 8, First: rnn.FirstLastInput,
		Input: rnn.LeakyReLU, TeacherForcing: 0.5}
	conversationConfig = fit.Config{Steps: 60, BatchSize: 8, Buckets: 2, Replace: true,
		EvalEvery: 7, Reduction: fit.OverSequences,
		SnapshotAt: []float64{.2, .4, .55, .7, .85, 1}, Seed: 5}
)

func conversations(n int, seed uint64) seq.Pairs {
	first, rest := sines(n, 0, seed).SplitSteps(3)
	return seq.Pairs{Input: first, Target: rest}
}

// TestKilled kills a training in another process with SIGKILL halfway, and resumes from the last
// snapshot. The result must have exactly the numbers and weights of an uninterrupted training.
func TestKilled(t *testing.T) {
	const variable = "TRAFFICLAB_TEST_TRAIN_IN"
	c, train := conversationConfig, conversations(50, 1)
	c.Validation = conversations(10, 2)
	if dir := os.Getenv(variable); dir != "" { // the process that is killed
		c.Dir = dir
		ctx := progress.With(t.Context(), sink(func(u progress.Update) {
			if u.Done == 30 { // of 60: the snapshot at 40 % is there, that at 55 % is not
				os.WriteFile(dir+".ready", nil, 0o666)
				time.Sleep(time.Minute)
			}
		}))
		_, err := fromScratch(ctx, backends.Go(t), conversationModel, train, c)
		t.Fatalf("was not killed: %v", err)
	}
	b := backends.Go(t)
	c.Dir = t.TempDir()
	through, err := fromScratch(quiet(t), b, conversationModel, train, c)
	if err != nil {
		t.Fatal(err)
	}
	var steps []int
	for _, path := range must(snapshot.List(c.Dir)) {
		steps = append(steps, must(snapshot.Open(path)).Step)
	}
	if !slices.Equal(steps, []int{12, 24, 33, 42, 51, 60}) {
		t.Errorf("snapshots at %v", steps)
	}

	c.Dir = t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	child.Env = append(os.Environ(), variable+"="+c.Dir)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Process.Kill()
	waits.Until(t, "the other process trains 30 steps", func() bool {
		_, err := os.Stat(c.Dir + ".ready")
		return err == nil
	})
	child.Process.Kill() // SIGKILL: nothing can be saved
	child.Wait()
	os.Remove(c.Dir + ".ready")
	resumed, err := fromScratch(quiet(t), b, conversationModel, train, c)
	if err != nil {
		t.Fatal(err)
	}
	if resumed.Resumed != 24 {
		t.Errorf("went on from step %d, want 24", resumed.Resumed)
	}
	if !reflect.DeepEqual(resumed.Snapshot.History, through.Snapshot.History) {
		t.Errorf("the histories differ:\n%+v\n%+v", resumed.Snapshot.History, through.Snapshot.History)
	}
	if !reflect.DeepEqual(resumed.Snapshot.Weights, through.Snapshot.Weights) {
		t.Error("the weights differ")
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestEvery checks that points are EvalEvery steps apart whatever the epochs, with one at the end,
// and that each is printed.
func TestEvery(t *testing.T) {
	c := conversationConfig
	c.Dir, c.Validation = t.TempDir(), conversations(10, 2)
	var said bytes.Buffer
	c.Callbacks = original.Log(&said)
	run, err := fromScratch(quiet(t), backends.Go(t), conversationModel, conversations(50, 1), c)
	if err != nil {
		t.Fatal(err)
	}
	var steps []int
	for _, p := range run.Snapshot.History {
		steps = append(steps, p.Step)
		if p.Valid == nil || !(p.Train.Loss > 0) {
			t.Errorf("a point without figures: %+v", p)
		}
	}
	if !slices.Equal(steps, []int{7, 14, 21, 28, 35, 42, 49, 56, 60}) {
		t.Errorf("points at %v", steps)
	}
	want := regexp.MustCompile(`^0m \dsec \(- \d+m \d+sec\) \(7 11%\) Current Loss Value ----> \d\.\d{4}
(.+\n){7}0m \dsec \(- 0m 0sec\) \(60 100%\) Current Loss Value ----> \d\.\d{4}
={65}
-------> MODEL HAS FINISHED TRAINING <-------
$`)
	if !want.MatchString(said.String()) {
		t.Errorf("it said\n%s", said.String())
	}
	c.Patience = 3
	if _, err := fromScratch(quiet(t), backends.Go(t), conversationModel, conversations(50, 1), c); err == nil ||
		!strings.Contains(err.Error(), "EvalEvery 7") {
		t.Errorf("points by steps and patience in epochs: %v", err)
	}
}

// TestResumeEvery stops such a training at a point, between two points, and at the end of an epoch.
func TestResumeEvery(t *testing.T) {
	b, train, c := backends.Go(t), conversations(50, 1), conversationConfig
	c.Dir = t.TempDir()
	through, err := fromScratch(quiet(t), b, conversationModel, train, c)
	if err != nil {
		t.Fatal(err)
	}
	c.Dir = t.TempDir()
	for _, step := range []int64{7, 10, 12, 14, 35} {
		if _, err := fromScratch(stopAt(t, step), b, conversationModel, train, c); !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped with %v", err)
		}
	}
	resumed, err := fromScratch(quiet(t), b, conversationModel, train, c)
	if err != nil {
		t.Fatal(err)
	}
	if resumed.Resumed != 35 || !reflect.DeepEqual(resumed.Snapshot.History, through.Snapshot.History) {
		t.Errorf("went on from step %d to other figures:\n%+v\n%+v",
			resumed.Resumed, resumed.Snapshot.History, through.Snapshot.History)
	}
	if !reflect.DeepEqual(resumed.Snapshot.Weights, through.Snapshot.Weights) {
		t.Error("the weights differ")
	}
}

// TestPredictGuided checks that a decoder that reads the truth predicts each step like one that
// gets all earlier true steps.
func TestPredictGuided(t *testing.T) {
	backends.Each(t, func(t *testing.T, b compute.Backend) {
		model := rnn.Seq2Seq{Cell: rnn.GRU, Features: 1, Hidden: 6, First: rnn.FirstLastInput, Input: rnn.LeakyReLU}
		s, err := fit.New(model, 3)
		if err != nil {
			t.Fatal(err)
		}
		ex := conversations(9, 4)
		free := must(fit.Predict(t.Context(), b, s, ex))
		guided := must(fit.PredictGuided(t.Context(), b, s, ex))
		for i := range ex.Len() {
			n := ex.Target.Steps(i)
			if free.Got.At(i)[0] != guided.Got.At(i)[0] && math.Abs(float64(free.Got.At(i)[0]-guided.Got.At(i)[0])) > 1e-6 {
				t.Errorf("example %d: the first step is %v and %v, before anything was written",
					i, free.Got.At(i)[0], guided.Got.At(i)[0])
			}
			if n > 2 && free.Got.At(i)[2] == guided.Got.At(i)[2] {
				t.Errorf("example %d: the teacher changed nothing", i)
			}
			// A step depends only on the true steps before it: another last step does not change it.
			other := slices.Clone(ex.Target.At(i))
			other[n-1] += 5
			one := seq.Pairs{Input: ex.Input.Subset([]int{i}), Target: seq.New(1, other)}
			got := must(fit.PredictGuided(t.Context(), b, s, one)).Got.At(0)
			for k := range got {
				if math.Abs(float64(got[k]-guided.Got.At(i)[k])) > 1e-5 {
					t.Errorf("example %d, step %d: %v, want %v", i, k, got[k], guided.Got.At(i)[k])
				}
			}
		}
		forecaster := must(fit.New(small, 1))
		if _, err := fit.PredictGuided(t.Context(), b, forecaster, waves(3, 1)); err == nil ||
			!strings.Contains(err.Error(), "forecaster") {
			t.Errorf("a model without a decoder: %v", err)
		}
	})
}
