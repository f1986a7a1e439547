// Package encode turns measured rows into rows that a network learns from, and back.
//
// Rows that are numbers already, of one width, go through an Encoder, which changes them in place: L2, each row divided
// by its length, or MinMax, each feature moved to 0 … 1. Tables with columns of any type go through Columns, which makes
// rows of them: z-scores, flags, one-hot values, classes of numbers, bins of as many rows each; or ids for an embedding
// (Columns.IDs). A Tokenizer numbers the words of texts, as Keras does. All are fitted on the training part alone, are kept
// as a small JSON file, and travel inside a snapshot, so that whoever opens the model encodes new data as it was
// trained. Sums and quotients are taken in float64.
//
// They refuse limits that are no numbers and files of another kind or version, and never fit on NaN or infinity.
package encode

import (
	"fmt"
	"math"
	"slices"
)

// An Encoder changes rows of one width. L2, MinMax, FitMinMax, ReadMinMax and Open make them; the zero value is none,
// and only good to be unmarshalled into. It is not changed by use, so many goroutines may share one.
type RowEncoder struct {
	kind     string // kindL2 or kindMinMax
	features int
	min, max []float64 // of kindMinMax, one for each feature
	clip     bool
}

const (
	kindL2     = "l2"
	kindMinMax = "minmax"
)

// L2 divides each row by its Euclidean length, and leaves a row of zeros as it is. It panics when features is not
// positive.
func L2(features int) *RowEncoder {
	if features <= 0 {
		panic(fmt.Sprintf("encode: L2: %d features", features))
	}
	return &RowEncoder{kind: kindL2, features: features}
}

// MinMax moves each feature x to (x-min)/(max-min), and to 0 where max equals min. Values outside the limits come out
// below 0 or above 1; see Clip. The limits are kept, not copied. It is an error when there are none, when the two
// differ in number, or when one is not finite or lies below its minimum.
func MinMax(min, max []float64) (*RowEncoder, error) {
	e := &RowEncoder{kind: kindMinMax, features: len(min), min: min, max: max}
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return e, nil
}

// Limits returns the smallest and the largest value of each feature that a MinMax encoder has, as ReadMinMax reads them, and
// nil for another encoder.
func (e *RowEncoder) Limits() (min, max []float64) { return slices.Clone(e.min), slices.Clone(e.max) }

// check says what is wrong with an encoder that was put together from outside.
func (e *RowEncoder) check() error {
	switch {
	case e.features <= 0:
		return fmt.Errorf("%d features, want 1 or more", e.features)
	case e.kind == kindL2 && (e.min != nil || e.max != nil):
		return fmt.Errorf("kind %q takes no min and max", e.kind)
	case e.kind == kindL2:
		return nil
	case e.kind != kindMinMax:
		return fmt.Errorf("kind %q, want %q or %q", e.kind, kindL2, kindMinMax)
	case len(e.min) != e.features || len(e.max) != e.features:
		return fmt.Errorf("%d minima and %d maxima for %d features", len(e.min), len(e.max), e.features)
	}
	for f, lo := range e.min {
		hi := e.max[f]
		if math.IsNaN(lo-hi) || math.IsInf(lo-hi, 0) { // the difference of two huge limits may overflow as well
			return fmt.Errorf("feature %d: limits %v … %v are not finite", f, lo, hi)
		}
		if lo > hi {
			return fmt.Errorf("feature %d: minimum %v is above maximum %v", f, lo, hi)
		}
	}
	return nil
}

// Clip gives an encoder that does the same and then sets what is below 0 to 0 and what is above 1 to 1.
func (e *RowEncoder) Clip() *RowEncoder {
	c := *e
	c.clip = true
	return &c
}

// Features gives the width of the rows.
func (e *RowEncoder) Features() int { return e.features }

// Transform encodes rows in place; row-major, [n][Features]. Finite values stay finite: what is too large for a
// float32 becomes the largest one. It panics when rows does not hold whole rows.
func (e *RowEncoder) Transform(rows []float32) {
	e.whole(rows)
	for f := e.features; len(rows) > 0; rows = rows[f:] {
		row := rows[:f]
		if e.kind == kindL2 {
			scaleL2(row)
		} else {
			e.scaleMinMax(row)
		}
		if e.clip {
			for i, x := range row {
				row[i] = min(max(x, 0), 1)
			}
		}
	}
}

func (e *RowEncoder) whole(rows []float32) {
	if e.features == 0 {
		panic("encode: the zero Encoder encodes nothing")
	}
	if len(rows)%e.features != 0 {
		panic(fmt.Sprintf("encode: %d values are no whole rows of %d features", len(rows), e.features))
	}
}

func scaleL2(row []float32) {
	var sum float64
	for _, x := range row {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		return
	}
	length := math.Sqrt(sum)
	for i, x := range row {
		row[i] = float32(float64(x) / length)
	}
}

func (e *RowEncoder) scaleMinMax(row []float32) {
	lo, hi := e.min[:len(row)], e.max[:len(row)]
	for i, x := range row {
		if hi[i] == lo[i] {
			row[i] = 0
			continue
		}
		row[i] = narrow((float64(x) - lo[i]) / (hi[i] - lo[i]))
	}
}

// Inverse undoes Transform in place: x·(max-min)+min. A feature whose limits are equal comes back as that limit,
// and what Clip cut off does not come back. L2 has no inverse, since the length of the row is lost: an error.
func (e *RowEncoder) Inverse(rows []float32) error {
	e.whole(rows)
	if e.kind == kindL2 {
		return fmt.Errorf("encode: kind %q has no inverse: the length of each row is lost", e.kind)
	}
	for f := e.features; len(rows) > 0; rows = rows[f:] {
		for i, x := range rows[:f] {
			rows[i] = narrow(float64(x)*(e.max[i]-e.min[i]) + e.min[i])
		}
	}
	return nil
}

// narrow gives the float32 nearest to x among the finite ones; NaN stays NaN.
func narrow(x float64) float32 {
	return float32(min(max(x, -math.MaxFloat32), math.MaxFloat32))
}
