package score

import "fmt"

// Labelled is what a threshold makes of scores of which nobody says what they are.
type Flagged struct {
	Anomalous []bool  // per score
	Count     int     // of those that are anomalous
	Overall   float64 // mean of all scores, NaN of none
	Normal    float64 // mean of the scores below the threshold, NaN of none
	Attack    float64 // mean of the others, NaN of none
}

// Label calls scores that are at least threshold anomalous, as Confuse does. A threshold is a given number, or a quantile
// of normal scores (Quantile).
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

// String gives the count and the three means, a line each.
func (l Flagged) String() string {
	return fmt.Sprintf("anomalous sequences: %d of %d\nmean score, overall: %.6f\nmean score, normal:  %.6f\nmean score, attack:  %.6f\n",
		l.Count, len(l.Anomalous), l.Overall, l.Normal, l.Attack)
}
