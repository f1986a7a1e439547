package encode

import (
	"encoding/json"
	"fmt"
)

// An Encoder is a RowEncoder or a TableEncoder: what makes the rows of one width that a model
// reads. Its JSON travels in sequence files and snapshots, and Parse reads it.
type Encoder interface {
	Features() int
	json.Marshaler
}

// Parse reads the JSON of a RowEncoder or a TableEncoder.
func Parse(data []byte) (Encoder, error) {
	if err := checkHead(data); err != nil {
		return nil, err
	}
	var kind struct{ Kind string }
	if err := json.Unmarshal(data, &kind); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	if kind.Kind == kindColumns {
		e := new(TableEncoder)
		if err := e.UnmarshalJSON(data); err != nil {
			return nil, err
		}
		return e, nil
	}
	e := new(RowEncoder)
	if err := e.UnmarshalJSON(data); err != nil {
		return nil, err
	}
	return e, nil
}
