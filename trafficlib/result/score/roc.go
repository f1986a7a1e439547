package score

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// A Curve is a receiver operating characteristic: the true positive rate over the false positive
// rate. Point i belongs to the rule "score ≥ Thresholds[i] is an attack". The first point, with an
// infinite threshold, is (0, 0), and the last is (1, 1).
type Curve struct {
	FPR        []float64 // false positive rate, increasing
	TPR        []float64 // true positive rate, increasing
	Thresholds []float64 // +Inf, then each distinct score, decreasing
	AUC        float64   // area under the curve
}

// ROC returns the curve of the scores of normal and attack traffic. Its area is the probability
// that an attack scores higher than normal traffic, where ties count half: the Mann–Whitney
// statistic U/(n·m). It is an error if a group is empty or a score is NaN.
func ROC(normal, attack []float64) (Curve, error) {
	switch {
	case len(normal) == 0:
		return Curve{}, errors.New("score: ROC: no normal scores")
	case len(attack) == 0:
		return Curve{}, errors.New("score: ROC: no attack scores")
	}
	type scored struct {
		score  float64
		attack bool
	}
	all := make([]scored, 0, len(normal)+len(attack))
	for _, s := range normal {
		all = append(all, scored{s, false})
	}
	for _, s := range attack {
		all = append(all, scored{s, true})
	}
	for _, s := range all {
		if math.IsNaN(s.score) {
			return Curve{}, errors.New("score: ROC: a score is NaN")
		}
	}
	slices.SortFunc(all, func(a, b scored) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})

	n, m := float64(len(normal)), float64(len(attack))
	c := Curve{FPR: []float64{0}, TPR: []float64{0}, Thresholds: []float64{math.Inf(1)}}
	var fp, tp, u float64 // counts: the area is exact up to the last division
	for i := 0; i < len(all); {
		fp0, tp0 := fp, tp
		s := all[i].score
		for ; i < len(all) && all[i].score == s; i++ {
			if all[i].attack {
				tp++
			} else {
				fp++
			}
		}
		u += (fp - fp0) * (tp + tp0) / 2
		c.FPR, c.TPR, c.Thresholds = append(c.FPR, fp/n), append(c.TPR, tp/m), append(c.Thresholds, s)
	}
	c.AUC = u / (n * m)
	return c, nil
}

// String returns the area and the number of points.
func (c Curve) String() string { return fmt.Sprintf("ROC: AUC %.4f, %d points", c.AUC, len(c.FPR)) }
