package rewrite

import (
	"go/ast"
	"go/types"
)

// checks puts into loops, and into functions that may call themselves, what ends them when their cell is to stop.
func (e *emitter) checks(n ast.Node, es *edits) {
	check := " if " + e.mark + "live.Stopped() { " + e.mark + "live.Check() };"
	in := func(b *ast.BlockStmt) {
		if b != nil {
			e.live = true
			es.insert(offset(e.fset, b.Lbrace)+1, check)
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt:
			in(n.Body)
		case *ast.RangeStmt:
			in(n.Body)
		case *ast.FuncDecl:
			if e.calls(n.Body) {
				in(n.Body)
			}
		case *ast.FuncLit:
			if e.calls(n.Body) {
				in(n.Body)
			}
		}
		return true
	})
}

// calls reports whether a function calls another.
func (e *emitter) calls(b *ast.BlockStmt) (yes bool) {
	if b == nil {
		return false
	}
	ast.Inspect(b, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			tv := e.info.Types[call.Fun]
			_, builtin := tv.Type.(*types.Basic)
			yes = yes || !tv.IsType() && !tv.IsBuiltin() && !builtin
		}
		return true
	})
	return yes
}
