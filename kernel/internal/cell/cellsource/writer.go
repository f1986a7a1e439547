package cellsource

import (
	"slices"
	"strings"
)

// A writer writes the lines of a cell and records where they came from.
type writer struct {
	source string
	ends   []int // offsets of the ends of its lines
	lines  []string
	from   []int // the line of the source of each line, from 0
	shifts []int // how many bytes precede the source's text in each line
}

func (w *writer) line(text string, from int) {
	w.lines, w.from, w.shifts = append(w.lines, text), append(w.from, from), append(w.shifts, 0)
}

// lineOf returns the line, from 0, of a byte of the source.
func (w *writer) lineOf(at int) int {
	if w.ends == nil {
		w.ends = []int{}
		for i := range len(w.source) {
			if w.source[i] == '\n' {
				w.ends = append(w.ends, i)
			}
		}
	}
	n, _ := slices.BinarySearch(w.ends, at)
	return n
}

// piece writes a piece on lines of its own, at its columns in the source.
func (w *writer) piece(p placed, prefix, suffix string) {
	text := p.text(w.source)
	lineStart := strings.LastIndexByte(w.source[:p.start], '\n') + 1
	indent := ""
	if lead := w.source[lineStart:p.start]; strings.TrimLeft(lead, " \t") == "" {
		indent = lead
	} else {
		indent = strings.Repeat(" ", len(lead)) // the text in front of it is on another line now
	}
	parts := strings.Split(text, "\n")
	first := w.lineOf(p.start)
	for i, part := range parts {
		shift := 0
		if i == 0 {
			part, shift = indent+prefix+part, len(prefix)
		}
		if i == len(parts)-1 {
			part += suffix
		}
		w.line(part, first+i)
		w.shifts[len(w.shifts)-1] = shift
	}
}
