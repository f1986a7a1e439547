package fit_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
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
	"github.com/trafficlab/trafficlab/trafficlib/result/score"
)

// A task is a model, examples that it can learn, and a loss that it must fall below.
type task struct {
	model    rnn.Model
	examples func(n int, seed uint64) seq.Examples
	config   fit.Config
	below    func(valid seq.Examples) float64
}

// tasks has one task for each way in which input and target may differ.
var tasks = map[string]task{
	// The next values after eight steps of a wave: better than predicting no change.
	"forecaster": {
		model:    rnn.Forecaster{Features: 1, Hidden: 8, Dense: true, Last: true},
		examples: func(n int, seed uint64) seq.Examples { return seq.Windows{Set: sines(n/16, 8+16, seed), Past: 8} },
		config:   fit.Config{Epochs: 8},
		below: func(valid seq.Examples) float64 {
			p, err := score.RepeatLast(valid)
			if err != nil {
				panic(err)
			}
			return score.Mean(p.MSEs("")) / 2
		},
	},
	// The continuation of a wave after four steps, of any length: better than its mean.
	"seq2seq": {
		model: rnn.Seq2Seq{Cell: rnn.GRU, Features: 1, Hidden: 12, First: rnn.FirstLastInput, TeacherForcing: 0.5},
		examples: func(n int, seed uint64) seq.Examples {
			first, rest := sines(n, 0, seed).SplitSteps(4)
			return seq.Pairs{Input: first, Target: rest}
		},
		config: fit.Config{Epochs: 12, Reduction: fit.OverSequences},
		below:  func(seq.Examples) float64 { return 0.5 / 2 }, // the mean of sin²
	},
	// The most frequent of three ids in a sequence: better than a third for each.
	"classifier": {
		model:    rnn.Classifier{Features: 4, Vocabulary: 3, Hidden: 8, Classes: 3, Pool: rnn.PoolMean},
		examples: func(n int, seed uint64) seq.Examples { return majority(n, seed) },
		config:   fit.Config{Epochs: 12, Loss: fit.CrossEntropy, ClassWeights: []float64{1, 1, 1}},
		below:    func(seq.Examples) float64 { return math.Log(3) / 2 },
	},
}

// sines returns waves of different phases and speeds, with the given number of steps, or with 5 to
// 14 if steps is 0.
func sines(n, steps int, seed uint64) *seq.Set {
	rng := rand.New(rand.NewPCG(seed, 1))
	rows := make([][]float32, n)
	for i := range rows {
		long := steps
		if long == 0 {
			long = 5 + rng.IntN(10)
		}
		phase, speed := rng.Float64()*2*math.Pi, 0.5+0.2*rng.Float64()
		for t := range long {
			rows[i] = append(rows[i], float32(math.Sin(phase+speed*float64(t))))
		}
	}
	return seq.New(1, rows...)
}

func majority(n int, seed uint64) seq.Labeled {
	rng := rand.New(rand.NewPCG(seed, 2))
	rows, class := make([][]float32, n), make([]int, n)
	for i := range rows {
		class[i] = rng.IntN(3)
		for range 1 + rng.IntN(12) {
			id := class[i]
			if len(rows[i]) > 0 && rng.IntN(4) == 0 {
				id = rng.IntN(3)
			}
			rows[i] = append(rows[i], float32(id))
		}
	}
	return seq.Labeled{Set: seq.New(1, rows...), Classes: 3, Class: class}
}

// TestModelsLearn trains each kind of model on examples whose targets have their own lengths, and
// compares the loss with that of a trivial prediction. It stops a second training halfway, which
// must have the same result.
func TestModelsLearn(t *testing.T) {
	for name, task := range tasks {
		t.Run(name, func(t *testing.T) {
			backends.Each(t, func(t *testing.T, b compute.Backend) {
				c := task.config
				c.BatchSize, c.Buckets, c.LearningRate, c.Seed = 16, 2, 0.02, 3
				if device.Describe(b) != "go" {
					c.Buckets = 1 // XLA would only compile for longer
				}
				c.Validation, c.Dir = task.examples(16, 2), t.TempDir()
				train := task.examples(96, 1)
				run, err := fromScratch(quiet(t), b, task.model, train, c)
				if err != nil {
					t.Fatal(err)
				}
				h := run.Snapshot.History
				if got, want := h[len(h)-1].Valid.Loss, task.below(c.Validation); !(got < want) {
					t.Errorf("the loss on other examples went from %.4f to %.4f, want less than %.4f", h[0].Valid.Loss, got, want)
				}
				checkPredictions(t, b, run.Snapshot, c.Validation, h[len(h)-1].Valid.Loss)

				c.Dir = t.TempDir()
				if _, err := fromScratch(stopAt(t, 8), b, task.model, train, c); !errors.Is(err, context.Canceled) {
					t.Fatalf("stopped with %v", err)
				}
				resumed, err := fromScratch(quiet(t), b, task.model, train, c)
				if err != nil {
					t.Fatal(err)
				}
				if resumed.Resumed != 8 || !reflect.DeepEqual(resumed.Snapshot.Weights, run.Snapshot.Weights) ||
					!reflect.DeepEqual(resumed.Snapshot.History, run.Snapshot.History) {
					t.Errorf("went on from step %d to another end:\n%+v\n%+v",
						resumed.Resumed, resumed.Snapshot.History, run.Snapshot.History)
				}
			})
		})
	}
}

// checkPredictions checks that each prediction is as long as its target, and that the predictions
// yield the reported loss.
func checkPredictions(t *testing.T, b compute.Backend, s *snapshot.Snapshot, ex seq.Examples, loss float64) {
	t.Helper()
	results, err := fit.Evaluate(t.Context(), b, s, ex)
	if err != nil {
		t.Fatal(err)
	}
	if results.Loss() != loss {
		t.Errorf("evaluated, the loss is %v, in training it was %v", results.Loss(), loss)
	}
	predicted, err := fit.Predict(t.Context(), b, s, ex)
	if err != nil {
		t.Fatal(err)
	}
	scores, err := predicted.Scores()
	if err != nil {
		t.Fatal(err)
	}
	for i, session := range scores.Sessions {
		n := ex.Length(i).Target
		if results.Steps[i] != n || predicted.Got.Steps(i) != n || int(session.Steps) != n ||
			int(session.Origin) != ex.About(i).Origin {
			t.Errorf("example %d of %d steps: evaluated %d, predicted %d, scored %+v",
				i, n, results.Steps[i], predicted.Got.Steps(i), session)
		}
		if math.Abs(session.MSE-results.MSE[i]) > 1e-6 {
			t.Errorf("example %d: the prediction has the squared error %v, the evaluation says %v",
				i, session.MSE, results.MSE[i])
		}
		_, want := ex.Batch([]int{i}).Example(0)
		if !reflect.DeepEqual(predicted.Want.At(i), want) {
			t.Errorf("example %d: to be predicted was %v, not %v", i, want, predicted.Want.At(i))
		}
	}
}

// TestMean compares the two means for sequences of one and of three steps that are all predicted as
// zero. A long one counts for more in the mean over steps, and all count the same in the mean over
// sequences.
func TestMean(t *testing.T) {
	input := seq.New(1, []float32{1}, []float32{1})
	target := seq.New(1, []float32{4}, []float32{1, 2, 3})
	ex := seq.Pairs{Input: input, Target: target}
	model := rnn.Seq2Seq{Features: 1, Hidden: 2}
	b := backends.Go(t)
	for mean, want := range map[fit.Reduction]float64{
		"":                (16 + 1 + 4 + 9) / 4.,
		fit.OverSteps:     (16 + 1 + 4 + 9) / 4.,
		fit.OverSequences: (16 + (1+4+9)/3.) / 2,
		fit.Summed:        (16 + (1+4+9)/3.) / 2,
	} {
		c := fit.Config{Dir: t.TempDir(), Epochs: 1, Reduction: mean, LearningRate: 1e-9, Validation: ex, Buckets: 1}
		from, err := fit.New(model, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range from.Weights {
			clear(w.Data)
		}
		run, err := fit.Train(quiet(t), b, from, ex, c)
		if err != nil {
			t.Fatal(err)
		}
		p := run.Snapshot.History[0]
		if math.Abs(p.Train.Loss-want) > 1e-5 || math.Abs(p.Valid.Loss-want) > 1e-5 {
			t.Errorf("mean %q: loss %v in training, %v in evaluation, want %v", mean, p.Train.Loss, p.Valid.Loss, want)
		}
		other := fit.OverSequences
		if mean == other {
			other = fit.OverSteps
		}
		c.Reduction = other
		if _, err := fit.Train(quiet(t), b, from, ex, c); err == nil ||
			!strings.Contains(err.Error(), "was trained with Reduction") {
			t.Errorf("went on with the mean %q: %v", other, err)
		}
	}
}

// TestTeacherOutside checks that teacher forcing applies to training only, so that a model is
// evaluated as if it had none.
func TestTeacherOutside(t *testing.T) {
	b := backends.Go(t)
	ex := tasks["seq2seq"].examples(96, 1)
	free := tasks["seq2seq"].model.(rnn.Seq2Seq)
	taught := free
	free.TeacherForcing, taught.TeacherForcing = 0, 1
	var evaluated, trained []float64
	for _, m := range []rnn.Seq2Seq{free, taught} {
		s, err := fit.New(m, 1)
		if err != nil {
			t.Fatal(err)
		}
		r, err := fit.Evaluate(t.Context(), b, s, ex)
		if err != nil {
			t.Fatal(err)
		}
		evaluated = append(evaluated, r.Loss())
		run, err := fromScratch(quiet(t), b, m, ex, fit.Config{Dir: t.TempDir(), Steps: 1, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		trained = append(trained, run.Snapshot.History[0].Train.Loss)
	}
	if evaluated[0] != evaluated[1] || trained[0] == trained[1] {
		t.Errorf("free and taught: evaluated %v, in training %v", evaluated, trained)
	}
}

// TestShapesThatDoNotFit checks the error for a model whose predictions do not have the shape of
// its targets.
func TestShapesThatDoNotFit(t *testing.T) {
	b := backends.Go(t)
	set := sines(4, 9, 1)
	ids := majority(4, 1)
	ids.Set = seq.New(1, []float32{0, 1}, []float32{2}, []float32{1, 7}, []float32{0})
	for want, test := range map[string]struct {
		model rnn.Model
		ex    seq.Examples
		loss  fit.Loss
	}{
		"the forecaster predicts [16 5 1], the examples want [16 1 1]": {rnn.Forecaster{Features: 1},
			seq.Windows{Set: set, Past: 5}, ""},
		"the forecaster predicts [4 1 1], the examples want [4 9 1]": {rnn.Forecaster{Features: 1, Last: true},
			seq.NextStep{Set: set, SequenceLen: 9}, ""},
		"fit: example 2: rnn: value 1 of the input is 7, which is not an id": {
			rnn.Classifier{Features: 2, Vocabulary: 3, Hidden: 2, Classes: 3}, ids, fit.CrossEntropy,
		},
	} {
		c := fit.Config{Dir: t.TempDir(), Epochs: 1, Loss: test.loss}
		_, err := fromScratch(quiet(t), b, test.model, test.ex, c)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestFilled checks that filling up the last batch does not change the training. Of 5 examples in
// batches of 4, the last batch has one. In a batch of its own size, 1, it is not filled.
func TestFilled(t *testing.T) {
	backends.Each(t, func(t *testing.T, b compute.Backend) {
		for name, task := range tasks {
			if name == "forecaster" {
				continue // its examples come in sixteens
			}
			model := task.model
			if m, ok := model.(rnn.Seq2Seq); ok {
				m.TeacherForcing = 0 // which would be by chance
				model = m
			}
			from, err := fit.New(model, 1)
			if err != nil {
				t.Fatal(err)
			}
			ex := task.examples(5, 1)
			c := task.config
			c.Dir, c.Epochs, c.Steps, c.BatchSize, c.Buckets, c.Optimizer = t.TempDir(), 0, 2, 4, 1, fit.SGD
			c.LearningRate, c.EvalEvery, c.Seed = 0.1, 1, 2
			run, err := fit.Train(quiet(t), b, from, ex, c)
			if err != nil {
				t.Fatal(err)
			}
			// The second step alone, from the result of the first one.
			order := seq.Order{BatchSize: 4, Shuffle: true, Seed: 2, Buckets: seq.Buckets(ex, 4, 1)}.Plan(ex)
			c.Dir, c.Steps = t.TempDir(), 1
			first, err := fit.Train(quiet(t), b, from, only{ex, order[0].Index}, c)
			if err != nil {
				t.Fatal(err)
			}
			c.Dir, c.BatchSize = t.TempDir(), 1
			second, err := fit.Train(quiet(t), b, first.Snapshot, only{ex, order[1].Index}, c)
			if err != nil {
				t.Fatal(err)
			}
			got, want := run.Snapshot.History[1].Train.Loss, second.Snapshot.History[0].Train.Loss
			if !(math.Abs(got-want) <= 1e-5*want) {
				t.Errorf("%s: loss %v filled, %v alone", name, got, want)
			}
			for w, tensor := range second.Snapshot.Weights {
				for i, v := range tensor.Data {
					if d := math.Abs(float64(v - run.Snapshot.Weights[w].Data[i])); !(d <= 1e-5) {
						t.Fatalf("%s: %s differs by %.2g", name, w, d)
					}
				}
			}
		}
	})
}

// only is a subset of other examples.
type only struct {
	seq.Examples
	of []int
}

func (o only) Len() int                            { return len(o.of) }
func (o only) Length(i int) seq.Steps              { return o.Examples.Length(o.of[i]) }
func (o only) About(i int) seq.About               { return o.Examples.About(o.of[i]) }
func (o only) Resize(steps seq.Steps) seq.Examples { return only{o.Examples.Resize(steps), o.of} }
func (o only) Batch(index []int) seq.Batch {
	var of []int
	for _, i := range index {
		of = append(of, o.of[i])
	}
	b := o.Examples.Batch(of)
	b.Index = index
	return b
}
