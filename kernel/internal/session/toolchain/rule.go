package toolchain

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// ErrUnknown is the refusal of a Go that the rules do not fit.
var ErrUnknown = errors.New("toolchain: the changes for the cell compiler and linker do not fit this version of Go")

// A rule changes one place of a source file of Go.
type rule struct {
	name   string // what it is for
	file   string // below GOROOT/src
	in     string // the function, as F or T.F; "" for the whole file
	anchor string // text that must occur there exactly once
	how    how
	text   string
}

type how int

const (
	before  how = iota // insert the text before the line of the anchor
	after              // insert it after the line of the anchor
	replace            // replace the anchor
)

// apply changes the source of a file. The anchor must occur exactly once in the function that the
// rule names.
func (r rule) apply(source string) (string, error) {
	from, to := 0, len(source)
	if r.in != "" {
		var ok bool
		if from, to, ok = function(source, r.in); !ok {
			return "", fmt.Errorf("%w: rule %q: %s has no function %s", ErrUnknown, r.name, r.file, r.in)
		}
	}
	if n := strings.Count(source[from:to], r.anchor); n != 1 {
		return "", fmt.Errorf("%w: rule %q: %s has its anchor %d times", ErrUnknown, r.name, r.file, n)
	}
	at := from + strings.Index(source[from:to], r.anchor)
	end := at + len(r.anchor)
	switch r.how {
	case before:
		at = strings.LastIndexByte(source[:at], '\n') + 1
		end = at
	case after:
		if i := strings.IndexByte(source[end:], '\n'); i >= 0 {
			end += i + 1
		} else {
			end = len(source)
		}
		at = end
	}
	return source[:at] + r.text + source[end:], nil
}

// function returns the offsets of a function's declaration.
func function(source, name string) (from, to int, ok bool) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", source, parser.SkipObjectResolution)
	if err != nil {
		return 0, 0, false
	}
	for _, d := range f.Decls {
		fn, isFunc := d.(*ast.FuncDecl)
		if isFunc && nameOf(fn) == name {
			return fset.Position(fn.Pos()).Offset, fset.Position(fn.End()).Offset, true
		}
	}
	return 0, 0, false
}

// nameOf returns the name of a function as rules write it.
func nameOf(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return fn.Name.Name
	}
	t := fn.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name + "." + fn.Name.Name
	}
	return fn.Name.Name
}
