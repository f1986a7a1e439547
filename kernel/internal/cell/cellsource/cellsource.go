// Package cellsource turns a cell as a user types it into one that GoNB takes.
//
// A cell that GoNB would take keeps its meaning: one with %% or another line that starts a program, one of declarations
// alone, one of special lines. A cell of bare statements becomes a program: its declarations go before a line with %%
// and its statements behind it, and when the last of them is an expression its value is shown. Lines for the shell are
// handed to the kernel's own shell, which can tell when they fail, and %clear to the kernel. Which line of the cell a
// line of the new one was is kept, for messages.
//
// It works on syntax alone. It refuses what is neither declarations nor statements, in the words of go/parser.
package cellsource

import (
	"encoding/base64"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Show is the function that is given the value of a cell's last expression. The kernel adds it to the program.
const Show = "trafficlabShow"

// Options are what a cell is composed with.
type Options struct {
	Fronts string // the folder of the programs shell, script and clear
	Past   *Past  // what earlier cells have run, nil where their values do not matter
}

// A Cell is a cell as GoNB gets it.
type Cell struct {
	Text string
	User string // the cell as it was typed

	lines  []int // for each line of Text the line of the user's, from 0
	shifts []int // for each line of Text how many bytes were put before the user's
	shows  bool
	kind   kind
	magic  []string // the special lines, as they were typed
	begins bool     // it runs again what earlier cells have run
	ran    ran
	funcs  map[string]map[string]bool // what its functions mention
	vars   map[string]bool            // the variables that it declares
}

type kind int

const (
	declarations kind = iota // or special lines alone
	program                  // with %% or the like
	bare                     // statements
	script                   // a cell for another program than Go
)

// Line gives the user's line, from 1, of a line of the text, from 1.
func (c *Cell) Line(n int) int {
	if n < 1 || n > len(c.lines) {
		return n
	}
	return c.lines[n-1] + 1
}

// Shift gives how many bytes stand before the user's in a line of the text, from 1.
func (c *Cell) Shift(n int) int {
	if n < 1 || n > len(c.shifts) {
		return 0
	}
	return c.shifts[n-1]
}

// Shows tells whether the program shows the value of its last expression.
func (c *Cell) Shows() bool { return c.shows }

// Begins reports whether the program runs again what earlier cells have run, and calls [Begin] behind it.
func (c *Cell) Begins() bool { return c.begins }

// Empty tells whether there is nothing to run.
func (c *Cell) Empty() bool { return strings.TrimSpace(c.Text) == "" }

// Captures tells whether the output is wanted in a file as well.
func (c *Cell) Captures() bool { return c.hasMagic("%capture") }

// Tests tells whether the cell runs tests.
func (c *Cell) Tests() bool { return c.hasMagic("%test") }

func (c *Cell) hasMagic(name string) bool {
	for _, m := range c.magic {
		if first, _, _ := strings.Cut(m, " "); first == name {
			return true
		}
	}
	return false
}

// Replay gives as much of the cell as a new GoNB has to be told: its declarations and its settings, each on its line,
// without what it ran; "" for nothing.
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
		name, _, _ := strings.Cut(special, " ")
		if startsProgram(special) && name != "%test" && name != "%exec" {
			lines = lines[:i]
			break
		}
		switch name {
		case "%env", "%cd", "%goflags", "%autoget", "%noautoget", "%rm", "%remove", "%reset", "%track", "%untrack":
			continue
		}
		for more := true; more; i++ {
			more = strings.HasSuffix(lines[i], `\`) && i+1 < len(lines)
			lines[i] = ""
		}
		i--
	}
	text := strings.TrimRight(strings.Join(lines, "\n"), " \t\n")
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return text
}

// commentPrefix may stand before a special line, so that the file is Go for other tools.
const commentPrefix = "//gonb:"

func trimPrefix(line string) string { return strings.TrimPrefix(line, commentPrefix) }

// isSpecial tells whether a line is for GoNB or for the shell.
func isSpecial(line string) bool {
	return len(line) > 1 && (line[0] == '%' || line[0] == '!')
}

// startsProgram tells whether a special line says which program is to run.
func startsProgram(line string) bool {
	name, _, _ := strings.Cut(strings.ReplaceAll(line, "\t", " "), " ")
	switch name {
	case "%%", "%main", "%exec", "%test", "%wasm":
		return true
	}
	return false
}

// isScript tells whether the first line makes the cell one of another program.
func isScript(line string) bool {
	name, _, _ := strings.Cut(line, " ")
	switch name {
	case "%%writefile", "%%script", "%%bash", "%%sh", "%%gx":
		return true
	}
	return false
}

// Compose makes a cell for GoNB. The error is a [scanner.ErrorList] whose positions are those of the user's cell.
func Compose(code string, o Options) (*Cell, error) {
	code = strings.ReplaceAll(code, "\r\n", "\n")
	c := &Cell{User: code}
	lines := strings.Split(code, "\n")
	if first := trimPrefix(lines[0]); isScript(first) {
		c.kind = script
		c.magic = []string{first}
		switch name, rest, _ := strings.Cut(first, " "); {
		case name == "%%script" && strings.TrimSpace(rest) != "":
			lines[0] = "%%script " + quoted(filepath.Join(o.Fronts, "script")) + " " + rest
		case (name == "%%bash" || name == "%%sh") && strings.TrimSpace(rest) == "":
			lines[0] = "%%script " + quoted(filepath.Join(o.Fronts, "script")) + " " + name[2:]
		}
		c.straight(lines)
		return c, nil
	}
	goLines := make([]string, len(lines)) // the Go of the cell, at the places that it has there
	starts := false
	for i := 0; i < len(lines); i++ {
		special := trimPrefix(lines[i])
		if !isSpecial(special) {
			if !packageClause.MatchString(lines[i]) { // GoNB passes over it
				goLines[i] = lines[i]
			}
			continue
		}
		starts = starts || startsProgram(special)
		c.magic = append(c.magic, special)
		if strings.TrimRight(special, " \t") == "%clear" { // for the kernel, when its turn comes
			lines[i] = "!" + quoted(filepath.Join(o.Fronts, "clear"))
			continue
		}
		if special[0] == '!' {
			i = shell(lines, i, o.Fronts)
			continue
		}
		for strings.HasSuffix(lines[i], `\`) && i+1 < len(lines) {
			i++
		}
	}
	if starts {
		c.kind = program
		c.straight(lines)
		c.unhide()
		return c, nil
	}
	source := strings.Join(goLines, "\n")
	if onlyDeclarations(source) && (o.Past == nil || !o.Past.brings(slices.Collect(maps.Keys(mentioned(source))))) {
		decls := cutDeclarations(source)
		c.funcs, c.vars = functions(source, decls), variables(source, decls)
		c.straight(lines)
		c.unhide()
		return c, nil
	}
	pieces, err := split(source)
	if err != nil {
		return nil, err
	}
	c.kind = bare
	c.compose(lines, goLines, pieces, o.Past)
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

// unhide puts a space before lines that GoNB would take for a package clause by their first seven letters, and pass
// over: packages := 3, or a mistake that the compiler is to tell of.
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

// straight makes the text of lines that stay where they are.
func (c *Cell) straight(lines []string) {
	c.Text = strings.Join(lines, "\n")
	c.lines, c.shifts = make([]int, len(lines)), make([]int, len(lines))
	for i := range lines {
		c.lines[i] = i
	}
}

// shell hands the command of line i, which may go on in the next ones, to the kernel's shell. It gives the last line.
func shell(lines []string, i int, fronts string) int {
	first := i
	var command string
	for ; ; i++ {
		part, more := strings.CutSuffix(trimPrefix(lines[i]), `\`)
		if i == first {
			part = part[1:]
		}
		command += part
		if i > first {
			lines[i] = ""
		}
		if !more || i+1 == len(lines) {
			break
		}
		command += " "
	}
	command = strings.TrimLeft(command, " \t")
	star := ""
	if rest, ok := strings.CutPrefix(command, "*"); ok {
		star, command = "*", rest
	}
	if strings.TrimSpace(command) == "" {
		return i
	}
	// The command is written so that neither GoNB nor the shell before the shell can see anything special in it.
	lines[first] = "!" + star + quoted(filepath.Join(fronts, "shell")) + " " + base64.StdEncoding.EncodeToString([]byte(command))
	return i
}

// quoted quotes a path for GoNB's own splitting and for a shell.
func quoted(path string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(path) + `"`
}

// Question gives what a cell asks about: the name in ?name or name?, on a line of its own.
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
		if !(r == '.' || r == '/' || r == '_' || r == '%' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 127) {
			return "", false
		}
	}
	return topic, topic != ""
}
