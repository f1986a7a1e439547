package score

import "fmt"

// Flagged is the result of applying a threshold to scores whose truth is unknown. A mean of no
// scores is NaN.
type Flagged struct {
	Anomalous []bool  // per score
	Count     int     // number of anomalous scores
	Overall   float64 // mean of all scores
	Normal    float64 // mean of the scores below the threshold
	Attack    float64 // mean of the others
}

// Flag flags scores of at least threshold as anomalous, as Confuse does. A threshold can be a
// quantile of normal scores (Quantile).
func Flag(scores []float64, threshold float64) Flagged {
	l := Flagged{Anomalous: make([]bool, len(scores)), Overall: Mean(scores)}
	var normal, attack []float64
	for i, s := range scores {
		if l.Anomalous[i] = s >= threshold; l.Anomalous[i] {
			l.Count++
			attack = append(attack, s)
		} else {
			normal = append(normal, s)
		}
	}
	l.Normal, l.Attack = Mean(normal), Mean(attack)
	return l
}

// String returns the count and the three means, a line each.
func (l Flagged) String() string {
	return fmt.Sprintf("anomalous sequences: %d of %d\nmean score, overall: %.6f\nmean score, normal:  %.6f\nmean "+
		"score, attack:  %.6f\n",
		l.Count, len(l.Anomalous), l.Overall, l.Normal, l.Attack)
}
