package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
)

// members returns what may follow an expression and a dot.
func (w *rewriting) members(x ast.Expr) []Item {
	if id, ok := x.(*ast.Ident); ok {
		if p, ok := w.info.Uses[id].(*types.PkgName); ok {
			var items []Item
			scope := p.Imported().Scope()
			for _, name := range scope.Names() {
				if o := scope.Lookup(name); o.Exported() {
					items = append(items, w.item(o, name))
				}
			}
			return items
		}
	}
	tv, ok := w.info.Types[x]
	if !ok || tv.Type == nil {
		return nil
	}
	var items []Item
	seen := map[string]bool{}
	add := func(o types.Object) {
		if !seen[o.Name()] && (o.Exported() || isCell(o.Pkg())) && o.Name() != "_" {
			seen[o.Name()] = true
			items = append(items, w.item(o, o.Name()))
		}
	}
	if !tv.IsType() {
		fields(tv.Type, add)
	}
	t := tv.Type
	if _, pointer := t.Underlying().(*types.Pointer); !pointer && !types.IsInterface(t) && tv.Addressable() {
		t = types.NewPointer(t)
	}
	set := types.NewMethodSet(t)
	for m := range set.Methods() {
		add(m.Obj())
	}
	return items
}

// fields calls add for the fields of a struct, or of the struct that a pointer points to, and for
// those of embedded structs, outermost first.
func fields(t types.Type, add func(types.Object)) {
	seen := map[types.Type]bool{}
	for level := []types.Type{t}; len(level) > 0; {
		var next []types.Type
		for _, t := range level {
			st := structOf(t)
			if st == nil || seen[t] {
				continue
			}
			seen[t] = true
			for f := range st.Fields() {
				add(f)
				if f.Embedded() {
					next = append(next, f.Type())
				}
			}
		}
		level = next
	}
}

// item describes an object.
func (w *Session) item(o types.Object, name string) Item {
	i := Item{Name: name}
	if o.Type() != nil {
		i.Type = typeString(o.Type())
	}
	switch o := o.(type) {
	case *types.Var:
		i.Kind = "var"
		if o.IsField() {
			i.Kind = "field"
		}
	case *types.Func:
		i.Kind = "func"
		if o.Signature().Recv() != nil {
			i.Kind = "method"
		}
	case *types.Builtin:
		i.Kind, i.Type = "func", ""
	case *types.TypeName:
		i.Kind = "type"
		i.Type = typeString(o.Type().Underlying())
	case *types.Const:
		i.Kind = "const"
		i.Type += " = " + o.Val().String()
	case *types.Nil:
		i.Kind, i.Type = "const", ""
	case *types.PkgName:
		i.Kind, i.Type = "package", o.Imported().Path()
	}
	if o.Pos().IsValid() {
		p := w.fset.PositionFor(o.Pos(), false)
		i.File, i.Line = p.Filename, p.Line
	}
	return i
}

// Inspect describes an expression over the session's values, such as x, x.f or strings.Cut: its
// kind, its type and where it is declared. The text is the source of the declaration if a cell made
// it.
func (s *Session) Inspect(expr string) (item Item, text string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { _ = recover() }() // unfinished code may crash the checker
	if e := s.state.names[expr]; e != nil {
		if e.kind == kindImport {
			return Item{Name: expr, Kind: "package", Type: e.path}, "", true
		}
		item = s.item(e.obj, expr)
		if e.decl != nil {
			text = e.decl.text()
		}
		return item, text, true
	}
	if path, ok := s.resolvePackage(expr); ok {
		return Item{Name: expr, Kind: "package", Type: path}, "", true
	}
	w, err := s.analyze(newSource(0, "", "_ = "+expr), true)
	if err != nil || len(w.body.List) == 0 {
		return item, "", false
	}
	st, isAssign := w.body.List[0].(*ast.AssignStmt)
	if !isAssign || len(st.Rhs) != 1 {
		return item, "", false
	}
	var o types.Object
	switch x := ast.Unparen(st.Rhs[0]).(type) {
	case *ast.Ident:
		o = w.info.Uses[x]
	case *ast.SelectorExpr:
		o = w.info.Uses[x.Sel]
	}
	if o != nil {
		return s.item(o, expr), "", true
	}
	tv := w.info.Types[st.Rhs[0]]
	if tv.Type == nil || tv.Type == types.Typ[types.Invalid] {
		return item, "", false
	}
	return Item{Name: expr, Kind: "value", Type: typeString(tv.Type)}, "", true
}

// resolvePackage returns the path of the package that an otherwise undeclared name means.
func (s *Session) resolvePackage(name string) (string, bool) {
	if name == "unsafe" {
		return name, true
	}
	if s.config.Resolve == nil || !token.IsIdentifier(name) || types.Universe.Lookup(name) != nil {
		return "", false
	}
	return s.config.Resolve(name)
}
