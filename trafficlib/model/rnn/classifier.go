package rnn

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Pool is how a classifier reduces the steps of a sequence to one.
type Pool string

const (
	PoolLast Pool = "last" // the state at the end of the sequence; the default, ""
	PoolMean Pool = "mean" // the mean over the true steps
	PoolMax  Pool = "max"  // the largest value of each unit over the true steps
)

// A Classifier predicts the class of a whole sequence, or which of several labels apply to it. It
// consists of an embedding if its steps are ids, recurrent layers, a pool over time and a dense
// layer. The fields that Layers has too are explained there.
type Classifier struct {
	Cell             Cell       `json:"cell,omitempty"`
	Features         int        `json:"features"`             // f, the width of a step, or of the embedding
	Vocabulary       int        `json:"vocabulary,omitempty"` // steps are ids below Vocabulary; 0: they are features
	Classes          int        `json:"classes"`
	Hidden           int        `json:"hidden"`           // h, the units of a layer
	Layers           int        `json:"layers,omitempty"` // 0 means 1
	Bidirectional    bool       `json:"bidirectional,omitempty"`
	Gates            Gates      `json:"gates,omitempty"`
	Peephole         bool       `json:"peephole,omitempty"`
	LayerNorm        bool       `json:"layer_norm,omitempty"`
	Dropout          float64    `json:"dropout,omitempty"`
	Variational      bool       `json:"variational,omitempty"`
	RecurrentDropout float64    `json:"recurrent_dropout,omitempty"`
	Pool             Pool       `json:"pool,omitempty"`
	Output           Activation `json:"output,omitempty"` // SoftmaxOutput (default): one class; SigmoidOutput: labels
	Init             Scheme     `json:"init,omitempty"`
}

// Kind returns "classifier".
func (m Classifier) Kind() string { return "classifier" }

// In returns the number of features of a step, which is 1 if steps are ids.
func (m Classifier) In() int {
	if m.Vocabulary > 0 {
		return 1
	}
	return m.Features
}

// Out returns the number of classes.
func (m Classifier) Out() int { return m.Classes }

// Check returns an error unless the description makes sense.
func (m Classifier) Check() error {
	switch {
	case m.Classes < 1:
		return fmt.Errorf("rnn: classifier with %d classes: want at least 1", m.Classes)
	case m.Classes == 1 && m.Output != SigmoidOutput:
		return fmt.Errorf("rnn: a classifier with one class needs the output %q: a %q of one value is always 1",
			SigmoidOutput, SoftmaxOutput)
	case m.Vocabulary < 0 || m.Vocabulary > maxID+1:
		return fmt.Errorf("rnn: classifier with a vocabulary of %d: want from 0 to %d", m.Vocabulary, maxID+1)
	case m.Output != "" && m.Output != SoftmaxOutput && m.Output != SigmoidOutput:
		return fmt.Errorf("rnn: classifier with output %q: want %q or %q", m.Output, SoftmaxOutput, SigmoidOutput)
	}
	switch m.Pool {
	case "", PoolLast, PoolMean, PoolMax:
	default:
		return fmt.Errorf("rnn: pool %q: want %q, %q or %q", m.Pool, PoolLast, PoolMean, PoolMax)
	}
	return m.layers().Check()
}

// maxID is the largest id. float32 has all integers up to it: ids are stored as float32, like all
// inputs.
const maxID = 1 << 24

// CheckInput returns an error unless the inputs of an embedding are ids. On a device, an id out of
// range would read another row or none.
func (m Classifier) CheckInput(x []float32) error {
	if m.Vocabulary == 0 {
		return nil
	}
	for i, v := range x {
		if !(v >= 0 && v < float32(m.Vocabulary)) || v != float32(int(v)) {
			return fmt.Errorf("rnn: value %d of the input is %v, which is not an id: want an integer from 0 to %d",
				i, v, m.Vocabulary-1)
		}
	}
	return nil
}

func (m Classifier) layers() Layers {
	return Layers{
		Cell: m.Cell, Gates: m.Gates, Peephole: m.Peephole, Features: m.Features, Hidden: m.Hidden, Depth: m.Layers,
		Bidirectional: m.Bidirectional, Dropout: m.Dropout, Variational: m.Variational,
		RecurrentDropout: m.RecurrentDropout, LayerNorm: m.LayerNorm, Init: m.Init,
	}
}

// Params returns the weights: "embedding/embeddings" [vocabulary, f] if there is an embedding,
// those of Layers.Params, and "dense/kernel" [h, classes] and "dense/bias" [classes].
func (m Classifier) Params() (ps []Param) {
	if m.Vocabulary > 0 {
		// As in Keras; PyTorch initializes an embedding with a normal distribution.
		shape := []int{m.Vocabulary, m.Features}
		ps = append(ps, Param{Name: "embedding/embeddings", Shape: shape, Init: Uniform, Limit: 0.05})
	}
	ps = append(ps, m.layers().Params()...)
	return append(ps, dense("dense", m.layers().Out(), m.Classes, m.Init)...)
}

// Graph returns the probability of each class, [b, 1, classes], for x [b, t, f], or ids [b, t, 1],
// up to the true lengths.
func (m Classifier) Graph(w map[string]*Node, in Inputs) *Node {
	logits := m.Logits(w, in)
	if m.Activation() == SigmoidOutput {
		return Logistic(logits)
	}
	return Softmax(logits, -1)
}

// Logits is like Graph but leaves out the activation of the output.
func (m Classifier) Logits(w map[string]*Node, in Inputs) *Node {
	x, mask := in.sequence()
	steps, b := x.Shape().Dim(0), x.Shape().Dim(1)
	if m.Vocabulary > 0 {
		rows := Gather(w["embedding/embeddings"], Reshape(ConvertDType(x, dtypes.Int32), steps*b, 1))
		x = Reshape(rows, steps, b, m.Features)
	}
	y, row, _ := m.layers().run(w, x, nil, mask, in.Key)
	if mask == nil {
		mask = Ones(x.Graph(), shapeOf(x, steps, b, 1))
	}
	switch m.Pool {
	case PoolMean:
		// A sequence without steps has no mean: it gets zeros.
		row = Div(ReduceSum(Mul(y, mask), 0), MaxScalar(ReduceSum(mask, 0), 1))
	case PoolMax:
		// Steps past the end get so low a value that they are never the largest. A sequence without
		// steps gets zeros here too.
		row = ReduceMax(Add(Mul(y, mask), MulScalar(OneMinus(mask), -1e9)), 0)
		row = Mul(row, Squeeze(SliceAxis(mask, 0, AxisElem(0)), 0))
	}
	return TransposeAllAxes(applyDense(w, "dense", InsertAxes(row, 0)), 1, 0, 2)
}
