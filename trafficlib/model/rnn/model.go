package rnn

import (
	"bytes"
	"encoding/json"
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// A Model describes, as plain data, a network that reads sequences. Package fit trains it.
//
// The axes of tensors have letters: b is the sequence in the batch, t the time step, f the input
// feature and h the unit.
type Model interface {
	// Kind returns the name of the type of model in files, such as "forecaster".
	Kind() string
	// Check returns an error of one line unless the description makes sense.
	Check() error
	// Params returns the weights, in a fixed order.
	Params() []Param
	// In returns the width of an input step.
	In() int
	// Out returns the width of an output step.
	Out() int
	// Graph adds the model to a computation and returns the prediction [b, t', out]. w holds the
	// weights by name. A model that predicts once per sequence has t' = 1.
	Graph(w map[string]*Node, in Inputs) *Node
}

// Inputs is a batch in a graph. All fields but X are optional.
type Inputs struct {
	X       *Node // [b, t, in]
	Lengths *Node // [b] int32, the true steps of each sequence; nil means all steps
	Target  *Node // [b, t', out], for models that may read the truth; the others ignore it
	Key     *Node // [2] uint32, see the function Key; nil outside of training, where nothing is random
	Guided  bool  // a model that reads its own output reads Target instead, at each step the previous one
}

// sequence returns X with time first, [t, b, in], and the mask [t, b, 1] of its true steps, or nil.
func (in Inputs) sequence() (x, mask *Node) {
	x = TransposeAllAxes(in.X, 1, 0, 2)
	if in.Lengths != nil {
		mask = InsertAxes(Transpose(Mask(in.Lengths, in.X.Shape().Dim(1)), 0, 1), -1)
	}
	return x, mask
}

// A Param is a tensor of weights.
type Param struct {
	Name  string
	Shape []int
	Init  Init
	Limit float64 // for Uniform and TwoUniform
}

// Open returns the model of a kind and a description in JSON, as stored in a snapshot.
func Open(kind string, description []byte) (Model, error) {
	switch kind {
	case Forecaster{}.Kind():
		return open[Forecaster](description)
	case Seq2Seq{}.Kind():
		return open[Seq2Seq](description)
	case Classifier{}.Kind():
		return open[Classifier](description)
	}
	return nil, fmt.Errorf("rnn: unknown kind of model %q (this version knows %q, %q and %q)", kind,
		Forecaster{}.Kind(), Seq2Seq{}.Kind(), Classifier{}.Kind())
}

// open decodes JSON. It refuses unknown fields: ignoring one would change the model.
func open[M Model](description []byte) (Model, error) {
	var m M
	d := json.NewDecoder(bytes.NewReader(description))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return nil, fmt.Errorf("rnn: description of a %s: %w", m.Kind(), err)
	}
	return m, m.Check()
}
