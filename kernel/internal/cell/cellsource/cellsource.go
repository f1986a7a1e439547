// Package cellsource turns a cell as a user types it into a cell that GoNB accepts.
//
// [Parse] splits a cell into its special lines (those that begin with % or !) and its Go. [Compose]
// writes the cell that GoNB gets. A cell that GoNB would accept keeps its meaning: one with %% or
// another line that starts a program, one of declarations only, one of special lines only. A cell
// of bare statements becomes a program: its declarations stay in front of a line %%, its statements
// follow it, and if the last statement is an expression its value is shown. The special lines that
// the kernel handles itself ([ForKernel]) are left out. For messages, a [Cell] knows which line of
// the user's cell each line of the new cell was.
//
// The package works on syntax alone. It refuses text that is neither declarations nor statements,
// in the words of go/parser.
package cellsource

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A Cell is a cell as GoNB gets it.
type Cell struct {
	Text string

	lines    []int // for each line of Text, the line of the user's cell, from 0
	shifts   []int // for each line of Text, how many bytes were inserted before the user's text
	shows    bool
	kind     kind
	magics   []string // the special lines, as they were typed
	reruns   bool     // the program runs again what earlier cells have run
	executed executed
	funcs    map[string]map[string]bool // what its functions mention
	vars     map[string]bool            // the variables that it declares
}

type kind int

const (
	declarations kind = iota // or special lines only
	program                  // with %% or the like
	bare                     // statements
	script                   // a cell for a program other than Go
)

// Line returns the line of the user's cell, from 1, that line n of the text was, from 1.
func (c *Cell) Line(n int) int {
	if n < 1 || n > len(c.lines) {
		return n
	}
	return c.lines[n-1] + 1
}

// Shift returns how many bytes precede the user's text in line n of the text, from 1.
func (c *Cell) Shift(n int) int {
	if n < 1 || n > len(c.shifts) {
		return 0
	}
	return c.shifts[n-1]
}

// MainLines returns the lines of the text, from 1, that GoNB writes into function main, in order:
// all that follow the line that starts the program but special lines and lines that begin with
// package.
func (c *Cell) MainLines() []int {
	var out []int
	lines := strings.Split(c.Text, "\n")
	started := false
	for i := 0; i < len(lines); i++ {
		special := trimPrefix(lines[i])
		switch name := firstWord(special); {
		case name == "%%" || name == "%main":
			started = true
		case isSpecial(special):
			for strings.HasSuffix(lines[i], `\`) && i+1 < len(lines) {
				i++
			}
		case started && !strings.HasPrefix(lines[i], "package"):
			out = append(out, i+1)
		}
	}
	return out
}

// Shows reports whether the program shows the value of its last expression.
func (c *Cell) Shows() bool { return c.shows }

// Reruns reports whether the program runs again what earlier cells have run, and calls [Begin]
// after it.
func (c *Cell) Reruns() bool { return c.reruns }

// Empty reports whether there is nothing to run.
func (c *Cell) Empty() bool { return strings.TrimSpace(c.Text) == "" }

// Captures reports whether the output is wanted in a file as well.
func (c *Cell) Captures() bool { return c.hasMagic("%capture") }

// Tests reports whether the cell runs tests.
func (c *Cell) Tests() bool { return c.hasMagic("%test") }

func (c *Cell) hasMagic(name string) bool {
	return slices.ContainsFunc(c.magics, func(m string) bool { return firstWord(m) == name })
}

// Replay returns the part of the cell that a new GoNB must be told: its declarations and settings,
// each on its line, without what it ran; "" if there is none.
func (c *Cell) Replay() string {
	if c.kind == script {
		return ""
	}
	lines := strings.Split(c.Text, "\n")
	for i := 0; i < len(lines); i++ {
		special := trimPrefix(lines[i])
		if !isSpecial(special) {
			continue
		}
		name := firstWord(special)
		if startsProgram(special) && name != "%test" && name != "%exec" {
			lines = lines[:i]
			break
		}
		switch name {
		case "%goflags", "%autoget", "%noautoget", "%rm", "%remove", "%reset", "%track", "%untrack":
			continue
		}
		i = blank(lines, i)
	}
	text := strings.TrimRight(strings.Join(lines, "\n"), " \t\n")
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return text
}

// Compose writes a cell for GoNB. Past is what earlier cells have run; nil if their values need not
// be made again. The error is a [scanner.ErrorList] whose positions are those of the user's cell.
func Compose(code string, past *Past) (*Cell, error) {
	code = strings.ReplaceAll(code, "\r\n", "\n")
	c := &Cell{}
	lines := strings.Split(code, "\n")
	if first := trimPrefix(lines[0]); isScript(first) {
		c.kind = script
		c.magics = []string{first}
		c.verbatim(lines)
		return c, nil
	}
	goLines := make([]string, len(lines)) // the Go of the cell, at its places in the cell
	starts := false
	var s lineScanner
	for i := 0; i < len(lines); i++ {
		special := trimPrefix(lines[i])
		if s.inside() || !isSpecial(special) {
			if s.inside() || !packageClause.MatchString(lines[i]) { // GoNB skips it
				goLines[i] = lines[i]
			}
			s.next(lines[i])
			continue
		}
		starts = starts || startsProgram(special)
		c.magics = append(c.magics, special)
		if ForKernel(special) {
			i = blank(lines, i)
			continue
		}
		for strings.HasSuffix(lines[i], `\`) && i+1 < len(lines) {
			i++
		}
	}
	if starts {
		c.kind = program
		c.verbatim(lines)
		c.unhide()
		return c, nil
	}
	source := strings.Join(goLines, "\n")
	if onlyDeclarations(source) &&
		(past == nil || !past.declaresAny(slices.Collect(maps.Keys(mentioned(source))))) {
		decls := cutDeclarations(source)
		c.funcs, c.vars = functions(source, decls), variables(source, decls)
		c.verbatim(lines)
		c.unhide()
		return c, nil
	}
	pieces, err := split(source)
	if err != nil {
		return nil, err
	}
	c.kind = bare
	c.compose(lines, goLines, pieces, past)
	c.unhide()
	return c, nil
}

// cutDeclarations returns the pieces of a text of declarations.
func cutDeclarations(source string) []placed {
	var out []placed
	for _, p := range cut(source) {
		out = append(out, placed{piece: p})
	}
	return out
}

var packageClause = regexp.MustCompile(`^package\s+\w+\s*;?\s*(//.*|/\*.*)?$`)

// unhide inserts a space before lines that GoNB, which looks at their first seven letters only,
// would take for a package clause and skip: packages := 3, or a mistake for the compiler to report.
func (c *Cell) unhide() {
	lines := strings.Split(c.Text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "package") && !packageClause.MatchString(line) {
			lines[i] = " " + line
			c.shifts[i]++
		}
	}
	c.Text = strings.Join(lines, "\n")
}

// verbatim makes the text of lines that stay in their places.
func (c *Cell) verbatim(lines []string) {
	c.Text = strings.Join(lines, "\n")
	c.lines, c.shifts = make([]int, len(lines)), make([]int, len(lines))
	for i := range lines {
		c.lines[i] = i
	}
}

// Question returns what a cell asks about: the name in ?name or name?, on a line of its own.
func Question(code string) (topic string, ok bool) {
	code = strings.TrimSpace(code)
	if strings.ContainsAny(code, "\n") {
		return "", false
	}
	if rest, found := strings.CutPrefix(code, "?"); found {
		topic = strings.TrimLeft(rest, "?")
	} else if rest, found := strings.CutSuffix(code, "?"); found {
		topic = strings.TrimRight(rest, "?")
	} else {
		return "", false
	}
	topic = strings.TrimSpace(topic)
	for _, r := range topic {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 127
		if !letter && (r < '0' || r > '9') && !strings.ContainsRune("./_%-", r) {
			return "", false
		}
	}
	return topic, topic != ""
}
