package chart

import (
	"fmt"
	"math"
)

// where returns the beginning of an error message: the chart and the series.
func where(title, series string) string {
	s := fmt.Sprintf("chart: %q", title)
	if series != "" {
		s += fmt.Sprintf(": %q", series)
	}
	return s
}

// The limits of the values that are drawn: the arithmetic of axes needs some headroom.
const (
	largest  = 1e200
	smallest = 1e-200
)

// finite returns an error if there are no values, or one is not finite or beyond the limits.
func finite(title, series, what string, values []float64) error {
	if len(values) == 0 {
		return fmt.Errorf("%s: no %s values", where(title, series), what)
	}
	for i, v := range values {
		if math.IsNaN(v) || math.Abs(v) > largest {
			return fmt.Errorf("%s: %s value %d of %d is %v", where(title, series), what, i+1, len(values), v)
		}
	}
	return nil
}

// span returns the smallest and the largest value.
func span(lists ...[]float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, list := range lists {
		for _, v := range list {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	return lo, hi
}

// flat reports whether a range is too narrow for an axis.
func flat(lo, hi float64) bool {
	return hi-lo < smallest || hi-lo < 1e-12*max(math.Abs(lo), math.Abs(hi))
}

// widen adds a share of the range on both sides. A flat range becomes wide enough for an axis.
func widen(lo, hi, share float64) (float64, float64) {
	if flat(lo, hi) {
		by := math.Abs(lo) / 2
		if by < smallest {
			by = 0.5
		}
		return lo - by, hi + by
	}
	by := (hi - lo) * share
	return lo - by, hi + by
}

// widenLog is widen for a logarithmic axis.
func widenLog(lo, hi, share float64) (float64, float64) {
	if flat(lo, hi) {
		return lo / 2, hi * 2
	}
	by := math.Pow(10, share*(math.Log10(hi)-math.Log10(lo))) // hi/lo itself may overflow
	return lo / by, hi * by
}

// whole reports whether all values are integers.
func whole(lists ...[]float64) bool {
	for _, list := range lists {
		for _, v := range list {
			if v != math.Trunc(v) {
				return false
			}
		}
	}
	return true
}
