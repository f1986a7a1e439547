// Package score measures how good predictions are, and how well they separate attacks from normal
// traffic.
//
// It takes predicted and true rows, and returns errors (Cosine, MSE, RMSE) and a table of scores,
// one row for each session (SessionScores). From the scores of normal and attack traffic it
// computes ROC and precision-recall curves, thresholds and confusion counts (ROC, PR, Quantile,
// Confuse), and compares methods (Detectors). ByAttack and ConfuseClasses look at named attacks and
// predicted classes. Flag applies a threshold to scores whose truth is unknown. In all functions a
// higher score is more anomalous. RepeatLast and Transitions are baselines that a model must beat.
//
// For time series it measures forecasts (Forecasts) and computes the baselines Persistence,
// WeightedAverage and EWMA. It labels ranges around rises (Rises, Around), and matches detections
// with them (Match).
//
// Shapes that do not match panic. NaN scores, an empty group and a file of another kind are errors.
// The package does not depend on models.
package score

import (
	"fmt"
	"math"
	"slices"
)

// Mean returns the arithmetic mean, or NaN if v is empty.
func Mean(v []float64) float64 {
	var sum float64
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// MeanWhere returns, for each sequence, the mean of the values at the steps for which takes returns
// true, such as the packets of one direction. It is NaN if there are none.
func MeanWhere(sequences [][]float64, takes func(sequence, step int) bool) []float64 {
	means := make([]float64, len(sequences))
	for i, steps := range sequences {
		var sum float64
		n := 0
		for t, v := range steps {
			if takes(i, t) {
				sum += v
				n++
			}
		}
		means[i] = sum / float64(n)
	}
	return means
}

// Median returns the middle value, or the mean of the two in the middle. It is NaN if v is empty.
func Median(v []float64) float64 { return Quantile(v, 0.5) }

// Quantile returns the value below which the fraction q of v lies, with linear interpolation
// between two values (type 7 of Hyndman and Fan 1996, the default of numpy). It is NaN if v is
// empty or contains NaN. Quantile panics if q is not in 0 … 1.
//
// The quantile q of the scores of normal traffic is a threshold with a known false positive rate,
// 1-q.
func Quantile(v []float64, q float64) float64 {
	if !(q >= 0 && q <= 1) {
		panic(fmt.Sprintf("score: Quantile: %v is not in 0 … 1", q))
	}
	if len(v) == 0 {
		return math.NaN()
	}
	sorted := slices.Clone(v)
	slices.Sort(sorted) // NaN comes first
	if math.IsNaN(sorted[0]) {
		return math.NaN()
	}
	h := q * float64(len(v)-1)
	i := int(h)
	if i+1 == len(v) {
		return sorted[i]
	}
	part := h - float64(i)
	if part == 0 {
		return sorted[i] // 0 times an infinite next value would be NaN
	}
	return sorted[i] + part*(sorted[i+1]-sorted[i])
}
