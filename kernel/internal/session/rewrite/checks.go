package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A cell that is to stop is ended where it checks for that. Checks are inserted between the
// statements at its top level, in all loops but small ones that only compute, before a goto that
// jumps back, and in functions that may be called again before they return: those that call each
// other in a cycle, and those that call something known only at run time (a function value, a
// method of an interface, a library that can call back). So code that runs for long has checks, and
// small functions that only compute stay fast and can be inlined. A function literal that is passed
// to a library has a check too, since the library may call it for long.

// checks inserts the checks into a declaration, or into the statements of the cell.
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
			if n.Body != nil && (e.cycles()[n] || e.leaves(n.Body)) {
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

// between inserts checks between the statements at the top level of the cell, each after a
// statement with a call.
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

// check returns the code of a check.
func (e *emitter) check() string {
	return " if " + e.mark + "live.Stopped() { " + e.mark + "live.Check() };"
}

// calls reports whether a syntax tree contains a call other than conversions and predeclared
// functions.
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

// callee returns the function or method that is called. It returns nil if that is known only at run
// time, or if the call is a conversion.
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

// leaves reports whether a function calls something that may call it again in a way that its text
// does not show. Calls inside nested function literals do not count.
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

// callsBack reports whether a function takes an argument that it could call.
func callsBack(s *types.Signature) bool {
	can := func(t types.Type) bool {
		return within(t, nil, func(t types.Type) bool {
			switch t.Underlying().(type) {
			case *types.Interface, *types.Signature:
				return true
			}
			return false
		})
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

// firstCall returns where the first statement with a call begins. A function that returns before it
// cannot run for long.
func (e *emitter) firstCall(b *ast.BlockStmt) token.Pos {
	for _, st := range b.List {
		if e.calls(st) {
			return st.Pos()
		}
	}
	return b.Lbrace + 1
}
