package gonb

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
)

// place returns the place of a line of the text that GoNB got, from 1, in the user's cell.
func (e entry) place(line int) goerror.Place {
	return goerror.Place{Cell: e.count, Line: e.source.Line(line), Code: e.code, Shift: e.source.Shift(line)}
}

// place translates a cell and a line as GoNB counts them.
func (g *GoNB) place(cell, line int) (goerror.Place, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	e, ok := g.cells[cell]
	if !ok || e.source == nil {
		return goerror.Place{}, false
	}
	return e.place(line), true
}

// places returns the places in cells of the lines of GoNB's Go file, by line. Cells are those whose
// declarations hold, oldest first; the last is the one that runs.
//
// GoNB writes the functions of cells into its file as they are, one after another, and the
// statements of the last cell, line by line, into a function main that begins with a call of
// flag.Parse. So a function is in the newest cell that has its text. Of variables only the values
// are as in the cells.
func places(file []byte, cells []entry) map[int]goerror.Place {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", file, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	found := map[int]goerror.Place{}
	text := func(from, to token.Pos) string {
		return string(file[fset.Position(from).Offset:fset.Position(to).Offset])
	}
	// add finds the newest cell with a part of the file. Before matches what precedes the part.
	add := func(before string, from, to token.Pos) bool {
		part := text(from, to)
		re := regexp.MustCompile(before + regexp.QuoteMeta(part))
		for _, e := range slices.Backward(cells) {
			if e.source == nil {
				continue
			}
			at := re.FindStringIndex(e.source.Text)
			if at == nil {
				continue
			}
			line := strings.Count(e.source.Text[:at[1]-len(part)], "\n") + 1
			for i := range strings.Count(part, "\n") + 1 {
				found[fset.Position(from).Line+i] = e.place(line + i)
			}
			return true
		}
		return false
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			switch {
			case add("", d.Pos(), d.End()):
			case d.Name.Name == "init": // called init_ and a name in the cell
				add(`\binit_\w+`, d.Type.Params.Pos(), d.End())
			case d.Name.Name == "main" && len(cells) > 0:
				e := cells[len(cells)-1]
				first := fset.Position(d.Pos()).Line + 2 // after func main and flag.Parse
				for i, line := range e.source.MainLines() {
					found[first+i] = e.place(line)
				}
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if v, ok := s.(*ast.ValueSpec); ok && d.Tok == token.VAR {
					for i, value := range v.Values {
						add(`\b`+v.Names[i].Name+`\b[^\n]*=\s*`, value.Pos(), value.End())
					}
				}
			}
		}
	}
	return found
}
