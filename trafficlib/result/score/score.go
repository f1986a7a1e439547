// Package score says how good predictions are, and how well they tell attacks from normal traffic.
//
// It takes predicted and true rows and gives errors (Cosine, MSE, RMSE), one line for each session (SessionScores), and from the scores of two groups a ROC curve, a curve of precision and recall, a threshold
// and a confusion table; Detectors puts several methods side by side. Where nobody knows which is which, Label parts scores
// by a threshold alone; where the attacks have names, ByAttack says which are found, and where they are predicted
// ConfuseClasses what each was taken for. A higher score is more anomalous, everywhere. RepeatLast and Transitions are the baselines that any model
// must beat.
//
// Of series over time it measures forecasts (Forecasts) beside the baselines LastValue, WeightedAverage and EWMA, labels
// rises by ranges (Rises, Around), and counts which detections lie in them (Match).
//
// Shapes that do not fit are the programmer's mistake and panic; NaN among scores, a file of another kind and an
// empty group are errors. Nothing here knows a model.
package score

import (
	"fmt"
	"math"
	"slices"
)

// Mean gives the arithmetic mean, NaN of nothing.
func Mean(v []float64) float64 {
	var sum float64
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// MeanWhere returns, for each sequence, the mean of the values of those steps that takes says yes to, as of the packets of one
// direction; NaN where it takes none.
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

// Median gives the middle value, or the mean of the two in the middle; NaN of nothing.
func Median(v []float64) float64 { return Quantile(v, 0.5) }

// Quantile gives the value below which the part q of v lies, between two values by linear interpolation (type 7 of
// Hyndman and Fan 1996, numpy's default); NaN of nothing or when a value is NaN. It panics when q is not in 0 … 1.
//
// A quantile of the scores of normal traffic is a threshold whose false alarms are known: 1-q of it.
func Quantile(v []float64, q float64) float64 {
	if !(q >= 0 && q <= 1) {
		panic(fmt.Sprintf("score: Quantile: %v is not in 0 … 1", q))
	}
	if len(v) == 0 {
		return math.NaN()
	}
	sorted := slices.Clone(v)
	slices.Sort(sorted) // NaN first
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
		return sorted[i] // also where the next one is infinite
	}
	return sorted[i] + part*(sorted[i+1]-sorted[i])
}
