package score

import (
	"fmt"
	"slices"
)

// A PRCurve is precision over recall: what part of the alarms is right, at what part of the attacks found. Where attacks
// are rare it says more than a ROC curve, which a thousand false alarms of a million normal sequences hardly move.
// Point i is the rule "score ≥ Thresholds[i] is an attack"; at the first point, which is there by convention, with an
// infinite threshold, nothing is found and nothing wrong.
type PRCurve struct {
	Recall     []float64 // rising, to 1
	Precision  []float64
	Thresholds []float64 // falling; one for each distinct score, after +Inf
	Average    float64   // the average precision
	Share      float64   // what part of all are attacks: the precision of guessing
}

// PR gives the curve of the scores of normal and of attack traffic. The average precision is the sum over its points
//
//	AP = Σ (R_i - R_i-1) · P_i
//
// without interpolation, as scikit-learn has it. It is an error when one of the groups is empty or a score is NaN.
func PR(normal, attack []float64) (PRCurve, error) {
	roc, err := ROC(normal, attack) // counts the same
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

// String gives the average precision, that of guessing, and the number of points.
func (c PRCurve) String() string {
	return fmt.Sprintf("PR: average precision %.4f (guessing %.4f), %d points", c.Average, c.Share, len(c.Recall))
}
