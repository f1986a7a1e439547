package encode

import (
	"math"
	"slices"
)

// meanAndSD returns the mean and the standard deviation of a sample. Sums carry what
// rounding loses (Neumaier 1974), so that they do not depend on the order of the rows beyond the
// last digit. The deviation of one value is 0.
func meanAndSD(x []float64) (mean, sd float64) {
	n := float64(len(x))
	mean = sum(x, func(v float64) float64 { return v }) / n
	if n < 2 || !slices.ContainsFunc(x, func(v float64) bool { return v != x[0] }) {
		return x[0], 0
	}
	return mean, math.Sqrt(sum(x, func(v float64) float64 { return (v - mean) * (v - mean) }) / (n - 1))
}

func sum(x []float64, f func(float64) float64) float64 {
	total, lost := 0.0, 0.0
	for _, v := range x {
		v = f(v)
		next := total + v
		if math.Abs(total) >= math.Abs(v) {
			lost += total - next + v
		} else {
			lost += v - next + total
		}
		total = next
	}
	return total + lost
}
