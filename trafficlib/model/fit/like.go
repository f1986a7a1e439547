package fit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// EncodeLike returns a set of new data with the encoder that the model of a snapshot learned with,
// so that the examples made of it are what the model reads:
//
//	set, err := fit.EncodeLike(trained, captured)
//	predicted, err := fit.Predict(ctx, backend, trained, set.NextStep())
//
// It is an error if the set's features or its recipe are not those that the model learned from.
// What one of both does not record is not compared. A set whose rows were made by an encoder keeps
// that, which must be the model's.
func EncodeLike(s *snapshot.Snapshot, set *seq.Set) (*seq.Set, error) {
	if err := sameNames(s, set.Lineage()); err != nil {
		return nil, err
	}
	if made := set.Recipe(); made != nil && len(s.Recipe) > 0 {
		var learned seq.Recipe
		if err := json.Unmarshal(s.Recipe, &learned); err != nil {
			return nil, fmt.Errorf("fit: snapshot %s: its recipe: %w", s.Path, err)
		}
		if learned.String() != made.String() {
			return nil, fmt.Errorf("fit: snapshot %s: its model learned from rows that %v made, these were made by %v",
				s.Path, &learned, made)
		}
	}
	if len(s.Encoder) == 0 {
		return set, nil
	}
	encoder, err := encode.Parse(s.Encoder)
	if err != nil {
		return nil, fmt.Errorf("fit: snapshot %s: %w", s.Path, err)
	}
	if encoder.Features() != set.Features() {
		return nil, fmt.Errorf("fit: snapshot %s: its encoder is of %d features, the set has %d",
			s.Path, encoder.Features(), set.Features())
	}
	if _, table := encoder.(*encode.TableEncoder); table {
		own, err := []byte(nil), error(nil)
		if e := set.Encoder(); e != nil {
			own, err = e.MarshalJSON()
		}
		if err != nil || !bytes.Equal(own, s.Encoder) {
			return nil, fmt.Errorf("fit: snapshot %s: its model learned from rows of an encoder of tables, "+
				"which must have made these rows too", s.Path)
		}
		return set, nil
	}
	return set.WithEncoder(encoder), nil
}

// sameNames reports that features are not those that the model of a snapshot learned from, if both
// have names.
func sameNames(s *snapshot.Snapshot, l seq.Lineage) error {
	if s.Names == nil || l.Names == nil || slices.Equal(s.Names, l.Names) {
		return nil
	}
	for i, name := range s.Names {
		if i >= len(l.Names) || name != l.Names[i] {
			return fmt.Errorf("fit: snapshot %s: feature %d of its model is %q, that of the examples is %q",
				s.Path, i, name, append(slices.Clone(l.Names), "")[min(i, len(l.Names))])
		}
	}
	return fmt.Errorf("fit: snapshot %s: its model has %d features, the examples have %d",
		s.Path, len(s.Names), len(l.Names))
}
