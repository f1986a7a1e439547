package chart

import (
	"fmt"
	"math"
)

// place names where in a chart something is wrong.
func place(title, series string) string {
	s := fmt.Sprintf("chart: %q", title)
	if series != "" {
		s += fmt.Sprintf(": %q", series)
	}
	return s
}

// The ends of what is drawn: the arithmetic of axes needs some room on both sides.
const (
	largest  = 1e200
	smallest = 1e-200
)

// finite refuses an empty list and numbers that have no place on an axis.
func finite(title, series, what string, values []float64) error {
	if len(values) == 0 {
		return fmt.Errorf("%s: no %s values", place(title, series), what)
	}
	for i, v := range values {
		if math.IsNaN(v) || math.Abs(v) > largest {
			return fmt.Errorf("%s: %s value %d of %d is %v", place(title, series), what, i+1, len(values), v)
		}
	}
	return nil
}

// span is the least and the greatest of the values.
func span(lists ...[]float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, list := range lists {
		for _, v := range list {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	return lo, hi
}

// flat tells whether a range has no width that an axis could show.
func flat(lo, hi float64) bool {
	return hi-lo < smallest || hi-lo < 1e-12*max(math.Abs(lo), math.Abs(hi))
}

// widen gives the range some air, and a width where there is none.
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

// widenLog is widen on a logarithmic axis.
func widenLog(lo, hi, share float64) (float64, float64) {
	if flat(lo, hi) {
		return lo / 2, hi * 2
	}
	by := math.Pow(10, share*(math.Log10(hi)-math.Log10(lo))) // hi/lo itself may be too large a number
	return lo / by, hi * by
}

// whole tells whether all values are whole numbers.
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
