package rewrite

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// A variable of the package is in memory, so a loop at the top level of a cell that counts or sums
// would read and write it in each iteration. Therefore a loop that only computes, and in which
// nobody else can touch the variable, reads a local copy. Each assignment sets both, so that the
// variable has its value however the loop ends, even by a panic.

// A loop is a loop that reads local copies of variables.
type loop struct {
	span
	names map[types.Object]string
}

// pure lists packages whose functions neither panic nor block, and cannot know a variable of a
// cell.
var pure = map[string]bool{"math": true, "math/cmplx": true, "unicode": true, "unicode/utf8": true}

// locals finds the loops that get local copies, and makes the edits.
func (e *emitter) locals(es *edits) {
	var visit func(n ast.Node, label *ast.LabeledStmt)
	visit = func(n ast.Node, label *ast.LabeledStmt) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch st := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.LabeledStmt:
				if st != label {
					visit(st.Stmt, st)
					return false
				}
			case *ast.ForStmt, *ast.RangeStmt:
				outer := n
				if label != nil && label.Stmt == n {
					outer = label
				}
				return !e.localize(n.(ast.Stmt), outer, es)
			}
			return true
		})
	}
	visit(e.body, nil)
}

// localize gives a loop its local copies. It reports whether it did.
func (e *emitter) localize(st ast.Stmt, outer ast.Node, es *edits) bool {
	vars, ok := e.loopVars(st)
	if !ok || len(vars) == 0 {
		return false
	}
	l := loop{span{offset(e.fset, outer.Pos()), offset(e.fset, st.End())}, map[types.Object]string{}}
	var names, values []string
	for _, o := range vars {
		e.nlocals++
		name := e.mark + "local" + strconv.Itoa(e.nlocals)
		l.names[o] = name
		names, values = append(names, name), append(values, e.variable(o))
	}
	es.insert(l.from, "{ "+strings.Join(names, ", ")+" := "+strings.Join(values, ", ")+"; ")
	ast.Inspect(st, func(n ast.Node) bool {
		for _, x := range assigned(n) {
			if o := e.object(x); o != nil && l.names[o] != "" {
				es.insert(offset(e.fset, n.End()), "; "+e.variable(o)+" = "+l.names[o])
			}
		}
		return true
	})
	es.insert(l.to, " }")
	e.loops = append(e.loops, l)
	return true
}

// variable returns the code that refers to a variable at the top level of the cell.
func (e *emitter) variable(o types.Object) string {
	return e.identifier(o, written(o.Name()), false, nil, nil)
}

// object returns the object of an identifier, which may be in parentheses.
func (e *emitter) object(x ast.Expr) types.Object {
	if id, ok := ast.Unparen(x).(*ast.Ident); ok {
		return e.info.Uses[id]
	}
	return nil
}

// local returns the name of the local copy that is read at an offset, or "".
func (e *emitter) local(o types.Object, at int) string {
	for _, l := range e.loops {
		if l.from <= at && at < l.to {
			return l.names[o]
		}
	}
	return ""
}

// loopVars returns the variables that a loop can have local copies of: variables of basic types
// that it sets, and slices that it reads. It reports false for a loop that does more than compute.
func (e *emitter) loopVars(st ast.Stmt) ([]types.Object, bool) {
	set, read, not := map[types.Object]bool{}, map[types.Object]bool{}, map[types.Object]bool{}
	var order []types.Object
	computes := true
	except := func(list ...ast.Stmt) { // assignments after which nothing can be inserted
		for _, st := range list {
			for _, x := range assigned(st) {
				not[e.object(x)] = true
			}
		}
	}
	ast.Inspect(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.GoStmt, *ast.DeferStmt, *ast.SelectStmt, *ast.SendStmt, *ast.ReturnStmt:
			computes = false
		case *ast.BranchStmt:
			if n.Tok == token.GOTO || n.Label != nil && !e.inside(n.Label.Name, st) {
				computes = false
			}
		case *ast.CallExpr:
			computes = computes && e.onlyComputes(n)
		case *ast.ForStmt:
			except(n.Init, n.Post)
		case *ast.IfStmt:
			except(n.Init)
		case *ast.SwitchStmt:
			except(n.Init)
		case *ast.TypeSwitchStmt:
			except(n.Init)
		case *ast.RangeStmt:
			for _, x := range []ast.Expr{n.Key, n.Value} {
				if x != nil {
					not[e.object(x)] = true
				}
			}
			if t := e.info.TypeOf(n.X); t != nil {
				switch t.Underlying().(type) {
				case *types.Chan, *types.Signature:
					computes = false
				}
			}
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				computes = false
			}
		case *ast.AssignStmt, *ast.IncDecStmt:
			for _, x := range assigned(n) {
				set[e.object(x)] = true
			}
		case *ast.Ident:
			if o, ok := e.info.Uses[n].(*types.Var); ok && !read[o] {
				read[o] = true
				order = append(order, o)
			}
		}
		return computes
	})
	if !computes {
		return nil, false
	}
	var vars []types.Object
	for _, o := range order {
		if not[o] || !e.isTop(o) || e.isAddressed(o) {
			continue
		}
		switch o.Type().(type) {
		case *types.Basic:
			if set[o] {
				vars = append(vars, o)
			}
		case *types.Slice:
			if !set[o] {
				vars = append(vars, o)
			}
		}
	}
	return vars, true
}

// inside reports whether a label is inside a statement or is the statement's own.
func (e *emitter) inside(label string, st ast.Stmt) (yes bool) {
	ast.Inspect(e.body, func(n ast.Node) bool {
		if l, ok := n.(*ast.LabeledStmt); ok && l.Label.Name == label {
			yes = yes || l.Stmt == st || st.Pos() <= l.Pos() && l.End() <= st.End()
		}
		return true
	})
	return yes
}

// onlyComputes reports whether a call neither blocks nor runs code of cells.
func (e *emitter) onlyComputes(call *ast.CallExpr) bool {
	tv := e.info.Types[call.Fun]
	if tv.IsType() {
		return true
	}
	if tv.IsBuiltin() {
		switch id, _ := ast.Unparen(call.Fun).(*ast.Ident); {
		case id == nil:
			return false
		default:
			switch id.Name {
			case "append", "cap", "clear", "complex", "copy", "delete", "imag", "len", "make", "max", "min", "new",
				"panic",
				"print", "println", "real":
				return true
			}
			return false
		}
	}
	f := e.callee(call)
	return f != nil && f.Pkg() != nil && pure[f.Pkg().Path()] && !callsBack(f.Signature())
}

// isTop reports whether an object is a variable at the top level of a cell.
func (e *emitter) isTop(o types.Object) bool {
	if n := cmp.Or(e.inserted[o], e.reused[o]); n != nil {
		return n.kind == kindVar && n.view == nil
	}
	_, variable := o.(*types.Var)
	return variable && e.own[o]
}

// isAddressed reports whether the address of a variable may have been taken.
func (e *emitter) isAddressed(o types.Object) bool {
	at, _ := e.at(o)
	return e.addressed[at] || e.Session.addressed[at]
}
