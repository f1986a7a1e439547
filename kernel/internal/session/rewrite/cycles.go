package rewrite

import (
	"go/ast"
	"go/types"
)

// cycles returns the functions of the package that call themselves, directly or through others.
func (e *emitter) cycles() map[*ast.FuncDecl]bool {
	if e.cyclic != nil {
		return e.cyclic
	}
	e.cyclic = map[*ast.FuncDecl]bool{}
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
			e.cyclic[f] = true
		}
	}
	return e.cyclic
}
