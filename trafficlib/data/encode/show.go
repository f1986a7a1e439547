package encode

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/internal/grid"
)

// String describes the encoder in one line.
func (e *RowEncoder) String() string {
	var s string
	switch e.kind {
	case kindL2:
		s = fmt.Sprintf("L2: each row of %d features divided by its length", e.features)
	case kindMinMax:
		constant := 0
		for f := range e.min {
			if e.min[f] == e.max[f] {
				constant++
			}
		}
		s = fmt.Sprintf("min-max: each of %d features moved to 0 … 1; %d constant ones to 0", e.features, constant)
	default:
		return "no encoder"
	}
	if e.clip {
		s += "; clipped to 0 … 1"
	}
	return s
}

// MIME returns the line of String and, for a MinMax encoder, the limits of the first twenty
// features that vary.
func (e *RowEncoder) MIME() (map[string]any, error) {
	if e.kind != kindMinMax {
		return map[string]any{"text/plain": e.String()}, nil
	}
	const most = 20
	g := grid.Grid{Title: e.String(), Header: []string{"feature", "min", "max"}, Right: []bool{true, true, true}}
	varying := 0
	for f := range e.min {
		if e.min[f] == e.max[f] {
			continue
		}
		if varying++; varying <= most {
			g.Add(strconv.Itoa(f), strconv.FormatFloat(e.min[f], 'g', 6, 64), strconv.FormatFloat(e.max[f], 'g', 6, 64))
		}
	}
	if varying > most {
		g.Note = fmt.Sprintf("… %d more features that vary", varying-most)
	}
	return g.MIME()
}

// String returns the numbers of columns and features, and the notices, a line each.
func (c *TableEncoder) String() string {
	s := fmt.Sprintf("%d features of %d columns", c.Features(), len(c.parts))
	for _, notice := range c.notices {
		s += "\n" + notice
	}
	return s
}

// MIME returns a table of the columns and what becomes of them, below the line of String.
func (c *TableEncoder) MIME() (map[string]any, error) {
	g := grid.Grid{Title: fmt.Sprintf("%d features of %d columns", c.Features(), len(c.parts)),
		Header: []string{"column", "kind", "features", ""},
		Right:  []bool{false, false, true}, Note: strings.Join(c.notices, "; ")}
	for _, p := range c.parts {
		var what string
		switch p.kind {
		case kindZScore:
			what = fmt.Sprintf("mean %.6g, sd %.6g", p.mean, p.sd)
		case kindOneHot:
			what = strings.Join(p.names, ", ")
		case kindSeen:
			what = few(p.names)
		case kindQuantiles:
			what = fmt.Sprintf("%d bins", len(p.limits)+1)
			if n := len(p.limits); n > 0 {
				what += fmt.Sprintf(", limits %.6g … %.6g", p.limits[0], p.limits[n-1])
			}
		case kindClasses:
			what = p.names[0]
			for i, limit := range p.limits {
				what += fmt.Sprintf(" < %g ≤ %s", limit, p.names[i+1])
			}
		}
		if len(p.zero) > 0 {
			what += "; always 0: " + strings.Join(p.zero, ", ")
		}
		if p.empty {
			what = "empty throughout"
		}
		g.Add(p.column, p.kind, strconv.Itoa(len(p.features())), what)
	}
	return g.MIME()
}

// Farthest names the n features of some encoded rows, row-major, whose mean over the rows is
// farthest from 0, with that mean: "Idle Std +4.1". It panics if rows does not hold whole rows.
func (c *TableEncoder) Farthest(rows []float32, n int) []string {
	names := c.Names()
	if len(names) == 0 || len(rows)%len(names) != 0 {
		panic(fmt.Sprintf("encode: %d values are not whole rows of %d features", len(rows), len(names)))
	}
	mean, order := make([]float64, len(names)), make([]int, len(names))
	for i, v := range rows {
		mean[i%len(names)] += float64(v) * float64(len(names)) / float64(len(rows))
	}
	for f := range order {
		order[f] = f
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(math.Abs(mean[b]), math.Abs(mean[a])) })
	var all []string
	for _, f := range order[:min(n, len(order))] {
		all = append(all, fmt.Sprintf("%s %+.1f", names[f], mean[f]))
	}
	return all
}

// few names the first few of values.
func few(names []string) string {
	const most = 6
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s, … %d more", strings.Join(names[:most], ", "), len(names)-most)
}
