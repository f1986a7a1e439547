package rewrite

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// A cell that is to stop is ended where it looks whether it is to. It looks between the statements at its top, in all
// loops but small ones that only compute, before a goto that goes back, and in the functions that can come back to themselves: in all that call each
// other in a circle, and in those that call what is known only when they run (a value, a method of an interface, a
// library that can call back). So code that runs for long looks, and small functions that only compute are not slower
// and can be inlined. A function that is handed to a library looks too, since the library may call it for long.

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

// between puts looks between the statements at the top of the cell, behind those that call something.
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

// calls reports whether something else than conversions and predeclared functions is called in a syntax tree.
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

// short is how often a loop may run for it not to look.
const short = 64

// shortFor reports whether a loop counts to a constant that is small.
func (e *emitter) shortFor(n *ast.ForStmt) bool {
	init, ok := n.Init.(*ast.AssignStmt)
	cond, ok2 := n.Cond.(*ast.BinaryExpr)
	post, ok3 := n.Post.(*ast.IncDecStmt)
	if !ok || !ok2 || !ok3 || len(init.Lhs) != 1 || init.Tok != token.DEFINE || post.Tok != token.INC ||
		cond.Op != token.LSS && cond.Op != token.LEQ {
		return false
	}
	id, ok := init.Lhs[0].(*ast.Ident)
	if !ok || !e.small(init.Rhs[0]) || !e.small(cond.Y) {
		return false
	}
	i := e.info.Defs[id]
	for _, x := range []ast.Expr{cond.X, post.X} {
		if id, ok := x.(*ast.Ident); !ok || e.info.Uses[id] != i {
			return false
		}
	}
	changed := false // in the body, or by someone who has its address
	ast.Inspect(n.Body, func(n ast.Node) bool {
		var targets []ast.Expr
		switch n := n.(type) {
		case *ast.AssignStmt:
			targets = n.Lhs
		case *ast.IncDecStmt:
			targets = []ast.Expr{n.X}
		case *ast.RangeStmt:
			targets = []ast.Expr{n.Key, n.Value}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				targets = []ast.Expr{n.X}
			}
		}
		for _, x := range targets {
			if x == nil {
				continue
			}
			if id, ok := ast.Unparen(x).(*ast.Ident); ok && e.info.Uses[id] == i {
				changed = true
			}
		}
		return true
	})
	return !changed
}

// shortRange reports whether a loop goes over a small constant or array.
func (e *emitter) shortRange(n *ast.RangeStmt) bool {
	tv := e.info.Types[n.X]
	if tv.Value != nil {
		return e.small(n.X)
	}
	t := tv.Type
	if t == nil {
		return false
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	a, ok := t.Underlying().(*types.Array)
	return ok && a.Len() <= short
}

// small reports whether an expression is a small constant.
func (e *emitter) small(x ast.Expr) bool {
	v := e.info.Types[x].Value
	if v == nil || v.Kind() != constant.Int {
		return v != nil && v.Kind() == constant.String && len(constant.StringVal(v)) <= short
	}
	n, exact := constant.Int64Val(v)
	return exact && -short <= n && n <= short
}

// callee returns the function or method that a call is of; nil if that is known only when it runs, or if it is none.
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

// leaves reports whether a function calls something that can come back to it in a way that cannot be seen in its text.
// What function literals inside of it call is theirs.
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

// firstCall returns where in a function the first statement with a call begins: what returns before it cannot go on for
// long.
func (e *emitter) firstCall(b *ast.BlockStmt) token.Pos {
	for _, st := range b.List {
		if e.calls(st) {
			return st.Pos()
		}
	}
	return b.Lbrace + 1
}

// circles returns the functions of the package that call themselves, directly or by way of others.
func (e *emitter) circles() map[*ast.FuncDecl]bool {
	if e.circular != nil {
		return e.circular
	}
	e.circular = map[*ast.FuncDecl]bool{}
	decls := map[types.Object]*ast.FuncDecl{}
	for _, list := range [][]*declaration{e.decls, e.again} {
		for _, d := range list {
			if f, ok := d.node.(*ast.FuncDecl); ok && f.Body != nil {
				decls[e.info.Defs[f.Name]] = f
			}
		}
	}
	calls := map[*ast.FuncDecl][]*ast.FuncDecl{}
	for _, f := range decls {
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if o, ok := e.info.Uses[id].(*types.Func); ok && decls[o.Origin()] != nil {
					calls[f] = append(calls[f], decls[o.Origin()])
				}
			}
			return true
		})
	}
	for _, f := range decls {
		seen := map[*ast.FuncDecl]bool{}
		var reach func(g *ast.FuncDecl)
		reach = func(g *ast.FuncDecl) {
			for _, h := range calls[g] {
				if !seen[h] {
					seen[h] = true
					reach(h)
				}
			}
		}
		reach(f)
		if seen[f] {
			e.circular[f] = true
		}
	}
	return e.circular
}
