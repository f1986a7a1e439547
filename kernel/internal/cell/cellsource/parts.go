package cellsource

import (
	"go/token"
	"slices"
	"strings"
)

// Parts are the parts of a cell: its special lines and its Go.
type Parts struct {
	Program bool     // the cell is a program of its own (%% and the like), or not Go at all
	Script  []string // the command that reads the rest of the cell (%%bash); nil if there is none
	Input   string   // what the command reads
	Special []string // the special lines in order; those that continue with \ are joined
	Go      string   // the cell with its special lines emptied, so that the others keep their numbers
}

// Parse splits a cell into its parts. Only the beginnings of lines count that are not inside a raw
// string or a comment.
func Parse(code string) Parts {
	lines := strings.Split(strings.ReplaceAll(code, "\r\n", "\n"), "\n")
	var p Parts
	if first := trimPrefix(lines[0]); isScript(first) {
		p.Program = true
		if p.Script = scriptCommand(first); p.Script != nil {
			p.Input = strings.Join(lines[1:], "\n") + "\n"
		}
		return p
	}
	var s lineScanner
	for i := 0; i < len(lines); i++ {
		special := trimPrefix(lines[i])
		if s.inside() || !isSpecial(special) {
			if !s.inside() && packageClause.MatchString(lines[i]) { // GoNB skips it too
				lines[i] = ""
			}
			s.next(lines[i])
			continue
		}
		p.Program = p.Program || startsProgram(special)
		lines[i] = ""
		for {
			rest, more := strings.CutSuffix(special, `\`)
			if !more || i+1 == len(lines) {
				break
			}
			i++
			special = strings.TrimRight(rest, " \t") + " " + strings.TrimSpace(trimPrefix(lines[i]))
			lines[i] = ""
		}
		p.Special = append(p.Special, special)
	}
	p.Go = strings.Join(lines, "\n")
	return p
}

// Blank returns a cell with spaces in place of its special lines, so that all else keeps its place.
func Blank(code string) string {
	lines := strings.Split(code, "\n")
	var s lineScanner
	for i := 0; i < len(lines); i++ {
		if s.inside() || !isSpecial(trimPrefix(lines[i])) {
			s.next(lines[i])
			continue
		}
		for {
			more := strings.HasSuffix(lines[i], `\`) && i+1 < len(lines)
			lines[i] = strings.Repeat(" ", len(lines[i]))
			if !more {
				break
			}
			i++
		}
	}
	return strings.Join(lines, "\n")
}

// WithoutMain returns Go without its function main, whose place is left blank.
func WithoutMain(source string) string {
	for _, p := range cut(source) {
		if p.tok == token.FUNC && slices.Contains(namesOfFunc(source[p.start:p.end]), "main") {
			blank := strings.Map(func(r rune) rune {
				if r == '\n' {
					return r
				}
				return ' '
			}, source[p.start:p.end])
			return source[:p.start] + blank + WithoutMain(source[p.end:])
		}
	}
	return source
}
