package seq

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
)

// Lineage describes the rows of a set: what they mean and how they were made. It travels
// into the snapshots of models that learn from the set, so that new rows can be made like these.
type Lineage struct {
	Names   []string       // of the features; nil if they have none
	Recipe  *Recipe        // how rows were made; nil if that is not known
	Encoder encode.Encoder // a RowEncoder to be applied to the rows, or the TableEncoder that made them; nil for none
	Sources []Source       // the files that the rows come from, by name
}

// A Recipe says how rows were made: by what, and with what options. The extractor reads its own
// options.
type Recipe struct {
	Extractor string          `json:"extractor"` // "tlsfeat" for instance
	Version   int             `json:"version"`   // of the extractor's rows
	Options   json.RawMessage `json:"options,omitempty"`
}

// A Source is a file that sequences were made from.
type Source struct {
	Name   string // without folders
	SHA256 string // of its contents, in hexadecimal; "" if that was not computed
}

// NewRecipe returns the recipe of an extractor with options that encoding/json can write. It panics
// if it cannot.
func NewRecipe(extractor string, version int, options any) Recipe {
	text, err := json.Marshal(options)
	if err != nil {
		panic(fmt.Sprintf("seq: NewRecipe: %v", err))
	}
	return Recipe{extractor, version, text}
}

// Lineage returns the description of the set's rows.
func (s *Set) Lineage() Lineage {
	if s.lineage == nil {
		return Lineage{}
	}
	return *s.lineage
}

// WithLineage returns the same sequences with another lineage. It panics if there are not as many
// names as features. An encoder of another width is refused by Check of the examples, and by Save.
func (s *Set) WithLineage(l Lineage) *Set {
	if l.Names != nil && len(l.Names) != s.features {
		panic(fmt.Sprintf("seq: WithLineage: %d names for %d features", len(l.Names), s.features))
	}
	out := *s
	out.lineage, out.file = &l, nil
	return &out
}

func (l Lineage) check(features int) error {
	switch {
	case l.Names != nil && len(l.Names) != features:
		return fmt.Errorf("%d names for %d features", len(l.Names), features)
	case l.Encoder != nil && l.Encoder.Features() != features:
		return fmt.Errorf("an encoder of %d features for rows of %d", l.Encoder.Features(), features)
	}
	return nil
}

// WithNames returns the same sequences with names for the features. It panics if there are not as
// many.
func (s *Set) WithNames(names ...string) *Set {
	l := s.Lineage()
	l.Names = slices.Clone(names)
	return s.WithLineage(l)
}

// WithEncoder returns the same sequences with an encoder. A RowEncoder is applied to the rows by
// the examples that the set makes (NextStep, Windows …); a TableEncoder is the one that has made
// the rows.
func (s *Set) WithEncoder(e encode.Encoder) *Set {
	l := s.Lineage()
	l.Encoder = e
	return s.WithLineage(l)
}

// WithRecipe returns the same sequences with a recipe.
func (s *Set) WithRecipe(r Recipe) *Set {
	l := s.Lineage()
	l.Recipe = &r
	return s.WithLineage(l)
}

// Names returns the names of the features: f0, f1 and so on if they have none.
func (s *Set) Names() []string {
	if names := s.Lineage().Names; names != nil {
		return slices.Clone(names)
	}
	names := make([]string, s.features)
	for i := range names {
		names[i] = "f" + strconv.Itoa(i)
	}
	return names
}

// Encoder returns the encoder of the rows, nil if there is none; see WithEncoder.
func (s *Set) Encoder() encode.Encoder { return s.Lineage().Encoder }

// Recipe returns how the rows were made, nil if that is not known.
func (s *Set) Recipe() *Recipe { return s.Lineage().Recipe }

// transform returns the encoder if it is one that examples apply, else nil.
func (s *Set) transform() Transform {
	if e, ok := s.Encoder().(Transform); ok {
		return e
	}
	return nil
}

// lineage returns the lineage of what a model reads: rows of the set after a transform. A transform
// that cannot be written as JSON is not kept.
func lineage(s *Set, t Transform) Lineage {
	l := s.Lineage()
	if e, ok := t.(encode.Encoder); ok {
		l.Encoder = e
	} else if _, applied := l.Encoder.(Transform); applied || t != nil {
		l.Encoder = nil // rows were not transformed by it
	}
	return l
}

// same reports how another lineage differs. What one of them does not state does not differ.
func (l Lineage) same(other Lineage) error {
	if l.Names != nil && other.Names != nil && !slices.Equal(l.Names, other.Names) {
		return errors.New("its features have other names")
	}
	if l.Recipe != nil && other.Recipe != nil && (l.Recipe.Extractor != other.Recipe.Extractor ||
		l.Recipe.Version != other.Recipe.Version || !bytes.Equal(l.Recipe.Options, other.Recipe.Options)) {
		return fmt.Errorf("its rows were made by %v, not by %v", other.Recipe, l.Recipe)
	}
	if l.Encoder != nil && other.Encoder != nil && l.Encoder != other.Encoder {
		a, err := l.Encoder.MarshalJSON()
		b, err2 := other.Encoder.MarshalJSON()
		if err != nil || err2 != nil || !bytes.Equal(a, b) {
			return errors.New("it has another encoder")
		}
	}
	return nil
}

// String returns the recipe in a line: `tlsfeat 1 {"limit":1000}`.
func (r *Recipe) String() string {
	return fmt.Sprint(r.Extractor, " ", r.Version, " ", string(r.Options))
}
