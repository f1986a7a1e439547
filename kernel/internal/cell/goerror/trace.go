package goerror

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// A Diagnostic is a message of the compiler about a place in a cell.
type Diagnostic struct {
	Cell, Line, Column int
	Message            string
}

// Compile makes the error of a cell that does not compile. code returns the text of a cell.
func Compile(list []Diagnostic, code func(cell int) string) *Error {
	e := &Error{Name: "CompileError", Value: list[0].Message}
	for i, d := range list {
		if i == mostMessages {
			e.Traceback = append(e.Traceback, fmt.Sprintf("… %d more …", len(list)-i))
			break
		}
		e.add(Place{Cell: d.Cell, Line: d.Line, Code: code(d.Cell)}, d.Column, d.Message)
	}
	return e
}

// mostMessages bounds the messages of a cell that does not compile, as the compiler does.
const mostMessages = 10

// cellFrame is a place in a cell as traces name it: the file of a cell is Cell[N].
var cellFrame = regexp.MustCompile(`^\s+(?:.*/)?Cell\[(\d+)\]:(\d+)(?: \+0x[0-9a-f]+)?$`)

// CellPlace matches a place in a cell wherever a text names it.
var CellPlace = regexp.MustCompile(`(?:[^\s"'()]*/)?Cell\[(\d+)\](?:\.go)?:(\d+)`)

// Trace makes the error of a cell of a session from a trace of its goroutine as package runtime prints it. The first
// line of value is what is said of the cell.
func Trace(name, value, trace string, code func(cell int) string) *Error {
	e := &Error{Name: name}
	lines := strings.Split(strings.TrimRight(value, "\n"), "\n")
	e.Value = strings.TrimSpace(lines[0])
	for _, line := range lines {
		e.Traceback = append(e.Traceback, red+line+plain)
	}
	shown := 0
	for line := range strings.SplitSeq(strings.TrimRight(trace, "\n"), "\n") {
		if m := cellFrame.FindStringSubmatch(line); m != nil {
			cell, _ := strconv.Atoi(m[1])
			n, _ := strconv.Atoi(m[2])
			e.Traceback = append(e.Traceback, fmt.Sprintf("    %sCell [%d] Line %d%s", blue, cell, n, plain))
			e.Traceback = append(e.Traceback, excerpt(Place{Cell: cell, Line: n, Code: code(cell)}, 0)...)
			shown++
		} else if m := frame.FindStringSubmatch(line); m != nil {
			e.Traceback = append(e.Traceback, "    "+shortPath(m[1])+":"+m[2])
			shown++
		} else {
			e.Traceback = append(e.Traceback, line)
		}
		if shown == mostFrames {
			e.Traceback = append(e.Traceback, "… more frames …")
			break
		}
	}
	return e
}

// shortPath leaves out what stands before a module's or the standard library's own folders.
func shortPath(path string) string {
	for _, root := range []string{"/pkg/mod/", "/src/"} {
		if _, rest, ok := strings.Cut(path, root); ok {
			return rest
		}
	}
	return filepath.Clean(path)
}
