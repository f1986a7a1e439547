package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// checked is the result of type checking.
type checked struct {
	pkg      *types.Package
	info     *types.Info
	inserted map[types.Object]*entity // entities of earlier cells in the scope
	views    map[string]*ast.Ident    // variables that are viewed with a recompiled type
	reused   map[types.Object]*entity // variables that keep their storage
	errs     Error
	without  map[*declaration]bool // methods that are hidden from the checker
}

// settle checks the cell, together with the declarations to compile again, until their set no
// longer grows.
func (w *rewriting) settle() error {
	for {
		w.again = w.dependents()
		bad := w.check()
		if len(bad) > 0 {
			for d, why := range bad {
				w.dropped[d] = why
			}
			continue
		}
		if err := w.errs.sorted(); err != nil && !w.tolerant {
			return err
		}
		if !w.reuse() && !w.unview() {
			return nil
		}
	}
}

// reuse finds the variables that are redefined with the type they have, and so keep their storage.
// It reports whether a variable replaces something else that earlier declarations use, so that
// those must be compiled again.
func (w *rewriting) reuse() (more bool) {
	w.reused = map[types.Object]*entity{}
	for name, seen := range w.hoisting.vars {
		e, unset := w.base.names[name], w.base.unset[name]
		o := w.pkg.Scope().Lookup(seen)
		if o == nil || e == nil && unset == nil {
			continue
		}
		if e == nil && types.Identical(unset.obj.Type(), o.Type()) {
			w.reused[o] = unset
			continue
		}
		if e != nil && e.kind == kindVar && unset == nil {
			if types.Identical(e.obj.Type(), o.Type()) {
				w.reused[o] = e
				continue
			}
			if mentions(e.obj.Type(), w.compiledAgain) && sameLayout(e.obj.Type(), o.Type()) {
				again := *e
				again.obj, again.view = o, o.Type()
				w.reused[o] = &again
				continue
			}
		}
		if !w.replaced[name] {
			w.replaced[name] = true
			for _, d := range w.base.declarations() {
				more = more || d.uses[name] && w.dropped[d] == ""
			}
		}
	}
	return more
}

// check runs the type checker on the cell and the declarations to compile again. It returns the
// declarations of earlier cells that do not compile.
func (w *rewriting) check() map[*declaration]string {
	w.pkg = types.NewPackage(cellPath, cellPath)
	w.info = &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{},
		Types: map[ast.Expr]types.TypeAndValue{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	if w.tolerant {
		w.info.Scopes = map[ast.Node]*types.Scope{}
	}
	w.errs = Error{}
	w.views = map[string]*ast.Ident{}
	w.fillScope()
	bad := w.homeless()
	files := []*ast.File{w.mainFile()}
	for _, d := range w.again {
		w.rebind(d)
		if bad[d] == "" {
			files = append(files, newFile(d.imports, d.node))
		}
	}
	defer w.shield(files)()
	implicit := map[token.Pos]string{}
	conf := types.Config{Importer: w.importer, Sizes: types.SizesFor("gc", runtime.GOARCH), Error: func(err error) {
		e := err.(types.Error)
		if ignored(e.Msg) {
			return
		}
		for _, d := range w.again {
			if d.node.Pos() <= e.Pos && e.Pos <= d.node.End() {
				if bad[d] == "" {
					bad[d] = w.message(e.Msg)
				}
				return
			}
		}
		if strings.HasPrefix(e.Msg, "implicit assignment to unexported field ") {
			implicit[e.Pos] = e.Msg
			return
		}
		w.report(e)
	}}
	types.NewChecker(&conf, w.fset, w.pkg, w.info).Files(files)
	if undo := w.keyed(files, implicit); undo != nil {
		defer undo()
		return w.check()
	}
	for pos, msg := range implicit {
		w.report(types.Error{Fset: w.fset, Pos: pos, Msg: msg})
	}
	return bad
}

// ignored reports whether an error of the checker does not matter for a cell.
func ignored(msg string) bool {
	return strings.HasSuffix(msg, " imported and not used") || strings.HasPrefix(msg, "initialization cycle") ||
		strings.Contains(msg, " already declared through import of ")
}

// fillScope puts the entities of earlier cells into the scope.
func (w *rewriting) fillScope() {
	scope := w.pkg.Scope()
	w.inserted = map[types.Object]*entity{}
	fresh := map[string]bool{}
	for _, d := range w.again {
		if d.kind != kindMethod {
			for _, name := range d.names {
				fresh[name] = true
			}
		}
	}
	for name, e := range w.base.names {
		_, hoisted := w.hoisting.vars[name]
		switch {
		case e.kind == kindImport || hoisted || fresh[name] || w.declared[name] != nil:
		case e.kind == kindVar && w.viewable(e):
			w.views[name] = &ast.Ident{Name: e.obj.Name()}
		default:
			scope.Insert(e.obj)
			w.inserted[e.obj] = e
		}
	}
	for name, e := range w.base.unset {
		o := renamed(e.obj, name+suffixUnset)
		scope.Insert(o)
		w.inserted[o] = e
	}
	for name, e := range w.olds {
		o := renamed(e.obj, name+suffixOld)
		scope.Insert(o)
		w.inserted[o] = e
	}
	for o := range w.dotted {
		scope.Insert(o)
	}
}

// renamed returns a copy of an object under another name.
func renamed(o types.Object, name string) types.Object {
	switch o := o.(type) {
	case *types.Const:
		return types.NewConst(o.Pos(), o.Pkg(), name, o.Type(), o.Val())
	case *types.Func:
		return types.NewFunc(o.Pos(), o.Pkg(), name, o.Type().(*types.Signature))
	case *types.TypeName:
		return types.NewTypeName(o.Pos(), o.Pkg(), name, o.Type())
	}
	return types.NewVar(o.Pos(), o.Pkg(), name, o.Type())
}

// rebind renames the identifiers of a declaration to what the checker knows now.
func (w *rewriting) rebind(d *declaration) {
	for _, id := range d.refs {
		name := written(id.Name)
		id.Name = name
		if seen, ok := w.hoisting.vars[name]; ok {
			id.Name = seen
		} else if w.base.names[name] == nil && w.declared[name] == nil && w.base.unset[name] != nil {
			id.Name = name + suffixUnset
		} else if e := w.base.names[name]; e != nil && e.kind == kindVar && w.declared[name] == nil {
			id.Name = e.obj.Name()
		}
	}
}

// entry is the name by which the checker knows the function of the cell's statements.
const entry = cellPath + hidden + "entry"

// mainFile returns the cell itself as a file for the checker.
func (w *rewriting) mainFile() *ast.File {
	f := newFile(w.fileNames)
	for _, d := range w.decls {
		if !w.without[d] {
			f.Decls = append(f.Decls, d.node)
		}
	}
	for _, d := range w.hoisting.defs {
		f.Decls = append(f.Decls, &ast.GenDecl{Tok: token.VAR, TokPos: d.spec.Pos(), Specs: []ast.Spec{d.spec}})
	}
	f.Decls = append(f.Decls, w.viewDecls()...)
	f.Decls = append(f.Decls, &ast.FuncDecl{Name: &ast.Ident{NamePos: w.body.Pos(), Name: entry},
		Type: &ast.FuncType{Func: w.body.Pos(), Params: &ast.FieldList{}}, Body: w.body})
	return f
}

// newFile returns a file with imports and declarations.
func newFile(imports map[string]string, decls ...ast.Decl) *ast.File {
	f := &ast.File{Name: ast.NewIdent(cellPath)}
	for _, name := range sortedKeys(imports) {
		spec := &ast.ImportSpec{Name: ast.NewIdent(name),
			Path: &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(imports[name])}}
		f.Imports = append(f.Imports, spec)
		f.Decls = append(f.Decls, &ast.GenDecl{Tok: token.IMPORT, Specs: []ast.Spec{spec}})
	}
	f.Decls = append(f.Decls, decls...)
	return f
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
