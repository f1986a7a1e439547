package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
)

// Suffixes of the names that the checker sees in place of the user's. They begin with an invisible
// letter; a cell that contains it is refused.
const (
	hidden       = "\uFFA0"
	suffixOld    = hidden + "old" // the meaning of a name before the cell
	suffixUnset  = hidden + "set" // a variable whose cell ended before its definition
	suffixShadow = hidden + "var" // a variable named like a predeclared name, an import, main or init
)

// A definition is a statement at the top level of a cell that declares variables: x := f(), or one
// line of a var declaration.
type definition struct {
	spec    *ast.ValueSpec // for the checker to infer types from
	assign  *ast.AssignStmt
	decl    *ast.GenDecl // of a var declaration
	names   []*ast.Ident // all names that it sets
	fresh   []*ast.Ident // the names that it declares
	of      int          // the index of its statement in the body
	checked bool         // the checker sees the statement in the body too, because it also sets existing variables
}

// hoisting is the result of hoist: the variables of a cell become variables of the package.
type hoisting struct {
	defs    []*definition
	vars    map[string]string // name → the name that the checker sees
	tops    map[*object]bool
	labels  bool                    // a variable may be defined more than once, by a goto
	removed map[*ast.EmptyStmt]bool // the statements that replace definitions
	errs    []problem
}

// An object is what the parser resolves an identifier to. It is needed before types are known. The
// keys of literals, which the parser cannot resolve, are distinguished by [indexed].
//
//lint:ignore SA1019 see above
type object = ast.Object

// A problem is an error at a place in the cell.
type problem struct {
	pos token.Pos
	msg string
}

// hoist takes the definitions out of a body and leaves what the checker is to see. The function
// shadows reports whether a variable with a name hides something that statements before it may
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
	// Uses of the variables that the checker sees under another name.
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

// define takes in a short variable declaration. It reports whether the statement must stay in the
// body as an assignment.
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

// declare takes in one line of a var declaration.
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

// rename renames identifiers of shadowing variables to what the checker sees. Keys of struct
// literals keep their names.
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

// indexed reports whether the keys of a literal are expressions, as far as its syntax shows.
func indexed(lit *ast.CompositeLit) bool {
	switch lit.Type.(type) {
	case *ast.ArrayType, *ast.MapType:
		return true
	}
	return false
}
