package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
)

// keyed adds keys to literals of cells' structs without keys, so that the checker accepts
// unexported fields, about which it complained at the places in at. It returns a function that
// restores the literals, or nil if there were none.
func (w *rewriting) keyed(files []*ast.File, at map[token.Pos]string) (undo func()) {
	if len(at) == 0 {
		return nil
	}
	complained := func(e ast.Expr) bool {
		for pos := range at {
			if e.Pos() <= pos && pos < e.End() {
				return true
			}
		}
		return false
	}
	var lits []*ast.CompositeLit
	var was [][]ast.Expr
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			st := structOf(w.info.TypeOf(lit))
			if st == nil {
				return true
			}
			if st.NumFields() != len(lit.Elts) { // the checker reports the number of values
				for i, e := range lit.Elts[:min(len(lit.Elts), st.NumFields())] {
					if isCell(st.Field(i).Pkg()) {
						delete(at, e.Pos())
					}
				}
				return true
			}
			for i, e := range lit.Elts {
				if f := st.Field(i); f.Exported() || !isCell(f.Pkg()) || !complained(e) {
					continue
				}
				lits, was = append(lits, lit), append(was, lit.Elts)
				lit.Elts = withKeys(lit.Elts, st)
				break
			}
			return true
		})
	}
	if lits == nil {
		return nil
	}
	return func() {
		for i, lit := range lits {
			lit.Elts = was[i]
		}
	}
}

func withKeys(list []ast.Expr, st *types.Struct) []ast.Expr {
	out := make([]ast.Expr, len(list))
	for i, e := range list {
		if _, ok := e.(*ast.KeyValueExpr); ok {
			return list
		}
		out[i] = &ast.KeyValueExpr{Key: &ast.Ident{NamePos: e.Pos(), Name: st.Field(i).Name()}, Colon: e.Pos(),
			Value: e}
	}
	return out
}

func structOf(t types.Type) *types.Struct {
	if t == nil {
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, _ := t.Underlying().(*types.Struct)
	return st
}
