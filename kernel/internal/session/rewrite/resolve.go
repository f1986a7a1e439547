package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// resolve renames the identifiers that the cell itself does not declare to the names that the
// checker knows.
func (w *rewriting) resolve() {
	ids := w.unresolved
	bases := map[*ast.Ident]string{} // x in x.y → y
	called := map[*ast.Ident]bool{}  // f in f()
	look := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok {
				bases[id] = n.Sel.Name
			}
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok {
				called[id] = true
			}
		case *ast.CompositeLit:
			if indexed(n) {
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok {
						if id, ok := kv.Key.(*ast.Ident); ok && id.Obj == nil {
							ids = append(ids, id)
						}
					}
				}
			}
		}
		return true
	}
	ast.Inspect(w.file, look)
	inDecls := len(ids)
	ids = append(ids[len(w.unresolved):inDecls:inDecls], w.unresolved[:w.inDecls]...)
	inDecls = len(ids)
	ids = append(ids, w.unresolved[w.inDecls:]...)
	ast.Inspect(w.body, look)
	for _, d := range w.hoisting.defs {
		ast.Inspect(d.spec, look)
	}
	for i, id := range ids {
		w.resolveName(id, i < inDecls, bases[id], called[id])
	}
}

func (w *rewriting) resolveName(id *ast.Ident, inDecl bool, member string, called bool) {
	base := member != ""
	name := id.Name
	e := w.base.names[name]
	if w.declared[name] != nil || w.keeps(name) {
		return
	}
	if seen, ok := w.hoisting.vars[name]; ok {
		switch {
		case inDecl && seen == name:
		case inDecl:
			// In a func of the cell the name means the variable, unless it is used as only its
			// earlier meaning can be.
			switch was := types.Universe.Lookup(name).(type) {
			case nil:
				if path := w.importOf(name); path != "" && base {
					w.fileNames[name] = path
					return
				}
			case *types.Builtin:
				if called {
					return
				}
			default:
				_ = was
				return
			}
			id.Name = seen
		case w.hoisting.declares(w.body) && !w.hoisting.brings(name, id.Pos()):
			id.Name = seen
		case e != nil && e.kind != kindImport:
			w.olds[name] = e
			id.Name = name + suffixOld
		case w.importOf(name) != "":
			w.fileNames[name] = w.importOf(name)
		case types.Universe.Lookup(name) != nil:
		case base && w.findImport(name, member):
		default:
			id.Name = name + suffixOld // a name that nobody declares
		}
		return
	}
	switch path := w.importOf(name); {
	case path != "":
		w.fileNames[name] = path
	case e != nil:
		id.Name = e.obj.Name()
	case types.Universe.Lookup(name) != nil:
	case base && name == liveName:
		w.fileNames[name] = livePath
	case w.dotImported(name):
	case base:
		w.findImport(name, member)
	}
}

// findImport imports the only package that a name before a dot can mean, if that package has the
// member. For a package of the standard library it suffices that the member is exported, so that a
// misspelled name is reported.
func (w *rewriting) findImport(name, member string) bool {
	path, ok := w.resolvePackage(name)
	if !ok {
		return false
	}
	pkg, err := w.importer.Import(path)
	if err != nil {
		return false
	}
	first, _, _ := strings.Cut(path, "/")
	standard := !strings.Contains(first, ".")
	if pkg.Scope().Lookup(member) == nil && member != placeholder && !(standard && token.IsExported(member)) {
		return false
	}
	w.imports[name] = path
	w.fileNames[name] = path
	return true
}

// keeps reports whether the cell repeats an earlier declaration of a name.
func (w *rewriting) keeps(name string) bool {
	for _, d := range w.kept {
		for _, n := range d.names {
			if n == name && d.kind != kindMethod {
				return true
			}
		}
	}
	return false
}

// dotImported reports whether a dot-imported package declares a name, and records its object.
func (w *rewriting) dotImported(name string) bool {
	if !token.IsExported(name) {
		return false
	}
	for _, paths := range [][]string{w.dots, w.base.dots} {
		for _, path := range paths {
			pkg, err := w.importer.Import(path)
			if err != nil {
				continue
			}
			if o := pkg.Scope().Lookup(name); o != nil {
				w.dotted[o] = true
				return true
			}
		}
	}
	return false
}

// written returns a name as the user wrote it.
func written(name string) string {
	name, _, _ = strings.Cut(name, hidden)
	return name
}
