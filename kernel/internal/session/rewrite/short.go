package rewrite

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// short is the number of iterations up to which a loop needs no check.
const short = 64

// shortFor reports whether a loop counts up to a small constant.
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
	changed := false // in the body, or through its address
	ast.Inspect(n.Body, func(n ast.Node) bool {
		targets := assigned(n)
		switch n := n.(type) {
		case *ast.RangeStmt:
			targets = []ast.Expr{n.Key, n.Value}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				targets = []ast.Expr{n.X}
			}
		}
		for _, x := range targets {
			changed = changed || e.object(x) == i
		}
		return true
	})
	return !changed
}

// assigned returns the expressions that a statement assigns to.
func assigned(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		return n.Lhs
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	}
	return nil
}

// shortRange reports whether a loop ranges over a small constant or array.
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
