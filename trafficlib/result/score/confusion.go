package score

import (
	"fmt"
	"math"
	"strconv"

	"github.com/trafficlab/trafficlab/trafficlib/internal/grid"
)

// Confusion counts what a threshold makes of two groups. An attack is the positive case.
type Confusion struct {
	TP int // attacks found
	FP int // false alarms
	TN int // normal traffic let pass
	FN int // attacks missed
}

// Confuse counts scores that are at least threshold as found; those below it and NaN as let pass.
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

// ratio is NaN for 0 of 0.
func ratio(part, whole int) float64 {
	if whole == 0 {
		return math.NaN()
	}
	return float64(part) / float64(whole)
}

// Precision gives what part of the alarms is right, NaN without alarms.
func (c Confusion) Precision() float64 { return ratio(c.TP, c.TP+c.FP) }

// Recall gives what part of the attacks is found, NaN without attacks.
func (c Confusion) Recall() float64 { return ratio(c.TP, c.TP+c.FN) }

// F1 gives the harmonic mean of precision and recall, 2TP/(2TP+FP+FN); NaN when there was nothing but normal traffic
// let pass.
func (c Confusion) F1() float64 { return ratio(2*c.TP, 2*c.TP+c.FP+c.FN) }

// Accuracy gives what part is told right, NaN of nothing. Where attacks are rare it says little.
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

// String gives the table of the four counts and a line with the four ratios.
func (c Confusion) String() string { return c.layout().Text() }

// MIME gives what String gives, as text and as an HTML table.
func (c Confusion) MIME() (map[string]any, error) { return c.layout().MIME() }
