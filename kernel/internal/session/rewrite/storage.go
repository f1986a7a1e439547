package rewrite

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
)

// A storage is the place of a variable: a name in a package.
type storage struct {
	pkg  int
	link string
}

func (n *entity) storage() storage { return storage{n.pkg, n.link} }

// at returns the storage of a variable of a cell.
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

// note records the variables whose address a syntax tree takes, and those that functions in it use:
// both may be used after their names mean something else.
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
			case *ast.SelectorExpr: // a method may keep the address of its receiver
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

// noteAddress records the variable that an expression is or is part of.
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

// variableAt returns the storage of the variable that an expression names.
func (e *emitter) variableAt(x ast.Expr) (storage, bool) {
	o := e.object(x)
	if o == nil {
		return storage{}, false
	}
	return e.at(o)
}

// release returns the code that zeroes the variables which new ones of another type replace, so
// that the garbage collector can free what only they held.
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
