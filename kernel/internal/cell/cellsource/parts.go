package cellsource

import (
	"go/token"
	"slices"
	"strings"
)

// Parts are a cell taken apart: its special lines, and its Go.
type Parts struct {
	Program bool     // a special line makes it a program of its own for GoNB (%% and the like), or one of another language
	Special []string // the special lines in their order, those that continue with \ joined
	Go      string   // the cell with its special lines emptied, so that all others keep their numbers
}

// Take takes a cell apart. It looks at the beginnings of lines that stand in no raw string or comment.
func Take(code string) Parts {
	lines := strings.Split(strings.ReplaceAll(code, "\r\n", "\n"), "\n")
	var p Parts
	if first := trimPrefix(lines[0]); isScript(first) {
		p.Program = true
		p.Special = []string{first}
		return p
	}
	var in inside
	for i := 0; i < len(lines); i++ {
		special := trimPrefix(lines[i])
		if in.open() || !isSpecial(special) {
			if !in.open() && packageClause.MatchString(lines[i]) { // as GoNB, which passes over it
				lines[i] = ""
			}
			in.line(lines[i])
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
	var in inside
	for i := 0; i < len(lines); i++ {
		if in.open() || !isSpecial(trimPrefix(lines[i])) {
			in.line(lines[i])
			continue
		}
		for more := isSpecial(trimPrefix(lines[i])); more; i++ {
			more = strings.HasSuffix(lines[i], `\`) && i+1 < len(lines)
			lines[i] = strings.Repeat(" ", len(lines[i]))
			if !more {
				break
			}
		}
	}
	return strings.Join(lines, "\n")
}

// WithoutMain returns Go without its function main, whose place is left empty.
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
