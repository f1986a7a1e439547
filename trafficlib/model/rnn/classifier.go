package rnn

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Pool is how a classifier makes one row out of the steps of a sequence.
type Pool string

const (
	PoolLast Pool = "last" // the state at the end of the sequence; "" means this one
	PoolMean Pool = "mean" // the mean over the true steps
	PoolMax  Pool = "max"  // the largest value of each unit over the true steps
)

// Classifier tells of a whole sequence which class it belongs to, or which of several labels it has: an embedding if
// its steps are ids, recurrent layers, a pool over time, a dense layer.
type Classifier struct {
	Cell             Cell       `json:"cell,omitempty"`
	Features         int        `json:"features"`             // f, the width of a step, or of the embedding
	Vocabulary       int        `json:"vocabulary,omitempty"` // steps are ids from 0 to Vocabulary-1; 0 means that they are features
	Classes          int        `json:"classes"`
	Hidden           int        `json:"hidden"`           // h, the units of a layer
	Layers           int        `json:"layers,omitempty"` // 0 means 1
	Bidirectional    bool       `json:"bidirectional,omitempty"`
	Gates            Gates      `json:"gates,omitempty"`
	Peephole         bool       `json:"peephole,omitempty"`          // the gates of an LSTM see its cell
	LayerNorm        bool       `json:"layer_norm,omitempty"`        // after each layer, over the units of a step
	Dropout          float64    `json:"dropout,omitempty"`           // the part of the values that are dropped between layers
	Variational      bool       `json:"variational,omitempty"`       // drop the same values at all steps of a sequence
	RecurrentDropout float64    `json:"recurrent_dropout,omitempty"` // the part of a layer's units that its own next step does not see, the same at all steps
	Pool             Pool       `json:"pool,omitempty"`
	Output           Activation `json:"output,omitempty"` // Softmax, one class of several, or Sigmoid, each label for itself; "" means Softmax
	Init             Scheme     `json:"init,omitempty"`
}

// Kind is "classifier".
func (m Classifier) Kind() string { return "classifier" }

// In is the number of features of a step: 1 where steps are ids.
func (m Classifier) In() int {
	if m.Vocabulary > 0 {
		return 1
	}
	return m.Features
}

// Out is the number of classes.
func (m Classifier) Out() int { return m.Classes }

// Check tells what is wrong with the description.
func (m Classifier) Check() error {
	switch {
	case m.Classes < 1:
		return fmt.Errorf("rnn: classifier with %d classes: want at least 1", m.Classes)
	case m.Classes == 1 && m.Output != SigmoidOutput:
		return fmt.Errorf("rnn: a classifier with one class needs the output %q: %q of one is always 1", SigmoidOutput, SoftmaxOutput)
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

// maxID is the largest whole number up to which float32 has all: ids travel as float32, like all other inputs.
const maxID = 1 << 24

// CheckInput looks at ids before they reach a device, where one that is out of range reads some other row or none.
func (m Classifier) CheckInput(x []float32) error {
	if m.Vocabulary == 0 {
		return nil
	}
	for i, v := range x {
		if !(v >= 0 && v < float32(m.Vocabulary)) || v != float32(int(v)) {
			return fmt.Errorf("rnn: value %d of the input is %v, which is no id: want a whole number from 0 to %d", i, v, m.Vocabulary-1)
		}
	}
	return nil
}

func (m Classifier) layers() Layers {
	return Layers{
		Cell: m.Cell, Gates: m.Gates, Peephole: m.Peephole, Features: m.Features, Hidden: m.Hidden, Depth: m.Layers,
		Bidirectional: m.Bidirectional, Dropout: m.Dropout, Variational: m.Variational, RecurrentDropout: m.RecurrentDropout, LayerNorm: m.LayerNorm, Init: m.Init,
	}
}

// Params are "embedding/embeddings" [vocabulary, f] if there is one, those of the layers, as a Forecaster's, and
// "dense/kernel" [h, classes] and "dense/bias" [classes].
func (m Classifier) Params() (ps []Param) {
	if m.Vocabulary > 0 {
		// Keras starts an embedding in ±0.05, PyTorch with a normal distribution.
		ps = append(ps, Param{Name: "embedding/embeddings", Shape: []int{m.Vocabulary, m.Features}, Init: Uniform, Limit: 0.05})
	}
	ps = append(ps, m.layers().Params()...)
	return append(ps, dense("dense", m.layers().Out(), m.Classes, m.Init)...)
}

// Graph gives the probability of each class, [b, 1, classes], for x [b, t, f], or ids [b, t, 1], up to the true
// lengths.
func (m Classifier) Graph(w map[string]*Node, in Inputs) *Node {
	logits := m.Logits(w, in)
	if m.Activation() == SigmoidOutput {
		return Logistic(logits)
	}
	return Softmax(logits, -1)
}

// Logits is Graph without its last function, for a loss that is better off without it.
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
		// A sequence without steps has no mean; it gets zeros.
		row = Div(ReduceSum(Mul(y, mask), 0), MaxScalar(ReduceSum(mask, 0), 1))
	case PoolMax:
		// What is past the end is put out of reach. A sequence without steps gets zeros here too.
		row = ReduceMax(Add(Mul(y, mask), MulScalar(OneMinus(mask), -1e9)), 0)
		row = Mul(row, Squeeze(SliceAxis(mask, 0, AxisElem(0)), 0))
	}
	return TransposeAllAxes(applyDense(w, "dense", InsertAxes(row, 0)), 1, 0, 2)
}
