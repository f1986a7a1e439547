package score

import (
	"fmt"
	"slices"
)

// A PRCurve is precision over recall. If attacks are rare it says more than a ROC curve, which a
// thousand false alarms in a million normal sequences hardly change. Point i belongs to the rule
// "score ≥ Thresholds[i] is an attack". The first point, with an infinite threshold, is there by
// convention: recall 0 and precision 1.
type PRCurve struct {
	Recall     []float64 // increasing to 1
	Precision  []float64
	Thresholds []float64 // +Inf, then each distinct score, decreasing
	Average    float64   // average precision
	Share      float64   // fraction of attacks in the data, which is the precision of guessing
}

// PR returns the curve of the scores of normal and attack traffic. The average precision is the sum
// over its points
//
//	AP = Σ (R_i - R_i-1) · P_i
//
// without interpolation, as in scikit-learn. It is an error if a group is empty or a score is NaN.
func PR(normal, attack []float64) (PRCurve, error) {
	roc, err := ROC(normal, attack) // holds the same counts
	if err != nil {
		return PRCurve{}, fmt.Errorf("score: PR: %w", err)
	}
	n, m := float64(len(normal)), float64(len(attack))
	c := PRCurve{Recall: roc.TPR, Precision: []float64{1}, Thresholds: slices.Clone(roc.Thresholds), Share: m / (n + m)}
	for i := 1; i < len(roc.TPR); i++ {
		tp, fp := roc.TPR[i]*m, roc.FPR[i]*n
		p := tp / (tp + fp)
		c.Precision = append(c.Precision, p)
		c.Average += (roc.TPR[i] - roc.TPR[i-1]) * p
	}
	return c, nil
}

// String returns the average precision, that of guessing, and the number of points.
func (c PRCurve) String() string {
	return fmt.Sprintf("PR: average precision %.4f (guessing %.4f), %d points", c.Average, c.Share, len(c.Recall))
}
