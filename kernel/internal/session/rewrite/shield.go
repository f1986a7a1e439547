package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
)

// The checker takes each type that it finds in the scope of a package for one that the package
// declares. Where that would break it, it must not see that a type is of an earlier cell.

// shield puts parentheses around the types of earlier cells that other types are defined by. It
// returns a function that removes them.
func (w *rewriting) shield(files []*ast.File) (undo func()) {
	var specs []*ast.TypeSpec
	for _, f := range files {
		for _, decl := range f.Decls {
			g, ok := decl.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, spec := range g.Specs {
				spec := spec.(*ast.TypeSpec)
				if id, ok := spec.Type.(*ast.Ident); ok && w.pkg.Scope().Lookup(id.Name) != nil {
					specs = append(specs, spec)
					spec.Type = &ast.ParenExpr{Lparen: id.Pos(), X: id, Rparen: id.End()}
				}
			}
		}
	}
	return func() {
		for _, spec := range specs {
			spec.Type = ast.Unparen(spec.Type)
		}
	}
}

// homeless returns the methods of earlier cells whose type is not compiled again. Such methods of
// the cell itself are reported as errors and hidden from the checker.
func (w *rewriting) homeless() map[*declaration]string {
	w.without = map[*declaration]bool{}
	bad := map[*declaration]string{}
	for _, list := range [][]*declaration{w.decls, w.again} {
		for _, d := range list {
			if d.kind != kindMethod {
				continue
			}
			base := w.baseType(d.recv)
			o, ok := w.pkg.Scope().Lookup(base).(*types.TypeName)
			if !ok {
				continue
			}
			msg := "cannot define new methods on type " + base
			if e := w.inserted[o]; e != nil && w.dropped[e.decl] != "" {
				msg += " of cell " + e.src.label() + ", which no longer compiles: " + w.dropped[e.decl]
			}
			if d.src != w.source {
				bad[d] = msg
				continue
			}
			w.without[d] = true
			line, column := w.position(offset(w.fset, d.node.(*ast.FuncDecl).Name.Pos()))
			w.errs.add(Diagnostic{Line: line, Column: column, Msg: msg, Cell: w.number()})
		}
	}
	return bad
}

// baseType returns the name of the type that a method with this receiver belongs to. The receiver
// may be an alias.
func (w *rewriting) baseType(name string) string {
	for range 100 { // aliases may form a cycle, which the checker reports
		if d := w.declared[name]; d != nil {
			next := aliased(d.node, name)
			if next == "" {
				return name
			}
			name = next
			continue
		}
		e := w.base.names[name]
		if e == nil || e.kind != kindType {
			return name
		}
		if t, ok := types.Unalias(e.obj.Type()).(*types.Named); ok && isCell(t.Obj().Pkg()) {
			return t.Obj().Name()
		}
		return name
	}
	return name
}

// aliased returns the name that a declaration is an alias of, or "".
func aliased(decl ast.Decl, name string) string {
	g, ok := decl.(*ast.GenDecl)
	if !ok {
		return ""
	}
	for _, spec := range g.Specs {
		t, ok := spec.(*ast.TypeSpec)
		if !ok || t.Name.Name != name || !t.Assign.IsValid() || t.TypeParams != nil {
			continue
		}
		typ := ast.Unparen(t.Type)
		if p, ok := typ.(*ast.StarExpr); ok {
			typ = ast.Unparen(p.X)
		}
		if id, ok := typ.(*ast.Ident); ok {
			return written(id.Name)
		}
	}
	return ""
}
