package seq

import "encoding/json"

// encoderOf gives a transform as package fit keeps it in a snapshot: its JSON, or nil when there is none or it has
// none.
func encoderOf(t Transform) (json.RawMessage, error) {
	if m, ok := t.(json.Marshaler); ok {
		return m.MarshalJSON()
	}
	return nil, nil
}

// Encoder gives the transform as package fit keeps it in a snapshot, so that a model's inputs can be made again from
// the snapshot alone: its JSON, or nil when there is no transform or it has none.
func (n NextStep) Encoder() (json.RawMessage, error) { return encoderOf(n.Transform) }

// Encoder gives the transform of the rows, as that of NextStep does.
func (w Windows) Encoder() (json.RawMessage, error) { return encoderOf(w.Transform) }

// Encoder gives the transform of the inputs, as that of NextStep does; without one, what the rows were made by.
func (p Pairs) Encoder() (json.RawMessage, error) {
	if p.Transform == nil && p.MadeBy != nil {
		return p.MadeBy.MarshalJSON()
	}
	return encoderOf(p.Transform)
}

// Encoder gives the transform of the inputs, as that of NextStep does; without one, what the sequences were made by.
func (l Labeled) Encoder() (json.RawMessage, error) {
	if l.Transform == nil && l.MadeBy != nil {
		return l.MadeBy.MarshalJSON()
	}
	return encoderOf(l.Transform)
}
