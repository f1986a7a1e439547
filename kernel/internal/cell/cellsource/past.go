package cellsource

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"maps"
	"strconv"
	"strings"
)

// A Past records what cells of bare Go have run so far. In a kernel in which every cell is a
// program of its own, a cell's program begins with the statements of earlier cells that made the
// values it mentions or may have changed them, in order.
//
// A statement may have changed a value if it assigns to it or to a part of it, takes its address,
// calls one of its methods, or passes it to a function and does not keep the result. Changes by a
// function whose result is kept are not noticed.
type Past struct {
	cells []executed
	vars  map[string]bool            // the variables of cells, and the functions that statements declare
	funcs map[string]map[string]bool // what declared functions mention
}

// executed is what a cell has run.
type executed struct {
	text     string // on one line, without
	last     string // the expression whose value was shown
	declares map[string]bool
	changes  map[string]bool
	mentions map[string]bool
}

// Begin is the function that is called between what is run again and the cell's own statements.
// The kernel adds it to the program, and shows no output from before the call.
const Begin = "trafficlabBegin"

// Add adds a cell that succeeded.
func (p *Past) Add(c *Cell) {
	if c.hasMagic("%reset") {
		p.Reset()
	}
	if c.kind == script || c.kind == program {
		return
	}
	if p.funcs == nil {
		p.vars, p.funcs = map[string]bool{}, map[string]map[string]bool{}
	}
	maps.Copy(p.funcs, c.funcs)
	maps.Copy(p.vars, c.vars)
	maps.Copy(p.vars, c.executed.declares)
	r := c.executed
	switch {
	case r.last != "" && c.shows: // not every expression may stand alone
		r.text += "func(...any){}(" + r.last + ");"
	case r.last != "":
		r.text += r.last + ";"
	}
	if r.text != "" {
		p.cells = append(p.cells, r)
	}
}

// SetNoValue records that the last expression of the cell, a call, has no value to show.
func (c *Cell) SetNoValue() { c.shows = false }

// Reset forgets everything.
func (p *Past) Reset() { *p = Past{} }

// Copy returns a copy that does not change.
func (p *Past) Copy() *Past {
	return &Past{p.cells[:len(p.cells):len(p.cells)], maps.Clone(p.vars), maps.Clone(p.funcs)}
}

// needed returns what a program must run before the statements of a cell that mentions some names,
// and the braces that close its blocks. Each cell is a block inside that of the cell before, so
// that a name may be declared again.
func (p *Past) needed(mentions map[string]bool) (before, after string) {
	wanted := maps.Clone(mentions)
	for name := range mentions {
		maps.Copy(wanted, p.funcs[name])
	}
	take := make([]bool, len(p.cells))
	for again := true; again; {
		again = false
		for i := len(p.cells) - 1; i >= 0; i-- {
			if take[i] || !p.overlap(p.cells[i].changes, wanted) {
				continue
			}
			take[i], again = true, true
			for name := range p.cells[i].mentions {
				wanted[name] = true
				maps.Copy(wanted, p.funcs[name])
			}
		}
	}
	var b strings.Builder
	for i, taken := range take {
		if taken {
			b.WriteString(p.cells[i].text + " { ")
			after += "}"
		}
	}
	if after == "" {
		return "", ""
	}
	return b.String() + Begin + "();", after
}

// declaresAny reports whether a statement has declared one of the names, so that a function at the
// top level of a file cannot see it.
func (p *Past) declaresAny(names []string) bool {
	for _, name := range names {
		for _, c := range p.cells {
			if c.declares[name] {
				return true
			}
		}
	}
	return false
}

// overlap reports whether a variable is in both sets.
func (p *Past) overlap(a, b map[string]bool) bool {
	for name := range a {
		if b[name] && p.vars[name] {
			return true
		}
	}
	return false
}

// changed returns the names that statements declare or may change.
func changed(stmts []ast.Stmt) map[string]bool {
	out := map[string]bool{}
	note := func(e ast.Expr) {
		if id := root(e); id != nil {
			out[id.Name] = true
		}
	}
	visit := func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.AssignStmt:
			for _, e := range x.Lhs {
				note(e)
			}
		case *ast.IncDecStmt:
			note(x.X)
		case *ast.SendStmt:
			note(x.Chan)
		case *ast.ValueSpec:
			for _, n := range x.Names {
				out[n.Name] = true
			}
		case *ast.RangeStmt:
			note(x.Key)
			note(x.Value)
		case *ast.UnaryExpr:
			if x.Op == token.AND || x.Op == token.ARROW {
				note(x.X)
			}
		case *ast.CallExpr:
			if s, ok := x.Fun.(*ast.SelectorExpr); ok {
				note(s.X)
			}
		case *ast.ExprStmt:
			if call, ok := x.X.(*ast.CallExpr); ok && !isPrinter(call) {
				ast.Inspect(call, func(n ast.Node) bool {
					if inner, ok := n.(*ast.CallExpr); ok {
						for _, a := range inner.Args {
							note(a)
						}
					}
					return true
				})
			}
		}
		return true
	}
	for _, s := range stmts {
		ast.Inspect(s, visit)
	}
	return out
}

// root returns the variable that an expression is a part of.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// mentioned returns all names in a piece of Go.
func mentioned(source string) map[string]bool {
	out := map[string]bool{}
	eachToken(source, func(tok token.Token, lit string) {
		if tok == token.IDENT {
			out[lit] = true
		}
	})
	return out
}

// oneLine returns a piece of Go on one line, without comments.
func oneLine(source string) string {
	var b strings.Builder
	eachToken(source, func(tok token.Token, lit string) {
		switch {
		case tok == token.SEMICOLON:
			b.WriteString(";")
		case tok == token.STRING && lit[0] == '`':
			if text, err := strconv.Unquote(lit); err == nil {
				lit = strconv.Quote(text)
			}
			b.WriteString(lit)
		case lit != "":
			b.WriteString(lit)
		default:
			b.WriteString(tok.String())
		}
		b.WriteByte(' ')
	})
	return b.String()
}

// eachToken calls do for each token of a text.
func eachToken(source string, do func(tok token.Token, lit string)) {
	fset := token.NewFileSet()
	var s scanner.Scanner
	s.Init(fset.AddFile("", fset.Base(), len(source)), []byte(source), func(token.Position, string) {}, 0)
	for {
		_, tok, lit := s.Scan()
		if tok == token.EOF {
			return
		}
		do(tok, lit)
	}
}

// asVariable rewrites the declaration of a function as that of a variable, for places where Go
// allows no functions. It returns "" for a method or a generic function.
func asVariable(decl string) string {
	file, err := parser.ParseFile(token.NewFileSet(), "", header+decl, parser.SkipObjectResolution)
	if err != nil || len(file.Decls) != 1 {
		return ""
	}
	f, ok := file.Decls[0].(*ast.FuncDecl)
	if !ok || f.Recv != nil || f.Body == nil || f.Type.TypeParams != nil {
		return ""
	}
	at := func(p token.Pos) int { return int(p-file.FileStart) - len(header) }
	signature := decl[at(f.Name.End()):at(f.Body.Lbrace)]
	name := f.Name.Name
	declared := "var " + name + " func" + strings.ReplaceAll(signature, "\n", " ")
	return declared + "; " + name + " = func" + decl[at(f.Name.End()):]
}
