package fit

import (
	"fmt"
	"reflect"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// trainingState is what a snapshot keeps of a training, so that it can resume as if it had never
// stopped.
type trainingState struct {
	settings

	Batch  int     `json:"batch"`  // batches of the current epoch that are done
	Sum    float64 `json:"loss"`   // the sum of the losses of the batches since the last point, each times its weight
	Weight float64 `json:"weight"` // the sum of their weights, which are what their sequences count in the mean

	Right float64 `json:"right,omitempty"` // of the target steps since then, those that were right
	Told  float64 `json:"told,omitempty"`  // and how many there were

	Falls   int   `json:"falls,omitempty"` // how often the learning rate fell at a plateau
	Plateau watch `json:"plateau"`         // the loss that says when it falls next
	Valid   watch `json:"valid"`           // the loss that says when to stop early
	Best    int   `json:"best,omitempty"`  // the step of its lowest value, which has a snapshot; 0 before the first
}

// clear forgets the sums since the last point.
func (s *trainingState) clear() { s.Sum, s.Weight, s.Right, s.Told = 0, 0, 0, 0 }

// ratio returns part/whole, nil if whole is 0.
func ratio(part, whole float64) *float64 {
	if whole == 0 {
		return nil
	}
	r := part / whole
	return &r
}

// settings are what must be the same when a training resumes.
type settings struct {
	BatchSize    int                `json:"batch_size"`
	Replace      bool               `json:"replace,omitempty"`
	Buckets      int                `json:"buckets"`
	Every        int                `json:"every,omitempty"`
	Loss         Loss               `json:"loss_kind"`
	Mean         Reduction          `json:"loss_mean"`
	ClassWeights []float64          `json:"class_weights,omitempty"`
	Optimizer    Optimizer          `json:"optimizer"`
	Momentum     float64            `json:"momentum,omitempty"`
	WeightDecay  float64            `json:"weight_decay,omitempty"`
	LearningRate float64            `json:"learning_rate"`
	Rates        map[string]float64 `json:"rates,omitempty"`
	Schedule     Schedule           `json:"schedule"`
	Span         int                `json:"span,omitempty"` // steps in all, if the learning rate depends on them
	ClipNorm     float64            `json:"clip_norm,omitempty"`
	Patience     int                `json:"patience,omitempty"`
	Seed         int64              `json:"seed"`
	Examples     string             `json:"examples"`           // a hash of what is trained on
	Validation   string             `json:"valid_on,omitempty"` // a hash of Config.Validation, where it matters
	Start        string             `json:"start"`              // a hash of the first weights
}

func (c Config) settings(train seq.Examples, steps int, from *snapshot.Snapshot) settings {
	s := settings{
		BatchSize: c.BatchSize, Replace: c.Replace, Buckets: c.Buckets, Every: c.EvalEvery,
		Loss: c.Loss, Mean: c.Reduction, ClassWeights: c.ClassWeights,
		Optimizer: c.Optimizer, Momentum: c.Momentum, WeightDecay: c.WeightDecay,
		LearningRate: c.LearningRate, Rates: c.Rates, Schedule: c.Schedule, ClipNorm: c.ClipNorm,
		Patience: c.Patience, Seed: c.Seed,
		Examples: fingerprint(train), Start: weightsFingerprint(from.Weights),
	}
	if c.Schedule.Kind == Cosine {
		s.Span = steps
	}
	if c.Validation != nil && (c.Patience > 0 || c.Schedule.Kind == Plateau) {
		s.Validation = fingerprint(c.Validation)
	}
	return s
}

// same reports how the settings of a training differ from those that it should resume with.
func (a settings) same(b settings) error {
	for _, s := range []struct {
		what    string
		was, is any
	}{
		{"BatchSize", a.BatchSize, b.BatchSize},
		{"Replace", a.Replace, b.Replace},
		{"Buckets", a.Buckets, b.Buckets},
		{"EvalEvery", a.Every, b.Every},
		{"Loss", a.Loss, b.Loss},
		{"Reduction", a.Mean, b.Mean},
		{"ClassWeights", a.ClassWeights, b.ClassWeights},
		{"Optimizer", a.Optimizer, b.Optimizer},
		{"Momentum", a.Momentum, b.Momentum},
		{"WeightDecay", a.WeightDecay, b.WeightDecay},
		{"LearningRate", a.LearningRate, b.LearningRate},
		{"Rates", a.Rates, b.Rates},
		{"Schedule", a.Schedule, b.Schedule},
		{"a Cosine schedule over steps", a.Span, b.Span},
		{"ClipNorm", a.ClipNorm, b.ClipNorm},
		{"Patience", a.Patience, b.Patience},
		{"Seed", a.Seed, b.Seed},
		{"examples", a.Examples, b.Examples},
		{"Validation", a.Validation, b.Validation},
		{"first weights", a.Start, b.Start},
	} {
		if !reflect.DeepEqual(s.was, s.is) {
			return fmt.Errorf("was trained with %s %v, now it is %v: choose another Dir, or the same settings",
				s.what, s.was, s.is)
		}
	}
	return nil
}
