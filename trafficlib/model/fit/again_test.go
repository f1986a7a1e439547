package fit_test

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"

	"github.com/gomlx/compute"

	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
	"github.com/trafficlab/trafficlab/trafficlib/internal/programs"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// compiled returns the number of graphs compiled since its last call.
func compiled() int64 {
	n := programs.Made() - counted
	counted += n
	return n
}

var counted int64

// outcome is everything that a training leaves behind, and its model's results on other examples.
type outcome struct {
	History        snapshot.History
	Weights, Slots snapshot.Tensors
	Losses         []float64
	Got            [][]float32
}

func trained(t *testing.T, b compute.Backend, model rnn.Model, c fit.Config) outcome {
	t.Helper()
	c.Dir = t.TempDir()
	run, err := fromScratch(quiet(t), b, model, waves(40, 1), c)
	if err != nil {
		t.Fatal(err)
	}
	return said(t, b, run.Snapshot)
}

func said(t *testing.T, b compute.Backend, s *snapshot.Snapshot) outcome {
	t.Helper()
	o := outcome{History: s.History, Weights: s.Weights, Slots: s.Slots}
	results, err := fit.Evaluate(quiet(t), b, s, waves(9, 3))
	if err != nil {
		t.Fatal(err)
	}
	o.Losses = results.Losses
	p, err := fit.Predict(quiet(t), b, s, waves(9, 3))
	if err != nil {
		t.Fatal(err)
	}
	for rows := range p.Got.Sequences() {
		o.Got = append(o.Got, rows)
	}
	return o
}

var (
	dropping = rnn.Forecaster{Cell: rnn.GRU, Features: 3, Hidden: 8, RecurrentDropout: 0.3, Dense: true}
	buckets  = fit.Config{Epochs: 2, BatchSize: 16, Buckets: 2, Validation: waves(20, 2), CosineEvery: 1, ClipNorm: 1}
)

// TestAgain trains and evaluates a model again. Nothing is compiled twice, and all numbers equal,
// to the bit, those of a training that compiles its own graphs.
func TestAgain(t *testing.T) {
	backends.Each(t, func(t *testing.T, b compute.Backend) {
		programs.Release(b)
		defer programs.Release(b)
		compiled()
		first := trained(t, b, dropping, buckets)
		if compiled() < 4 {
			t.Fatal("the first training compiled nothing")
		}
		if again := trained(t, b, dropping, buckets); !reflect.DeepEqual(first, again) {
			t.Errorf("again: other figures:\n%v\n%v", first, again)
		}
		// Other rates and seeds need no other graph.
		other := buckets
		other.Seed, other.LearningRate, other.Schedule = 7, 0.01, fit.Schedule{Kind: fit.Cosine}
		warm := trained(t, b, dropping, other)
		if n := compiled(); n != 0 {
			t.Errorf("again, and with another seed and learning rate: %d graphs were compiled", n)
		}
		programs.Release(b)
		if cold := trained(t, b, dropping, other); !reflect.DeepEqual(warm, cold) {
			t.Errorf("compiled anew: other figures:\n%v\n%v", warm, cold)
		}
	})
}

// TestAgainOthers checks that a training that differs in anything that a graph depends on compiles
// its own, and does not affect the others.
func TestAgainOthers(t *testing.T) {
	b := backends.Go(t)
	programs.Release(b)
	defer programs.Release(b)
	first := trained(t, b, dropping, buckets)
	for name, change := range map[string]func(m *rnn.Forecaster, c *fit.Config){
		"model":     func(m *rnn.Forecaster, _ *fit.Config) { m.RecurrentDropout = 0.2 },
		"optimizer": func(_ *rnn.Forecaster, c *fit.Config) { c.Optimizer = fit.RMSProp },
		"momentum":  func(_ *rnn.Forecaster, c *fit.Config) { c.Optimizer, c.Momentum = fit.SGD, 0.5 },
		"mean":      func(_ *rnn.Forecaster, c *fit.Config) { c.Reduction = fit.OverSequences },
		"clipping":  func(_ *rnn.Forecaster, c *fit.Config) { c.ClipNorm = 0.5 },
		"rates":     func(_ *rnn.Forecaster, c *fit.Config) { c.Rates = map[string]float64{"dense": 0} },
		"shape":     func(_ *rnn.Forecaster, c *fit.Config) { c.BatchSize = 8 },
	} {
		m, c := dropping, buckets
		change(&m, &c)
		compiled()
		warm := trained(t, b, m, c)
		if compiled() == 0 {
			t.Errorf("another %s: nothing was compiled", name)
		}
		programs.Release(b)
		if cold := trained(t, b, m, c); !reflect.DeepEqual(warm, cold) {
			t.Errorf("another %s, after the first: other figures than alone:\n%v\n%v", name, warm, cold)
		}
		if again := trained(t, b, dropping, buckets); !reflect.DeepEqual(first, again) {
			t.Errorf("after another %s: other figures:\n%v\n%v", name, first, again)
		}
	}
}

// TestAgainStopped checks that a training that was stopped and resumed compiles nothing the second
// time, and has the results of an uninterrupted one.
func TestAgainStopped(t *testing.T) {
	b := backends.Go(t)
	defer programs.Release(b)
	c := fit.Config{Epochs: 4, BatchSize: 16, Buckets: 2}
	through := trained(t, b, small, c)
	compiled()
	c.Dir = t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	ctx = progress.With(ctx, sink(func(u progress.Update) {
		if u.Done == 5 {
			stop()
		}
	}))
	if _, err := fromScratch(ctx, b, small, waves(40, 1), c); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped with %v", err)
	}
	run, err := fromScratch(quiet(t), b, small, waves(40, 1), c)
	if err != nil {
		t.Fatal(err)
	}
	if got := said(t, b, run.Snapshot); !reflect.DeepEqual(got, through) {
		t.Errorf("stopped and taken up:\n%v\nrun through:\n%v", got, through)
	}
	if n := compiled(); n != 0 {
		t.Errorf("%d graphs were compiled", n)
	}
}

// TestAgainTogether checks that simultaneous trainings of one model do not share the graphs they
// run.
func TestAgainTogether(t *testing.T) {
	b := backends.Go(t)
	defer programs.Release(b)
	c := fit.Config{Epochs: 2, BatchSize: 16, Buckets: 2}
	want := trained(t, b, small, c)
	var all sync.WaitGroup
	for range 4 {
		dir := t.TempDir()
		all.Go(func() {
			c := c
			c.Dir = dir
			for range 2 {
				run, err := fromScratch(quiet(t), b, small, waves(40, 1), c)
				if err != nil {
					t.Error(err)
					return
				}
				if !reflect.DeepEqual(run.Snapshot.Weights, want.Weights) {
					t.Error("other weights")
				}
			}
		})
	}
	all.Wait()
}

// TestAgainFailed checks that the graphs of a failed training are not reused, and that the next
// training succeeds.
func TestAgainFailed(t *testing.T) {
	b := backends.Go(t)
	defer programs.Release(b)
	c := fit.Config{Dir: t.TempDir(), Steps: 3, LearningRate: 1e38, Optimizer: fit.SGD}
	if _, err := fromScratch(quiet(t), b, small, waves(40, 1), c); err == nil {
		t.Fatal("a training with a rate of 1e38 ended well")
	}
	c.LearningRate = 0.1
	warm := trained(t, b, small, c)
	programs.Release(b)
	if cold := trained(t, b, small, c); !reflect.DeepEqual(warm, cold) {
		t.Errorf("after a failure:\n%v\n%v", warm, cold)
	}
}
