// Package goerror makes the error message of a failed cell from what the compiler, the program or
// GoNB printed.
//
// It takes their text and the places of its lines in the user's cells. It returns a name
// (CompileError, Panic, ExitError, Interrupted, Timeout, or Error for anything else), a value,
// which is the first line that says something, and a traceback with terminal colors and without
// HTML.
package goerror

import (
	"fmt"
	"go/scanner"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// An Error is the content of a Jupyter error message.
type Error struct {
	Name, Value string
	Traceback   []string
}

// A Place is a line of a cell, from 1, with the text of the cell for the lines around it.
type Place struct {
	Cell, Line int
	Code       string
	Shift      int // bytes inserted before the user's text, which columns count
}

// New returns an error of the name Error.
func New(text string) *Error {
	return &Error{Name: "Error", Value: text, Traceback: []string{text}}
}

const (
	red   = "\x1b[31m"
	blue  = "\x1b[34m"
	bold  = "\x1b[1m"
	plain = "\x1b[0m"
)

// contextLines is how many lines an excerpt shows before and after its place.
const contextLines = 2

// excerpt returns the lines around a place, with a mark below the column if it is not 0.
func excerpt(p Place, column int) []string {
	lines := strings.Split(p.Code, "\n")
	if p.Code == "" || p.Line < 1 || p.Line > len(lines) {
		return nil
	}
	var out []string
	for n := max(1, p.Line-contextLines); n <= min(len(lines), p.Line+contextLines); n++ {
		line := shorten(lines[n-1])
		if n != p.Line {
			if strings.TrimSpace(line) == "" && (n < p.Line || n == len(lines)) {
				continue
			}
			out = append(out, fmt.Sprintf("  %4d │ %s", n, line))
			continue
		}
		out = append(out, fmt.Sprintf("%s→ %4d │ %s%s", bold, n, line, plain))
		if column -= p.Shift; column >= 1 && column <= len(lines[n-1])+1 && column < maxWidth {
			// Tabs stay tabs, so that the mark is below its column.
			lead := strings.Map(func(r rune) rune {
				if r == '\t' {
					return r
				}
				return ' '
			}, lines[n-1][:column-1])
			out = append(out, "       │ "+lead+red+"^"+plain)
		}
	}
	return out
}

// maxWidth bounds a line of an excerpt, in bytes.
const maxWidth = 200

func shorten(line string) string {
	if len(line) > maxWidth {
		return strings.ToValidUTF8(line[:maxWidth], "") + "…"
	}
	return line
}

// Syntax returns the error of a cell that the kernel itself could not parse.
func Syntax(err error, cell int, code string) *Error {
	e := &Error{Name: "CompileError"}
	list, ok := err.(scanner.ErrorList)
	if !ok || len(list) == 0 {
		e.Value = err.Error()
		e.Traceback = []string{red + e.Value + plain}
		return e
	}
	e.Value = list[0].Msg
	for _, one := range list[:min(len(list), 10)] {
		at := Place{Cell: cell, Line: one.Pos.Line, Code: code}
		e.add(at, one.Pos.Column, one.Msg)
	}
	return e
}

// add adds a message at a place to the traceback.
func (e *Error) add(at Place, column int, message string) {
	e.Traceback = append(e.Traceback, fmt.Sprintf("%sCell[%d]: Line %d%s: %s%s%s", blue, at.Cell, at.Line, plain, red,
		message, plain))
	e.Traceback = append(e.Traceback, excerpt(at, column)...)
}

var (
	compileLine = regexp.MustCompile(`main(?:_test)?\.go:(\d+):(?:(\d+):)? ?(.*)$`)
	cellInfo    = regexp.MustCompile(`^Cell(?:\[(\d+)\]:)? Line (\d+)`)
	noise       = regexp.MustCompile(`^(# |exit status \d+$|go: warning|failed to run )`)
	buildDir    = regexp.MustCompile(`[^\s'"]*/gonb_[0-9a-f]{8}/`)
	toolEnded   = regexp.MustCompile(`^(?:go build gonb_[0-9a-f]{8}: )?(?:\S*/)?((?:compile|link|asm|cgo): .*)$`)
)

// FromGoNB returns the error in a reply of GoNB: value has the text of the compiler or of
// goimports, and traceback, line by line, the places that it is about. Place translates GoNB's
// number and line of a cell.
func FromGoNB(value string, traceback []string, place func(cell, line int) (Place, bool)) *Error {
	e := &Error{Name: "Error"}
	words := strings.Split(strings.TrimRight(value, "\n"), "\n")
	for i, line := range words {
		if strings.TrimSpace(line) == "" || noise.MatchString(line) {
			continue
		}
		m := compileLine.FindStringSubmatch(line)
		if m == nil {
			line = buildDir.ReplaceAllString(line, "")
			if m := toolEnded.FindStringSubmatch(line); m != nil { // a build tool that printed nothing else
				e.Name, line = "CompileError", m[1]
			}
			if e.Value == "" {
				e.Value = strings.TrimSpace(line)
			}
			e.Traceback = append(e.Traceback, red+line+plain)
			continue
		}
		e.Name = "CompileError"
		if e.Value == "" || len(e.Traceback) == 0 {
			e.Value = m[3]
		}
		column, _ := strconv.Atoi(m[2])
		var at Place
		known := false
		if i < len(traceback) {
			if info := cellInfo.FindStringSubmatch(traceback[i]); info != nil {
				cell, _ := strconv.Atoi(info[1])
				n, _ := strconv.Atoi(info[2])
				at, known = place(cell, n)
			}
		}
		if known {
			e.add(at, column, m[3])
		} else {
			e.Traceback = append(e.Traceback, red+m[3]+plain)
		}
	}
	if e.Value == "" {
		e.Value = strings.TrimSpace(value)
	}
	if len(e.Traceback) == 0 {
		e.Traceback = []string{red + e.Value + plain}
	}
	return e
}

var frame = regexp.MustCompile(`^\s+(\S.*):(\d+)(?: \+0x[0-9a-f]+)?$`)

// maxFrames bounds the frames of a trace that are shown.
const maxFrames = 100

// Crash returns the error of a program that crashed with this trace and ended as ending says. Main
// is the path of GoNB's file, and places has the places of its lines in cells.
func Crash(trace, ending, main string, places map[int]Place) *Error {
	e := &Error{Name: "Panic"}
	lines := strings.Split(strings.TrimRight(trace, "\n"), "\n")
	e.Value = strings.TrimSpace(lines[0])
	shown := 0
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if m := frame.FindStringSubmatch(line); m != nil {
			if shown++; shown > maxFrames {
				e.Traceback = append(e.Traceback, "… more frames …")
				break
			}
			n, _ := strconv.Atoi(m[2])
			if m[1] != main && filepath.Base(m[1]) != filepath.Base(main) {
				e.Traceback = append(e.Traceback, "    "+m[1]+":"+m[2])
				continue
			}
			if p, ok := places[n]; ok {
				e.Traceback = append(e.Traceback, fmt.Sprintf("    %sCell [%d] Line %d%s", blue, p.Cell, p.Line, plain))
				e.Traceback = append(e.Traceback, excerpt(p, 0)...)
			}
			continue
		}
		if i == 0 || strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "[signal ") {
			line = red + line + plain
		}
		e.Traceback = append(e.Traceback, buildDir.ReplaceAllString(line, ""))
	}
	e.Traceback = append(e.Traceback, ending)
	return e
}

// Exit returns the error of a program or command that ended with a status. What names the command;
// it is "" for the cell's own program.
func Exit(ending, what string) *Error {
	e := &Error{Name: "ExitError", Value: ending}
	if what != "" {
		first, _, more := strings.Cut(what, "\n")
		if first = shorten(first); more {
			first += "…"
		}
		e.Value = ending + ": " + first
	}
	e.Traceback = []string{red + e.Value + plain}
	return e
}

// Stopped returns the error of a cell that was stopped.
func Stopped(name, why string) *Error {
	return &Error{Name: name, Value: why, Traceback: []string{red + why + plain}}
}
