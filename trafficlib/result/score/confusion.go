package score

import (
	"fmt"
	"math"
	"strconv"

	"github.com/trafficlab/trafficlab/trafficlib/internal/grid"
)

// Confusion is a binary confusion matrix. An attack is the positive case.
type Confusion struct {
	TP int // attacks found
	FP int // false alarms
	TN int // normal traffic without an alarm
	FN int // attacks missed
}

// Confuse counts the alarms of a threshold: a score of at least threshold is one, a lower score or
// NaN is not.
func Confuse(normal, attack []float64, threshold float64) Confusion {
	found := func(v []float64) (n int) {
		for _, s := range v {
			if s >= threshold {
				n++
			}
		}
		return n
	}
	c := Confusion{TP: found(attack), FP: found(normal)}
	c.FN, c.TN = len(attack)-c.TP, len(normal)-c.FP
	return c
}

// ratio returns part/whole, or NaN if whole is 0.
func ratio(part, whole int) float64 {
	if whole == 0 {
		return math.NaN()
	}
	return float64(part) / float64(whole)
}

// Precision returns TP/(TP+FP), or NaN without alarms.
func (c Confusion) Precision() float64 { return ratio(c.TP, c.TP+c.FP) }

// Recall returns TP/(TP+FN), or NaN without attacks.
func (c Confusion) Recall() float64 { return ratio(c.TP, c.TP+c.FN) }

// F1 returns the harmonic mean of precision and recall, 2TP/(2TP+FP+FN), or NaN without attacks and
// alarms.
func (c Confusion) F1() float64 { return ratio(2*c.TP, 2*c.TP+c.FP+c.FN) }

// Accuracy returns (TP+TN)/(TP+FP+TN+FN), or NaN if there is nothing. If attacks are rare it means
// little.
func (c Confusion) Accuracy() float64 { return ratio(c.TP+c.TN, c.TP+c.FP+c.TN+c.FN) }

func (c Confusion) layout() *grid.Grid {
	g := &grid.Grid{
		Header: []string{"", "alarm", "no alarm"},
		Right:  []bool{false, true, true},
		Note: fmt.Sprintf("precision %.3f, recall %.3f, F1 %.3f, accuracy %.3f",
			c.Precision(), c.Recall(), c.F1(), c.Accuracy()),
	}
	g.Add("attack", strconv.Itoa(c.TP), strconv.Itoa(c.FN))
	g.Add("normal", strconv.Itoa(c.FP), strconv.Itoa(c.TN))
	return g
}

// String returns the table of the four counts and a line with the four ratios.
func (c Confusion) String() string { return c.layout().Text() }

// MIME returns the table of String as plain text and as HTML.
func (c Confusion) MIME() (map[string]any, error) { return c.layout().MIME() }
