// Package encode turns measured rows into rows that a network learns from, and back.
//
// A RowEncoder takes rows that are numbers already, of one width, and changes them in place: L2
// divides each row by its length, MinMax moves each feature to 0 … 1. A TableEncoder takes tables
// with columns of any type and returns rows: z-scores, flags, one-hot values, classes of numbers,
// bins of as many rows each; or ids for an embedding (IDs). A Tokenizer numbers the words of texts,
// as Keras does. All are fitted on the training part alone, are kept as a small JSON file, and
// travel inside sequence sets and snapshots, so that whoever opens the model encodes new data as it
// was trained. Sums and quotients are taken in float64.
//
// Limits that are not numbers and files of another kind or version are refused, and nothing is
// fitted on NaN or infinity.
package encode

import (
	"fmt"
	"math"
	"slices"
)

// A RowEncoder changes rows of one width. L2, MinMax, FitMinMax, ReadMinMax and OpenRow make one;
// the zero value is only for unmarshaling into. Use does not change it, so that many goroutines may
// share it.
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

// L2 divides each row by its Euclidean length, and leaves a row of zeros as it is. It panics if
// features is not positive.
func L2(features int) *RowEncoder {
	if features <= 0 {
		panic(fmt.Sprintf("encode: L2: %d features", features))
	}
	return &RowEncoder{kind: kindL2, features: features}
}

// MinMax moves each feature x to (x-min)/(max-min), and to 0 where max equals min. Values outside
// the limits come out below 0 or above 1; see Clip. The limits are kept, not copied. It is an error
// if there are none, the two differ in number, or one is not finite or lies below its minimum.
func MinMax(min, max []float64) (*RowEncoder, error) {
	e := &RowEncoder{kind: kindMinMax, features: len(min), min: min, max: max}
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return e, nil
}

// Limits returns the smallest and the largest value of each feature of a MinMax encoder, as
// ReadMinMax reads them, and nil for another encoder.
func (e *RowEncoder) Limits() (min, max []float64) { return slices.Clone(e.min), slices.Clone(e.max) }

// check reports what is wrong with an encoder that came from outside.
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

// Clip returns an encoder that does the same and then sets values below 0 to 0 and values above 1
// to 1.
func (e *RowEncoder) Clip() *RowEncoder {
	c := *e
	c.clip = true
	return &c
}

// Features returns the width of the rows.
func (e *RowEncoder) Features() int { return e.features }

// Transform encodes rows in place; row-major, [n][Features]. Finite values stay finite: what is too
// large for a float32 becomes the largest one. It panics if rows does not hold whole rows.
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
		panic("encode: the zero RowEncoder encodes nothing")
	}
	if len(rows)%e.features != 0 {
		panic(fmt.Sprintf("encode: %d values are not whole rows of %d features", len(rows), e.features))
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

// Inverse undoes Transform in place: x·(max-min)+min. A feature whose limits are equal comes back
// as that limit, and what Clip cut off does not come back. L2 has no inverse, since the length of
// the row is lost: an error.
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

// narrow returns the float32 nearest to x among the finite ones; NaN stays NaN.
func narrow(x float64) float32 {
	return float32(min(max(x, -math.MaxFloat32), math.MaxFloat32))
}
