package fit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"maps"
	"math"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

const (
	defaultBatch = 64
	// Each shape is compiled once, in about half a second. On 136 real TLS sessions with a mean of 36
	// steps, 3 lengths make an epoch 16 times shorter than padding to 1000 does, and 5 no more than 24
	// times (BenchmarkEpoch).
	defaultBuckets = 4
	// Each bucket has up to three graphs: to train, to measure, and to measure on Config.Validation.
	// Those of one training are kept for the next (programs.Most).
	mostBuckets = 15
)

// A Config says how to train. Only Dir is required.
type Config struct {
	Dir string // the folder for the snapshots; if it holds some, training resumes from the latest

	Epochs int // passes over the data; 0 means 10, unless Steps is set
	Steps  int // optimizer steps, in place of Epochs

	BatchSize    int       // examples per step; 0 means 64
	Replace      bool      // draw each example from all of them: in an epoch some come twice and some not at all
	Buckets      int       // shapes that sequences are padded to, at most; 0 means 4, 1 pads all to the longest
	Loss         Loss      // "" means MSE
	Reduction    Reduction // what the loss is a mean over; "" means OverSteps
	ClassWeights []float64 // for CrossEntropy one for each class, for BinaryCrossEntropy two, of 0 and 1; nil means 1 each
	Optimizer    Optimizer // "" means Adam
	Momentum     float64   // μ of SGD; 0 means none
	WeightDecay  float64   // λ of AdamW; 0 means 0.01
	LearningRate float64   // 0 means 0.001
	Schedule     Schedule  // how the learning rate changes; the zero value keeps it
	// Rates are learning rates of parts of the model, as multiples of LearningRate: the key is the
	// name of a weight or of a layer, "lstm" for all of "lstm/…". 0 freezes the part. What is not
	// named has LearningRate. To fine-tune a model on other data, let the layers that both share
	// learn little or nothing.
	Rates    map[string]float64
	ClipNorm float64 // the length to which longer gradients, taken together, are shortened; 0 means never
	Patience int     // epochs without a lower validation loss after which to stop; 0 means never
	Seed     int64   // of the first weights and of the order of the examples

	EvalEvery   int          // steps between points of the history; 0 means those of an epoch
	Validation  seq.Examples // examples to measure on at each point; nil for none
	CosineEvery int          // points between measurements of the cosine similarity; 0 means never
	Callbacks   Callback     // is called at each point; nil for none
	// SnapshotAt are the shares of the training after which to keep a snapshot. Nil means ¼, ½, ¾.
	// The end always has one.
	SnapshotAt []float64
}

func (c Config) withDefaults() Config {
	set := func(v *int, value int) {
		if *v == 0 {
			*v = value
		}
	}
	if c.Steps == 0 {
		set(&c.Epochs, 10)
	}
	set(&c.BatchSize, defaultBatch)
	set(&c.Buckets, defaultBuckets)
	if c.Loss == "" {
		c.Loss = MSE
	}
	if c.Reduction == "" {
		c.Reduction = OverSteps
	}
	if c.Optimizer == "" {
		c.Optimizer = Adam
	}
	if c.LearningRate == 0 {
		c.LearningRate = 0.001
	}
	if c.Optimizer == AdamW && c.WeightDecay == 0 {
		c.WeightDecay = 0.01
	}
	if len(c.Rates) == 0 {
		c.Rates = nil // as it comes back from a snapshot
	}
	c.Schedule = c.Schedule.withDefaults()
	if c.SnapshotAt == nil {
		c.SnapshotAt = []float64{0.25, 0.5, 0.75}
	}
	return c
}

func (c Config) check() error {
	switch {
	case c.Dir == "":
		return errors.New("fit: Config.Dir is empty: training needs a folder for its snapshots")
	case c.Epochs > 0 && c.Steps > 0:
		return fmt.Errorf("fit: both Epochs (%d) and Steps (%d) are set: one of them says how long to train",
			c.Epochs, c.Steps)
	case c.Epochs < 0 || c.Steps < 0 || c.BatchSize < 0 || c.EvalEvery < 0 || c.CosineEvery < 0:
		return fmt.Errorf("fit: Epochs %d, Steps %d, BatchSize %d, EvalEvery %d, CosineEvery %d: none may be negative",
			c.Epochs, c.Steps, c.BatchSize, c.EvalEvery, c.CosineEvery)
	case c.EvalEvery > 0 && (c.Patience > 0 || c.Schedule.Kind == Plateau):
		return fmt.Errorf("fit: EvalEvery %d, and Patience or the schedule %q: these go by epochs, "+
			"and there would be no loss of one", c.EvalEvery, Plateau)
	case c.Buckets < 0 || c.Buckets > mostBuckets:
		return fmt.Errorf("fit: Buckets %d: want 1 to %d, or 0 for %d", c.Buckets, mostBuckets, defaultBuckets)
	case !(c.LearningRate > 0) || math.IsInf(c.LearningRate, 0):
		return fmt.Errorf("fit: LearningRate %v: want a positive number", c.LearningRate)
	case c.Momentum != 0 && (c.Optimizer != SGD || !(c.Momentum > 0 && c.Momentum < 1)):
		return fmt.Errorf("fit: Momentum %v with optimizer %q: it is for %q, from 0 to below 1", c.Momentum,
			c.Optimizer, SGD)
	case c.WeightDecay != 0 && (c.Optimizer != AdamW || !(c.WeightDecay > 0 && c.WeightDecay < 1)):
		return fmt.Errorf("fit: WeightDecay %v with optimizer %q: it is for %q, between 0 and 1", c.WeightDecay,
			c.Optimizer, AdamW)
	case !(c.ClipNorm >= 0) || math.IsInf(c.ClipNorm, 0):
		return fmt.Errorf("fit: ClipNorm %v: want a positive number, or 0 for no clipping", c.ClipNorm)
	case c.Patience < 0:
		return fmt.Errorf("fit: Patience %d is negative", c.Patience)
	case c.Patience > 0 && c.Validation == nil:
		return fmt.Errorf("fit: Patience %d, but no Validation to see an improvement on", c.Patience)
	}
	for _, at := range c.SnapshotAt {
		if !(at > 0 && at <= 1) {
			return fmt.Errorf("fit: SnapshotAt %v: want parts of the training, above 0 and up to 1", at)
		}
	}
	if err := c.Schedule.check(c.LearningRate); err != nil {
		return err
	}
	return c.Optimizer.check()
}

// fingerprint identifies examples by their number, their shape and a sample of their lengths and
// values.
func fingerprint(ex seq.Examples) string {
	sum := sha256.New()
	steps, in, out := ex.Shape()
	n := ex.Len()
	fmt.Fprintln(sum, n, steps, in, out)
	const sample = 16
	for k := range min(n, sample) {
		b := ex.Batch([]int{k * n / min(n, sample)})
		fmt.Fprintln(sum, b.Lengths, b.TargetLengths)
		hashFloats(sum, b.Input)
		hashFloats(sum, b.Target)
	}
	return fmt.Sprintf("%d:%s", n, hex.EncodeToString(sum.Sum(nil)[:6]))
}

// weightsFingerprint identifies the weights that a training starts from.
func weightsFingerprint(ts snapshot.Tensors) string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(ts)) {
		fmt.Fprintln(sum, name, ts[name].Shape)
		hashFloats(sum, ts[name].Data)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}

func hashFloats(sum hash.Hash, values []float32) {
	buf := make([]byte, 0, 4*len(values))
	for _, v := range values {
		buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
	}
	sum.Write(buf)
}

func describe(model rnn.Model) (snapshot.Model, error) {
	text, err := json.Marshal(model)
	return snapshot.Model{Kind: model.Kind(), Description: text}, err
}
