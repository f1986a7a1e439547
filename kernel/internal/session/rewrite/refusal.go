package rewrite

import (
	"regexp"
	"strconv"
	"strings"
)

// A segment is a text of a cell in the source of a package, with its edits.
type segment struct {
	src      *source
	text     string // without edits; its offsets are those of the cell
	edits    edits
	from, to int
}

var compilerLine = regexp.MustCompile(`(?m)^(?:[^\s:]*/)?([^\s:/]+):(\d+):(?:(\d+):)? (.*(?:\n\t.*)*)$`)

// Refusal turns the output of the compiler or the linker into an error at the places of the cells
// as they were typed. It returns nil if no line is about a cell.
func (p *Package) Refusal(output []byte) *Error {
	e := &Error{}
	for _, m := range compilerLine.FindAllStringSubmatch(string(output), -1) {
		line, _ := strconv.Atoi(m[2])
		column, _ := strconv.Atoi(m[3])
		for _, s := range p.segments {
			if s.src.name != m[1] {
				continue
			}
			if at, ok := s.typed(line, column); ok {
				d := Diagnostic{Line: line, Column: at, Msg: p.plain(m[4]), Cell: s.src.number()}
				e.add(d)
				break
			}
		}
	}
	if e.sorted() == nil {
		return nil
	}
	return e
}

// plain returns a message without the names that the emitter added.
func (p *Package) plain(msg string) string {
	msg = regexp.MustCompile(p.mark+`\d+\.|\bmain/\d+\.`).ReplaceAllString(msg, "")
	msg = strings.ReplaceAll(msg, " in argument to "+p.mark+"live.Show", "")
	return strings.ReplaceAll(msg, p.mark, "")
}

// typed converts a column that the compiler counts to that of the text as typed. It reports false
// for a line outside the segment.
func (s segment) typed(line, column int) (int, bool) {
	first, begin := s.src.position(s.from)
	last, _ := s.src.position(s.to)
	if line < first || line > last {
		return 0, false
	}
	if column == 0 {
		return 1, true
	}
	if line == first {
		column -= begin - 1 // the line directive sets the column too
	}
	start := max(s.from, s.src.lines[line-1])
	end := s.to
	if line < len(s.src.lines) {
		end = min(end, s.src.lines[line]-1)
	}
	// The length of the edited text up to each byte of the line shows which byte the column means.
	at := start
	for at < end && len(s.edits.apply(s.text, start, at+1)) < column {
		at++
	}
	return at - s.src.lines[line-1] + 1, true
}
