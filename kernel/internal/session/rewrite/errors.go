package rewrite

import (
	"cmp"
	"errors"
	"fmt"
	"go/scanner"
	"slices"
	"strings"
)

// A Diagnostic is an error at one place of a cell.
type Diagnostic struct {
	Line, Column int // from 1; columns count bytes
	Msg          string
	Cell         int // the number of the cell that the user knows
}

// An Error lists why a cell does not compile.
type Error struct{ List []Diagnostic }

func (e *Error) Error() string {
	lines := make([]string, len(e.List))
	for i, d := range e.List {
		lines[i] = fmt.Sprintf("%d:%d: %s", d.Line, d.Column, d.Msg)
	}
	return strings.Join(lines, "\n")
}

// add adds a diagnostic unless its place already has one.
func (e *Error) add(d Diagnostic) {
	for _, x := range e.List {
		if x.Line == d.Line && x.Column == d.Column {
			return
		}
	}
	e.List = append(e.List, d)
}

// sorted returns the error with its diagnostics in source order, or nil if it has none.
func (e *Error) sorted() error {
	if len(e.List) == 0 {
		return nil
	}
	slices.SortStableFunc(e.List, func(a, b Diagnostic) int {
		if a.Line != b.Line {
			return cmp.Compare(a.Line, b.Line)
		}
		return cmp.Compare(a.Column, b.Column)
	})
	return e
}

// syntaxError returns the error for a cell that cannot be parsed.
func syntaxError(src *source, err error) error {
	e := &Error{}
	list, ok := err.(scanner.ErrorList)
	if !ok {
		e.add(Diagnostic{Line: 1, Column: 1, Msg: err.Error(), Cell: src.number()})
	}
	for _, x := range list {
		e.add(Diagnostic{Line: x.Pos.Line, Column: x.Pos.Column, Msg: x.Msg, Cell: src.number()})
	}
	return e.sorted()
}

// An Unsupported error says which part of a cell only a program of its own can do.
type Unsupported struct {
	Line int
	What string
}

// ErrStandalone is matched by every [Unsupported] error.
var ErrStandalone = errors.New("the cell has to be a program of its own")

func (e *Unsupported) Is(target error) bool { return target == ErrStandalone }

func (e *Unsupported) Error() string {
	return fmt.Sprintf("%d: %s works only in a cell that is a program of its own", e.Line, e.What)
}
