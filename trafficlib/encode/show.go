package encode

import (
	"fmt"
	"strconv"

	"github.com/trafficlab/trafficlab/trafficlib/internal/grid"
)

// String describes the encoder in one line.
func (e *Encoder) String() string {
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

// MIME gives the line of String and, of a MinMax encoder, the limits of the features that vary, the first twenty.
func (e *Encoder) MIME() (map[string]any, error) {
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
