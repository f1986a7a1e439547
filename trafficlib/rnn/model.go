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
	// Graph adds the model to a computation: the prediction [b, t, out] for x [b, t, in], with the weights by name.
	Graph(w map[string]*Node, x *Node) *Node
}

// Param is one tensor of weights: its name, its shape and how it starts.
type Param struct {
	Name  string
	Shape []int
	Init  Init
}

// Open makes a model out of its kind and its description as JSON, as it stands in a snapshot.
func Open(kind string, description []byte) (Model, error) {
	var m Model
	switch kind {
	case Forecaster{}.Kind():
		var f Forecaster
		if err := strict(description, &f); err != nil {
			return nil, fmt.Errorf("rnn: description of a %s: %w", kind, err)
		}
		m = f
	default:
		return nil, fmt.Errorf("rnn: unknown kind of model %q (this version knows %q)", kind, Forecaster{}.Kind())
	}
	return m, m.Check()
}

// strict decodes JSON and refuses what it does not know: a field that this version would ignore changes the model.
func strict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(into)
}
