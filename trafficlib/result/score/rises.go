package score

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/trafficlab/trafficlab/trafficlib/internal/grid"
)

// Rises returns the indices i with y[i]/y[i-1] ≥ threshold. After a 0, any positive value is a
// rise. NaN and the value after it are not.
func Rises(y []float64, threshold float64) []int { return RisesFrom(y, y, threshold) }

// RisesFrom returns the indices i with forecast[i]/observed[i-1] ≥ threshold. It panics if the
// lengths differ.
func RisesFrom(observed, forecast []float64, threshold float64) (at []int) {
	same("RisesFrom", observed, forecast)
	for i := 1; i < len(forecast); i++ {
		if before, now := observed[i-1], forecast[i]; rises(before, now, threshold) {
			at = append(at, i)
		}
	}
	return at
}

func rises(before, now, threshold float64) bool {
	return before >= 0 && now > 0 && now/before >= threshold
}

// Residuals returns the indices i with |forecast[i] - y[i]| ≥ part·|y[i]|. It panics if the lengths
// differ.
func Residuals(y, forecast []float64, part float64) (at []int) {
	same("Residuals", y, forecast)
	for i := range y {
		if d := math.Abs(forecast[i] - y[i]); d > 0 && d >= part*math.Abs(y[i]) {
			at = append(at, i)
		}
	}
	return at
}

func same(what string, a, b []float64) {
	if len(a) != len(b) {
		panic(fmt.Sprintf("score: %s: %d values and %d", what, len(a), len(b)))
	}
}

// A Range is a range of indices that may contain an anomaly. Its ends may be outside of the series.
type Range struct{ From, To int }

// holds reports whether index p is strictly inside of the range or, if closed, at one of its ends.
func (r Range) holds(p int, closed bool) bool {
	return p > r.From && p < r.To || closed && (p == r.From || p == r.To)
}

// Around returns the ranges from slack before to slack after each index.
func Around(indices []int, slack int) []Range {
	ranges := make([]Range, len(indices))
	for k, p := range indices {
		ranges[k] = Range{p - slack, p + slack}
	}
	return ranges
}

// Inside reports, for each of n values, whether it is strictly inside of a range.
func Inside(ranges []Range, n int) []bool {
	inside := make([]bool, n)
	for _, r := range ranges {
		for p := max(r.From+1, 0); p < min(r.To, n); p++ {
			inside[p] = true
		}
	}
	return inside
}

// Matched counts detections and the ranges that contain them. If ranges overlap, a detection forms
// a pair with each range that contains it, so there may be more pairs than detections.
type Matched struct {
	Pairs      int // pairs of a range and a detection in it
	Detections int
	Hits       int // detections in at least one range
	Ranges     int
	Missed     int // ranges without a detection
}

// Match matches ranges with detections strictly inside of them or, if closed, at their ends too. An
// index that occurs twice among the detections counts once.
func Match(ranges []Range, detections []int, closed bool) Matched {
	detections = slices.Clone(detections)
	slices.Sort(detections)
	detections = slices.Compact(detections)
	m := Matched{Detections: len(detections), Ranges: len(ranges)}
	hit := make([]bool, len(detections))
	for _, r := range ranges {
		before := m.Pairs
		for k, p := range detections {
			if r.holds(p, closed) {
				m.Pairs++
				hit[k] = true
			}
		}
		if m.Pairs == before {
			m.Missed++
		}
	}
	for _, yes := range hit {
		if yes {
			m.Hits++
		}
	}
	return m
}

// PairPrecision returns pairs / detections, or NaN without detections. The original of notebook 3
// calls it precision. It may be above 1, because a detection may be in several ranges; Precision
// never is.
func (m Matched) PairPrecision() float64 { return ratio(m.Pairs, m.Detections) }

// Precision returns the fraction of detections that are in a range, or NaN without detections.
func (m Matched) Precision() float64 { return ratio(m.Hits, m.Detections) }

// Recall returns pairs / (pairs + missed ranges), or NaN without ranges, as in the original of
// notebook 3; RangeRecall counts ranges.
func (m Matched) Recall() float64 { return ratio(m.Pairs, m.Pairs+m.Missed) }

// RangeRecall returns the fraction of ranges with a detection, or NaN without ranges.
func (m Matched) RangeRecall() float64 { return ratio(m.Ranges-m.Missed, m.Ranges) }

// F1 returns the harmonic mean of PairPrecision and Recall: 0 if both are 0, NaN if one is NaN.
func (m Matched) F1() float64 {
	p, r := m.PairPrecision(), m.Recall()
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

func (m Matched) layout() *grid.Grid {
	g := &grid.Grid{Header: []string{"", "all", "matched", "part"}, Right: []bool{false, true, true, true},
		Note: fmt.Sprintf("%d pairs: precision %.3f, recall %.3f, F1 %.3f", m.Pairs, m.PairPrecision(), m.Recall(),
			m.F1())}
	part := func(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) }
	g.Add("detections", strconv.Itoa(m.Detections), strconv.Itoa(m.Hits), part(m.Precision()))
	g.Add("ranges", strconv.Itoa(m.Ranges), strconv.Itoa(m.Ranges-m.Missed), part(m.RangeRecall()))
	return g
}

// String returns a table of the detections and ranges, and a line with the pairs and the three
// ratios.
func (m Matched) String() string { return m.layout().Text() }

// MIME returns the table of String as plain text and as HTML.
func (m Matched) MIME() (map[string]any, error) { return m.layout().MIME() }
