package score

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/trafficlab/trafficlab/trafficlib/internal/grid"
)

// Rises gives the numbers of the values that are at least threshold times the one before: y[i]/y[i-1] ≥ threshold. Behind
// a 0 anything above it is a rise. NaN is none, nor is what follows it.
func Rises(y []float64, threshold float64) []int { return RisesFrom(y, y, threshold) }

// RisesFrom gives the numbers of the values of a forecast that are at least threshold times the value that was observed one
// step before. It panics when the lengths differ.
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

// Residuals gives the numbers of the values that are at least part of themselves away from their forecast,
// |forecast - y| ≥ part·|y|. It panics when the lengths differ.
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

// A Range is where an anomaly may lie: between From and To, numbers of values, which may be outside of the series.
type Range struct{ From, To int }

// holds says whether a value lies in the range: strictly inside, or, closed, also at its ends.
func (r Range) holds(p int, closed bool) bool {
	return p > r.From && p < r.To || closed && (p == r.From || p == r.To)
}

// Around gives the ranges from slack before to slack behind each place.
func Around(places []int, slack int) []Range {
	ranges := make([]Range, len(places))
	for k, p := range places {
		ranges[k] = Range{p - slack, p + slack}
	}
	return ranges
}

// Inside says which of n values are labelled: those strictly inside of any range.
func Inside(ranges []Range, n int) []bool {
	labelled := make([]bool, n)
	for _, r := range ranges {
		for p := max(r.From+1, 0); p < min(r.To, n); p++ {
			labelled[p] = true
		}
	}
	return labelled
}

// Matched counts what detections have to do with ranges. Where ranges overlap, a detection makes a pair with each range
// that holds it, so that there may be more pairs than detections.
type Matched struct {
	Pairs      int // (range, detection), the detection in the range; each pair once
	Detections int
	Hits       int // detections in any range
	Ranges     int
	Missed     int // ranges without a detection
}

// Match counts pairs of ranges and detections, strictly inside, or, closed, at the ends too. A place that is detected
// twice counts once.
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

// Precision gives pairs / detections, NaN without detections. It is the original's, and above 1 where a detection is in
// several ranges; HitRate never is.
func (m Matched) PairPrecision() float64 { return ratio(m.Pairs, m.Detections) }

// HitRate gives what part of the detections is in any range, NaN without detections.
func (m Matched) Precision() float64 { return ratio(m.Hits, m.Detections) }

// Recall gives pairs / (pairs + ranges without a detection), NaN without ranges. It is the original's; Found counts
// ranges.
func (m Matched) Recall() float64 { return ratio(m.Pairs, m.Pairs+m.Missed) }

// Found gives what part of the ranges has a detection, NaN without ranges.
func (m Matched) RangeRecall() float64 { return ratio(m.Ranges-m.Missed, m.Ranges) }

// F1 gives the harmonic mean of Precision and Recall, 0 where both are 0 and NaN where one is.
func (m Matched) F1() float64 {
	p, r := m.PairPrecision(), m.Recall()
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

func (m Matched) layout() *grid.Grid {
	g := &grid.Grid{Header: []string{"", "all", "matched", "part"}, Right: []bool{false, true, true, true},
		Note: fmt.Sprintf("%d pairs: precision %.3f, recall %.3f, F1 %.3f", m.Pairs, m.PairPrecision(), m.Recall(), m.F1())}
	part := func(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) }
	g.Add("detections", strconv.Itoa(m.Detections), strconv.Itoa(m.Hits), part(m.Precision()))
	g.Add("ranges", strconv.Itoa(m.Ranges), strconv.Itoa(m.Ranges-m.Missed), part(m.RangeRecall()))
	return g
}

// String gives a table of the detections and ranges, and a line with the pairs and the three figures.
func (m Matched) String() string { return m.layout().Text() }

// MIME gives what String gives, as text and as an HTML table.
func (m Matched) MIME() (map[string]any, error) { return m.layout().MIME() }
