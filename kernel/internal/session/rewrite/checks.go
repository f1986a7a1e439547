package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A cell that is to stop is ended where it looks whether it is to. It looks between the statements
// at its top, in all loops but small ones that only compute, before a goto that goes back, and in
// the functions that can come back to themselves: in all that call each other in a circle, and in
// those that call what is known only when they run (a value, a method of an interface, a library
// that can call back). So code that runs for long looks, and small functions that only compute are
// not slower and can be inlined. A function that is handed to a library looks too, since the
// library may call it for long.

// checks puts the looks into a declaration, or into the statements of the cell.
func (e *emitter) checks(n ast.Node, es *edits) {
	if !e.config.Checks {
		return
	}
	insert := func(at token.Pos) {
		e.live = true
		es.insert(offset(e.fset, at), e.check())
	}
	labels := map[string]token.Pos{}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.LabeledStmt:
			labels[n.Label.Name] = n.Pos()
		case *ast.BranchStmt:
			if n.Tok == token.GOTO && n.Label != nil && labels[n.Label.Name].IsValid() {
				insert(n.Pos())
			}
		case *ast.ForStmt:
			if !e.shortFor(n) || e.calls(n.Body) {
				insert(n.Body.Lbrace + 1)
			}
		case *ast.RangeStmt:
			if !e.shortRange(n) || e.calls(n.Body) {
				insert(n.Body.Lbrace + 1)
			}
		case *ast.FuncDecl:
			if n.Body != nil && (e.circles()[n] || e.leaves(n.Body)) {
				insert(e.firstCall(n.Body))
			}
		case *ast.FuncLit:
			if e.leaves(n.Body) {
				insert(e.firstCall(n.Body))
			}
		case *ast.CallExpr:
			if f := e.callee(n); f == nil || isCell(f.Pkg()) {
				break
			}
			for _, arg := range n.Args {
				if lit, ok := ast.Unparen(arg).(*ast.FuncLit); ok && !e.leaves(lit.Body) {
					insert(lit.Body.Lbrace + 1)
				}
			}
		}
		return true
	})
}

// between puts looks between the statements at the top of the cell, behind those that call
// something.
func (e *emitter) between(es *edits) {
	if !e.config.Checks {
		return
	}
	called := false
	for i, st := range e.body.List {
		if called {
			e.live = true
			es.insert(offset(e.fset, st.Pos()), e.check())
		}
		called = e.calls(st)
		for _, d := range e.hoisting.defs {
			if st, ok := st.(*ast.EmptyStmt); ok && e.hoisting.removed[st] && d.of == i {
				called = called || e.calls(d.spec)
			}
		}
	}
}

// check returns the text of a look.
func (e *emitter) check() string {
	return " if " + e.mark + "live.Stopped() { " + e.mark + "live.Check() };"
}

// calls reports whether something else than conversions and predeclared functions is called in a
// syntax tree.
func (e *emitter) calls(n ast.Node) (yes bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			tv := e.info.Types[call.Fun]
			yes = yes || !tv.IsType() && !tv.IsBuiltin()
		}
		return !yes
	})
	return yes
}

// callee returns the function or method that a call is of; nil if that is known only when it runs,
// or if it is none.
func (e *emitter) callee(call *ast.CallExpr) *types.Func {
	fun := ast.Unparen(call.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	switch x := fun.(type) {
	case *ast.Ident:
		f, _ := e.info.Uses[x].(*types.Func)
		return f
	case *ast.SelectorExpr:
		f, ok := e.info.Uses[x.Sel].(*types.Func)
		if ok && f.Signature().Recv() != nil && types.IsInterface(f.Signature().Recv().Type()) {
			return nil
		}
		return f
	}
	return nil
}

// leaves reports whether a function calls something that can come back to it in a way that cannot
// be seen in its text. What function literals inside of it call is theirs.
func (e *emitter) leaves(b *ast.BlockStmt) (yes bool) {
	ast.Inspect(b, func(n ast.Node) bool {
		if yes {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			tv := e.info.Types[n.Fun]
			if tv.IsType() || tv.IsBuiltin() {
				return true
			}
			if _, direct := ast.Unparen(n.Fun).(*ast.FuncLit); direct {
				return true
			}
			f := e.callee(n)
			switch {
			case f == nil:
				yes = true
			case f.Pkg() == e.pkg:
			default:
				yes = callsBack(f.Signature())
			}
		}
		return true
	})
	return yes
}

// callsBack reports whether a function takes something that it could call.
func callsBack(s *types.Signature) bool {
	seen := map[types.Type]bool{}
	var can func(t types.Type) bool
	can = func(t types.Type) bool {
		if seen[t] {
			return false
		}
		seen[t] = true
		switch t := t.Underlying().(type) {
		case *types.Interface, *types.Signature:
			return true
		case *types.Pointer:
			return can(t.Elem())
		case *types.Slice:
			return can(t.Elem())
		case *types.Array:
			return can(t.Elem())
		case *types.Map:
			return can(t.Key()) || can(t.Elem())
		case *types.Chan:
			return can(t.Elem())
		case *types.Struct:
			for f := range t.Fields() {
				if can(f.Type()) {
					return true
				}
			}
		}
		return false
	}
	if r := s.Recv(); r != nil && can(r.Type()) {
		return true
	}
	for v := range s.Params().Variables() {
		if can(v.Type()) {
			return true
		}
	}
	return false
}

// firstCall returns where in a function the first statement with a call begins: what returns before
// it cannot go on for long.
func (e *emitter) firstCall(b *ast.BlockStmt) token.Pos {
	for _, st := range b.List {
		if e.calls(st) {
			return st.Pos()
		}
	}
	return b.Lbrace + 1
}
