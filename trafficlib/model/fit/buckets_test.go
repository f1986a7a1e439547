package fit

import (
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/feature/tlsfeat"
	"github.com/trafficlab/trafficlab/trafficlib/internal/backends"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
	"github.com/trafficlab/trafficlab/trafficlib/model/device"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
)

// TestTrimmedBatch checks that a batch padded to 1000 steps and the same batch trimmed have the
// same loss and gradients, for each kind of model and of examples.
func TestTrimmedBatch(t *testing.T) {
	rows := make([][]float32, 6)
	for i := range rows {
		for t := range 4 + 7*i {
			rows[i] = append(rows[i], float32(math.Sin(float64(t*(i+1)))), float32(t%3), 0.5)
		}
	}
	set := seq.New(3, rows...)
	first, rest := set.SplitSteps(2)
	padded := 1000
	if testing.Short() {
		padded = 100
	}
	for name, test := range map[string]struct {
		model rnn.Model
		ex    seq.Examples
		c     Config
	}{
		"next step": {rnn.Forecaster{Features: 3, Hidden: 8, Dense: true},
			seq.NextStep{Set: set, SequenceLen: padded}, Config{}},
		"pairs": {rnn.Seq2Seq{Cell: rnn.GRU, Features: 3, Hidden: 8, First: rnn.FirstLastInput, Input: rnn.LeakyReLU},
			seq.Pairs{Input: first, Target: rest, Steps: seq.Steps{Input: padded, Target: padded}},
			Config{Reduction: OverSequences}},
		"long pairs": {rnn.Seq2Seq{Features: 3, Hidden: 8},
			seq.Pairs{Input: rest, Target: first, Steps: seq.Steps{Input: padded}}, Config{}},
		"labeled": {rnn.Classifier{Features: 3, Hidden: 8, Classes: 2, Layers: 2, Bidirectional: true, Pool: rnn.PoolMean,
			LayerNorm: true},
			seq.Labeled{Set: set, Classes: 2, Class: []int{0, 1, 1, 0, 1, 0}, SequenceLen: padded}, Config{Loss: CrossEntropy}},
	} {
		t.Run(name, func(t *testing.T) {
			backends.Each(t, func(t *testing.T, b compute.Backend) {
				checkTrimmed(t, b, test.model, test.ex, test.c)
			})
		})
	}
}

func checkTrimmed(t *testing.T, b compute.Backend, model rnn.Model, ex seq.Examples, c Config) {
	t.Helper()
	c.Optimizer = SGD
	from, err := New(model, 1)
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLearner(b, model, c.withDefaults(), from)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	e := MustNewExec(b, func(in []*Node) []*Node {
		n := len(l.params)
		inputs, mask := batchNodes(in[n:])
		loss, _, _ := l.loss(in[:n], inputs, mask)
		return append([]*Node{loss}, Gradient(loss, in[:n]...)...)
	})
	defer e.Finalize()
	run := func(batch seq.Batch) (values [][]float32) {
		data := toTensors(batch)
		defer data.free()
		var args []any
		for _, w := range l.weights() {
			args = append(args, w)
		}
		out, err := e.Call(data.addTo(args)...)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range out {
			values = append(values, tensors.MustCopyFlatData[float32](o))
		}
		return values
	}
	size := 3
	if device.Describe(b) != "go" {
		size = 6 // one batch: XLA would only compile for longer
	}
	order := seq.Order{BatchSize: size, Buckets: seq.Buckets(ex, size, 2)}
	for _, share := range order.Plan(ex) {
		if steps, _, _ := ex.Shape(); share.Steps == steps {
			t.Fatalf("a batch of %v steps is not trimmed", steps)
		}
		got, want := run(ex.Resize(share.Steps).Batch(share.Index)), run(ex.Batch(share.Index))
		for k := range want {
			var size, diff float64
			for i := range want[k] {
				size = math.Max(size, math.Abs(float64(want[k][i])))
				diff = math.Max(diff, math.Abs(float64(want[k][i]-got[k][i])))
			}
			if !(diff <= 1e-6*size) || size == 0 {
				t.Errorf("%v steps, output %d: differs by %.2g of %.2g", share.Steps, k, diff, size)
			}
		}
	}
}

// BenchmarkEpoch runs epochs over 136 real TLS sessions of 36 steps on average, alternately padded
// to the whole SequenceLen and in buckets.
func BenchmarkEpoch(b *testing.B) {
	dir := shareddata.Dir(b, "tls_attack_146")
	set, err := tlsfeat.Import(b.Context(), filepath.Join(b.TempDir(), "sessions.arrow"),
		filepath.Join(dir, "features_tls_2019-04-24_01-28-17_2.csv"))
	if err != nil {
		b.Fatal(err)
	}
	defer set.Close()
	backend := backends.XLA(b)
	model := rnn.Forecaster{Features: 146, Output: rnn.ReLU}
	from, err := New(model, 1)
	if err != nil {
		b.Fatal(err)
	}
	for _, steps := range []int{100, 1000} {
		for _, size := range []int{16, 64} {
			b.Run(fmt.Sprintf("T=%d/B=%d", steps, size), func(b *testing.B) {
				ex := seq.NextStep{Set: set, SequenceLen: steps, Transform: encode.L2(146)}
				c := Config{Dir: "-", BatchSize: size}.withDefaults()
				orders := map[string]seq.Order{
					"padded":   {BatchSize: size},
					"bucketed": {BatchSize: size, Buckets: seq.Buckets(ex, size, c.Buckets)},
				}
				spent := map[string]time.Duration{}
				epochs := map[string]func(){}
				for name, o := range orders {
					l, err := newLearner(backend, model, c, from)
					if err != nil {
						b.Fatal(err)
					}
					defer l.close()
					epochs[name] = func() {
						start := time.Now()
						for _, share := range o.Plan(ex) {
							if _, _, err := l.step(ex.Resize(share.Steps).Batch(share.Index), c.rule().factors(1e-4, 1),
								rnn.Key(1, 0)); err != nil {
								b.Fatal(err)
							}
						}
						spent[name] += time.Since(start)
					}
					epochs[name]() // compiles
				}
				first := maps.Clone(spent)
				clear(spent)
				for b.Loop() {
					for _, name := range []string{"padded", "bucketed"} {
						epochs[name]()
					}
				}
				b.ReportMetric(float64(len(orders["bucketed"].Buckets)), "buckets")
				for name, d := range spent {
					b.ReportMetric(first[name].Seconds(), name+"-first-s")
					b.ReportMetric(d.Seconds()/float64(b.N), name+"-s")
				}
				b.ReportMetric(spent["padded"].Seconds()/spent["bucketed"].Seconds(), "ratio")
			})
		}
	}
}
