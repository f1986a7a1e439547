package seq

import "encoding/json"

// Encoder gives the transform as package fit keeps it in a snapshot, so that a model's inputs can be made again from
// the snapshot alone: its JSON, or nil when there is no transform or it has none.
func (n NextStep) Encoder() (json.RawMessage, error) {
	if m, ok := n.Transform.(json.Marshaler); ok {
		return m.MarshalJSON()
	}
	return nil, nil
}
