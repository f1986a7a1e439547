package rnn

import (
	"bytes"
	"encoding/json"
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// Model is what package fit trains: a description, as plain data, of a network that reads sequences.
//
// The axes of its tensors have letters: b is the sequence in the batch, t the time step, f the feature of the input
// and h the unit.
type Model interface {
	// Kind names the type of model in files, "forecaster".
	Kind() string
	// Check tells whether the description makes sense, in one line.
	Check() error
	// Params lists the weights, in a fixed order.
	Params() []Param
	// In and Out are the widths of a step that goes in, and of one that comes out.
	In() int
	Out() int
	// Graph adds the model to a computation: the prediction [b, t', out] for the inputs, with the weights by name. A
	// model that answers once a sequence has t' = 1.
	Graph(w map[string]*Node, in Inputs) *Node
}

// Inputs is a batch in a graph. Only X must be there.
type Inputs struct {
	X       *Node // [b, t, in]
	Lengths *Node // [b] int32, the true steps of each sequence; nil: all of them
	Target  *Node // [b, t', out], for a model that goes on from what is true; the others do not look at it
	Key     *Node // [2] uint32, made by Key: this is a step of training, which drops values and forces teachers; nil: it is not
	Guided  bool  // a model that goes on from what it has written reads Target in place of that, each step the one before
}

// sequence gives X by time [t, b, in], and a mask [t, b, 1] of its true steps or nil.
func (in Inputs) sequence() (x, mask *Node) {
	x = TransposeAllAxes(in.X, 1, 0, 2)
	if in.Lengths != nil {
		mask = InsertAxes(Transpose(Mask(in.Lengths, in.X.Shape().Dim(1)), 0, 1), -1)
	}
	return x, mask
}

// Param is one tensor of weights: its name, its shape and how it starts.
type Param struct {
	Name  string
	Shape []int
	Init  Init
	Limit float64 // of Uniform and TwoUniform
}

// Open makes a model out of its kind and its description as JSON, as it stands in a snapshot.
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

// open decodes JSON and refuses what it does not know: a field that this version would ignore changes the model.
func open[M Model](description []byte) (Model, error) {
	var m M
	d := json.NewDecoder(bytes.NewReader(description))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return nil, fmt.Errorf("rnn: description of a %s: %w", m.Kind(), err)
	}
	return m, m.Check()
}
