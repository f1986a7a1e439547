package goerror

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// A Diagnostic is a compiler message about a place in a cell.
type Diagnostic struct {
	Cell, Line, Column int
	Message            string
}

// Compile returns the error of a cell that does not compile. Code returns the text of a cell.
func Compile(list []Diagnostic, code func(cell int) string) *Error {
	e := &Error{Name: "CompileError", Value: list[0].Message}
	for i, d := range list {
		if i == maxMessages {
			e.Traceback = append(e.Traceback, fmt.Sprintf("… %d more …", len(list)-i))
			break
		}
		e.add(Place{Cell: d.Cell, Line: d.Line, Code: code(d.Cell)}, d.Column, d.Message)
	}
	return e
}

// maxMessages bounds the messages about a cell that does not compile, as in the compiler.
const maxMessages = 10

// cellFrame matches a place in a cell in a trace, where the file of a cell is Cell[N].
var cellFrame = regexp.MustCompile(`^\s+(?:.*/)?Cell\[(\d+)\]:(\d+)(?: \+0x[0-9a-f]+)?$`)

// CellPlace matches a place in a cell anywhere in a text.
var CellPlace = regexp.MustCompile(`(?:[^\s"'()]*/)?Cell\[(\d+)\](?:\.go)?:(\d+)`)

// Trace returns the error of a cell of a session, from the trace of its goroutine as package
// runtime prints it. The first line of value becomes the value of the error.
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
		if shown == maxFrames {
			e.Traceback = append(e.Traceback, "… more frames …")
			break
		}
	}
	return e
}

// shortPath returns a path from the module cache or the standard library without the folders before
// it.
func shortPath(path string) string {
	for _, root := range []string{"/pkg/mod/", "/src/"} {
		if _, rest, ok := strings.Cut(path, root); ok {
			return rest
		}
	}
	return filepath.Clean(path)
}
