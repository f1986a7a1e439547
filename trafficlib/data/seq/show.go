package seq

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/internal/grid"
)

// String describes the set in one line: how many sequences of how many features, how long they are,
// and how many are in each part.
func (s *Set) String() string {
	n := s.Len()
	if n == 0 {
		return fmt.Sprintf("0 sequences of %d features", s.features)
	}
	steps, total := make([]int, n), 0
	for i := range steps {
		steps[i] = s.Steps(i)
		total += steps[i]
	}
	slices.Sort(steps)
	text := fmt.Sprintf("%d sequences of %d features: %d steps, %d to %d each, median %d",
		n, s.features, total, steps[0], steps[n-1], steps[n/2])
	parts := s.Parts()
	if len(parts) < 2 {
		return text
	}
	in := map[string]int{}
	for i := range n {
		in[s.About(i).Part]++
	}
	for k, p := range parts {
		text += fmt.Sprint(map[bool]string{true: "; ", false: ", "}[k == 0], in[p], " ", p)
	}
	return text
}

// MIME returns the line of String, and for the first ten sequences their length and the start of
// their first step.
func (s *Set) MIME() (map[string]any, error) {
	const most, values = 10, 12
	g := grid.Grid{Title: s.String(), Header: []string{"sequence", "steps", "first step"}, Right: []bool{true, true}}
	for i := range min(s.Len(), most) {
		var first strings.Builder
		row := s.At(i)
		for k := range min(len(row), s.features, values) {
			first.WriteString(strconv.FormatFloat(float64(row[k]), 'g', 5, 32) + " ")
		}
		if s.features > values {
			first.WriteString("…")
		}
		g.Add(strconv.Itoa(s.Origin(i)), strconv.Itoa(s.Steps(i)), strings.TrimSpace(first.String()))
	}
	if s.Len() > most {
		g.Note = fmt.Sprintf("… %d more sequences", s.Len()-most)
	}
	return g.MIME()
}
