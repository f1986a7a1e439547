package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
)

// Suffixes of names that the checker sees instead of the user's. They begin with a letter that
// cannot be seen; a cell that has it is refused.
const (
	hidden       = "\uFFA0"
	suffixOld    = hidden + "old" // what a name meant before the cell
	suffixUnset  = hidden + "set" // a variable whose cell ended before it came to it
	suffixShadow = hidden + "var" // a variable whose name is predeclared, an import's, main or init
)

// A definition is a statement at the top of a cell that brings variables: x := f(), or one line of
// var.
type definition struct {
	spec    *ast.ValueSpec // that the checker infers types from
	assign  *ast.AssignStmt
	decl    *ast.GenDecl // of a line of var
	names   []*ast.Ident // all that it sets
	fresh   []*ast.Ident // those that it brings
	of      int          // the statement's place in the body
	checked bool         // the statement is checked in the body too, since it sets more than it brings
}

// hoisting is what becomes of the variables of a cell: they are the package's, not those of a
// function.
type hoisting struct {
	defs    []*definition
	vars    map[string]string // name → what the checker sees it as
	tops    map[*object]bool
	labels  bool                    // a variable may be defined more than once
	removed map[*ast.EmptyStmt]bool // what is left of definitions
	errs    []problem
}

// An object is what the parser thinks that an identifier means. It is needed before types are
// known; keys of literals, where the parser cannot know, are told apart by [indexed].
//
//lint:ignore SA1019 see above
type object = ast.Object

// A problem is an error at a place of the cell.
type problem struct {
	pos token.Pos
	msg string
}

// hoist takes the definitions out of a body. What is left of the body is what the checker is to
// see. Shadows reports whether a variable of a name hides something that statements before it may
// mean.
func hoist(body *ast.BlockStmt, shadows func(name string) bool) *hoisting {
	h := &hoisting{vars: map[string]string{}, tops: map[*object]bool{}, removed: map[*ast.EmptyStmt]bool{}}
	empty := func(st ast.Stmt) ast.Stmt {
		e := &ast.EmptyStmt{Semicolon: st.Pos(), Implicit: true}
		h.removed[e] = true
		return e
	}
	for i := range body.List {
		at, first := &body.List[i], len(h.defs)
		for {
			l, ok := (*at).(*ast.LabeledStmt)
			if !ok {
				break
			}
			h.labels = true
			at = &l.Stmt
		}
		switch st := (*at).(type) {
		case *ast.AssignStmt:
			if st.Tok == token.DEFINE && !h.define(st, shadows) {
				*at = empty(st)
			}
		case *ast.DeclStmt:
			if decl, ok := st.Decl.(*ast.GenDecl); ok && decl.Tok == token.VAR {
				for _, spec := range decl.Specs {
					h.declare(decl, spec.(*ast.ValueSpec), shadows)
				}
				*at = empty(st)
			}
		}
		for _, d := range h.defs[first:] {
			d.of = i
		}
	}
	// Uses of variables that the checker sees under another name.
	ast.Inspect(body, h.rename)
	for _, d := range h.defs {
		if !d.checked {
			ast.Inspect(d.spec, h.rename)
		}
	}
	return h
}

func (h *hoisting) bring(id *ast.Ident, shadows func(string) bool) {
	if _, ok := h.vars[id.Name]; !ok {
		h.vars[id.Name] = id.Name
		if shadows(id.Name) {
			h.vars[id.Name] = id.Name + suffixShadow
		}
	}
	if id.Obj != nil {
		h.tops[id.Obj] = true
	}
}

// define takes in a short variable declaration. It reports whether the statement has to stay as an
// assignment.
func (h *hoisting) define(st *ast.AssignStmt, shadows func(string) bool) (stays bool) {
	d := &definition{assign: st, spec: &ast.ValueSpec{Values: st.Rhs}}
	for _, l := range st.Lhs {
		id, ok := l.(*ast.Ident)
		if !ok {
			h.errs = append(h.errs, problem{l.Pos(), "non-name " + types.ExprString(l) + " on left side of :="})
			return false
		}
		d.names = append(d.names, id)
		if _, known := h.vars[id.Name]; known || id.Name == "_" {
			d.spec.Names = append(d.spec.Names, &ast.Ident{NamePos: id.Pos(), Name: "_"})
			stays = stays || known
			continue
		}
		d.fresh = append(d.fresh, id)
		d.spec.Names = append(d.spec.Names, id)
	}
	seen := map[string]bool{}
	for _, id := range d.fresh {
		if seen[id.Name] {
			h.errs = append(h.errs, problem{id.Pos(), id.Name + " repeated on left side of :="})
		}
		seen[id.Name] = true
		h.bring(id, shadows)
	}
	if len(d.fresh) == 0 {
		h.errs = append(h.errs, problem{st.TokPos, "no new variables on left side of :="})
	}
	st.Tok = token.ASSIGN
	d.checked = stays
	h.defs = append(h.defs, d)
	return stays
}

// declare takes in one line of var.
func (h *hoisting) declare(decl *ast.GenDecl, spec *ast.ValueSpec, shadows func(string) bool) {
	d := &definition{decl: decl, spec: spec, names: spec.Names}
	for _, id := range spec.Names {
		if id.Name != "_" {
			d.fresh = append(d.fresh, id)
			h.bring(id, shadows)
		}
	}
	h.defs = append(h.defs, d)
}

// rename makes identifiers of shadowing variables those that the checker sees. Keys of struct
// literals stay.
func (h *hoisting) rename(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.Ident:
		if n.Obj != nil && h.tops[n.Obj] {
			if name, ok := h.vars[n.Name]; ok {
				n.Name = name
			}
		}
	case *ast.CompositeLit:
		if n.Type != nil {
			ast.Inspect(n.Type, h.rename)
		}
		for _, e := range n.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok && !indexed(n) {
				if _, ok := kv.Key.(*ast.Ident); ok {
					ast.Inspect(kv.Value, h.rename)
					continue
				}
			}
			ast.Inspect(e, h.rename)
		}
		return false
	}
	return true
}

// indexed reports whether the keys of a literal are expressions, as far as its text tells.
func indexed(lit *ast.CompositeLit) bool {
	switch lit.Type.(type) {
	case *ast.ArrayType, *ast.MapType:
		return true
	}
	return false
}
