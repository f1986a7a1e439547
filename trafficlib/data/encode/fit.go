package encode

import (
	"errors"
	"fmt"
	"iter"
	"math"
)

// Rows are what a RowEncoder is fitted on: slices of whole rows of Features values, row-major. A
// seq.Set has them.
type Rows interface {
	Features() int
	Sequences() iter.Seq[[]float32]
}

// FitMinMax returns the MinMax encoder of the smallest and largest value of each feature in rows.
// It is an error if there is no row, or a value is not finite.
//
//	encoder, err := encode.FitMinMax(set.Part("train"))
func FitMinMax(rows Rows) (*RowEncoder, error) {
	features := rows.Features()
	if features <= 0 {
		return nil, fmt.Errorf("encode: %d features, want 1 or more", features)
	}
	lo, hi := make([]float64, features), make([]float64, features)
	for f := range features {
		lo[f], hi[f] = math.Inf(1), math.Inf(-1)
	}
	n := 0
	for part := range rows.Sequences() {
		if len(part)%features != 0 {
			return nil, fmt.Errorf("encode: after row %d: %d values are not whole rows of %d features", n,
				len(part), features)
		}
		for ; len(part) > 0; part = part[features:] {
			for f, x := range part[:features] {
				v := float64(x)
				if math.IsNaN(v) || math.IsInf(v, 0) {
					return nil, fmt.Errorf("encode: row %d: feature %d: %v", n, f, x)
				}
				lo[f], hi[f] = min(lo[f], v), max(hi[f], v)
			}
			n++
		}
	}
	if n == 0 {
		return nil, errors.New("encode: no rows to fit on")
	}
	return MinMax(lo, hi)
}
