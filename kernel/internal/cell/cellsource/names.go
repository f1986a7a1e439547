package cellsource

import (
	"go/ast"
	"go/parser"
	"go/token"
)

// functions returns the names that each function among declarations mentions.
func functions(source string, decls []placed) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, p := range decls {
		if p.tok == token.FUNC {
			text := source[p.start:p.end]
			for _, name := range namesOfFunc(text) {
				out[name] = mentioned(text)
			}
		}
	}
	return out
}

// variables returns the names of the variables among declarations.
func variables(source string, decls []placed) map[string]bool {
	out := map[string]bool{}
	for _, p := range decls {
		if p.tok != token.VAR && p.define == 0 {
			continue
		}
		names, _ := declaredIn(p.prefix + p.text(source))
		for _, name := range names {
			out[name] = true
		}
	}
	return out
}

// namesOfFunc returns the name of a declared function, or of the type that a declared method is of.
func namesOfFunc(decl string) []string {
	file, err := parser.ParseFile(token.NewFileSet(), "", header+decl, parser.SkipObjectResolution)
	if err != nil || len(file.Decls) != 1 {
		return nil
	}
	f, ok := file.Decls[0].(*ast.FuncDecl)
	if !ok {
		return nil
	}
	if f.Recv == nil {
		return []string{f.Name.Name}
	}
	t := f.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if index, ok := t.(*ast.IndexExpr); ok {
		t = index.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return []string{id.Name}
	}
	return nil
}

// declaredIn returns the names that a declaration declares, and all names in it.
func declaredIn(text string) (names, all []string) {
	file, err := parser.ParseFile(token.NewFileSet(), "", header+text, parser.SkipObjectResolution)
	if err != nil {
		return nil, nil
	}
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range g.Specs {
			switch s := s.(type) {
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.Name != "_" {
						names = append(names, n.Name)
					}
				}
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			}
		}
		ast.Inspect(g, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				all = append(all, id.Name)
			}
			return true
		})
	}
	return names, all
}

// countChanges counts how often names are defined or assigned, or have their address taken,
// anywhere in the cell.
func countChanges(pieces []piece) map[string]int {
	out := map[string]int{}
	count := func(e ast.Expr) {
		if id := root(e); id != nil {
			out[id.Name]++
		}
	}
	for _, p := range pieces {
		if p.stmt == nil {
			continue
		}
		ast.Inspect(p.stmt, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.AssignStmt:
				for _, e := range x.Lhs {
					count(e)
				}
			case *ast.IncDecStmt:
				count(x.X)
			case *ast.UnaryExpr:
				if x.Op == token.AND {
					count(x.X)
				}
			case *ast.RangeStmt:
				count(x.Key)
				count(x.Value)
			}
			return true
		})
	}
	return out
}
