package rewrite

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
)

// A storage is where a variable is: a name in a package.
type storage struct {
	pkg  int
	link string
}

func (n *entity) storage() storage { return storage{n.pkg, n.link} }

// at returns where a variable of a cell is.
func (e *emitter) at(o types.Object) (storage, bool) {
	if n := cmp.Or(e.inserted[o], e.reused[o]); n != nil {
		return n.storage(), n.kind == kindVar
	}
	if v := e.viewed(o); v != nil {
		return v.storage(), true
	}
	_, variable := o.(*types.Var)
	return storage{e.id, e.link(o)}, variable && e.own[o]
}

// note notes the variables of which a syntax tree takes the address, and those that functions in it
// use: they may be used when nobody can name them any more.
func (e *emitter) note(n ast.Node) {
	var visit func(n ast.Node, inside bool)
	visit = func(n ast.Node, inside bool) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				if !inside {
					visit(n, true)
					return false
				}
			case *ast.FuncDecl:
				if n.Body != nil {
					visit(n.Body, true)
				}
				return false
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					e.noteAddress(n.X)
				}
			case *ast.SliceExpr: // of an array
				e.noteAddress(n.X)
			case *ast.SelectorExpr: // a method may keep what it is called of
				if s := e.info.Selections[n]; s != nil && s.Kind() == types.MethodVal {
					e.noteAddress(n.X)
				}
			case *ast.Ident:
				if at, ok := e.variableAt(n); ok && inside {
					e.captured[at] = true
				}
			}
			return true
		})
	}
	visit(n, false)
}

// noteAddress notes the variable that an expression is, or is a part of.
func (e *emitter) noteAddress(x ast.Expr) {
	for {
		switch y := ast.Unparen(x).(type) {
		case *ast.SelectorExpr:
			x = y.X
			continue
		case *ast.IndexExpr:
			x = y.X
			continue
		}
		if at, ok := e.variableAt(x); ok {
			e.addressed[at] = true
		}
		return
	}
}

// variableAt returns where the variable is that an expression names.
func (e *emitter) variableAt(x ast.Expr) (storage, bool) {
	o := e.object(x)
	if o == nil {
		return storage{}, false
	}
	return e.at(o)
}

// release writes what empties the variables that new ones of another type take the place of, so that
// what only they held can be collected.
func (e *emitter) release(d *definition) string {
	out := ""
	for _, id := range d.fresh {
		name := written(id.Name)
		was := e.base.names[name]
		if was == nil || was.kind != kindVar || e.reused[e.info.Defs[id]] != nil {
			continue
		}
		at := was.storage()
		if e.addressed[at] || e.Session.addressed[at] || e.captured[at] || e.Session.captured[at] {
			continue
		}
		out += "; " + e.mark + "live.Zero(&" + e.cell(was.pkg) + was.link + ")"
	}
	return out
}
