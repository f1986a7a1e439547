package rewrite

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// When a type is compiled again, for a method of a later cell or because something that it uses has
// changed, variables of the old type are viewed with the new one, by a conversion of their address,
// if both have the same layout.

// compiledAgain reports whether a type is the current meaning of its name and is being compiled
// again.
func (w *rewriting) compiledAgain(o *types.TypeName) bool {
	e := w.owners[o]
	if e == nil || w.base.names[e.name] != e {
		return false
	}
	for _, d := range w.again {
		if d == e.decl {
			return true
		}
	}
	return false
}

// viewable reports whether a variable is to be viewed with a new type.
func (w *rewriting) viewable(e *entity) bool {
	if len(w.again) == 0 || w.unviewed[e.name] {
		return false
	}
	gone := func(o *types.TypeName) bool {
		e := w.owners[o]
		return e != nil && w.declared[e.name] != nil && w.base.names[e.name] == e
	}
	return mentions(e.obj.Type(), w.compiledAgain) && !mentions(e.obj.Type(), gone)
}

// viewDecls declares the viewed variables for the checker.
func (w *rewriting) viewDecls() []ast.Decl {
	var decls []ast.Decl
	aliases := map[*types.TypeName]string{}
	alias := func(o *types.TypeName) string {
		if aliases[o] == "" {
			aliases[o] = "ᐧviewed" + strconv.Itoa(len(aliases))
			w.pkg.Scope().Insert(renamed(o, hidden+aliases[o]))
		}
		return aliases[o]
	}
	s := speller{
		named: func(o *types.TypeName) string {
			if w.compiledAgain(o) {
				return o.Name()
			}
			return alias(o)
		},
		basic: func(name string) string {
			o, ok := types.Universe.Lookup(name).(*types.TypeName)
			if !ok {
				o = types.Unsafe.Scope().Lookup("Pointer").(*types.TypeName)
			}
			return alias(o)
		},
	}
	for _, name := range sortedKeys(w.views) {
		e := w.base.names[name]
		text, ok := trySpell(s, e.obj.Type())
		if !ok {
			delete(w.views, name)
			w.pkg.Scope().Insert(e.obj)
			w.inserted[e.obj] = e
			continue
		}
		expr, err := parser.ParseExprFrom(w.fset, "", text, parser.SkipObjectResolution)
		if err != nil {
			panic("the type of a variable cannot be parsed: " + text) // the speller's own text
		}
		ast.Inspect(expr, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && strings.HasPrefix(id.Name, "ᐧviewed") {
				id.Name = hidden + id.Name // so that it cannot be a name of the user
			}
			return true
		})
		id := w.views[name]
		id.NamePos = expr.Pos()
		decls = append(decls, &ast.GenDecl{Tok: token.VAR, Specs: []ast.Spec{
			&ast.ValueSpec{Names: []*ast.Ident{id}, Type: expr}}})
	}
	return decls
}

// trySpell returns the code for a type. It reports false if there is none.
func trySpell(s speller, t types.Type) (text string, ok bool) {
	defer func() {
		if e := recover(); e != nil {
			if _, is := e.(unspellable); !is {
				panic(e)
			}
			text, ok = "", false
		}
	}()
	return s.spell(t), true
}

// unview finds the variables whose new type has another layout than the old one; they keep the old.
// It reports whether there are any, so that the cell must be checked again.
func (w *rewriting) unview() (more bool) {
	for name, id := range w.views {
		if o := w.info.Defs[id]; o == nil || !sameLayout(w.base.names[name].obj.Type(), o.Type()) {
			w.unviewed[name] = true
			more = true
		}
	}
	return more
}

// sameLayout reports whether values of two types have the same layout in memory.
func sameLayout(a, b types.Type) bool {
	type pair struct{ a, b types.Type }
	seen := map[pair]bool{}
	var same func(a, b types.Type) bool
	tuples := func(a, b *types.Tuple) bool {
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.At(i).Type(), b.At(i).Type()) {
				return false
			}
		}
		return true
	}
	same = func(a, b types.Type) bool {
		a, b = types.Unalias(a), types.Unalias(b)
		if a == b || seen[pair{a, b}] {
			return true
		}
		seen[pair{a, b}] = true
		_, an := a.(*types.Named)
		_, bn := b.(*types.Named)
		if an != bn {
			return false
		}
		switch x := a.Underlying().(type) {
		case *types.Basic:
			y, ok := b.Underlying().(*types.Basic)
			return ok && x.Kind() == y.Kind()
		case *types.Pointer:
			y, ok := b.Underlying().(*types.Pointer)
			return ok && same(x.Elem(), y.Elem())
		case *types.Slice:
			y, ok := b.Underlying().(*types.Slice)
			return ok && same(x.Elem(), y.Elem())
		case *types.Array:
			y, ok := b.Underlying().(*types.Array)
			return ok && x.Len() == y.Len() && same(x.Elem(), y.Elem())
		case *types.Map:
			y, ok := b.Underlying().(*types.Map)
			return ok && same(x.Key(), y.Key()) && same(x.Elem(), y.Elem())
		case *types.Chan:
			y, ok := b.Underlying().(*types.Chan)
			return ok && x.Dir() == y.Dir() && same(x.Elem(), y.Elem())
		case *types.Signature:
			y, ok := b.Underlying().(*types.Signature)
			return ok && x.Variadic() == y.Variadic() && tuples(x.Params(), y.Params()) &&
				tuples(x.Results(), y.Results())
		case *types.Struct:
			y, ok := b.Underlying().(*types.Struct)
			if !ok || x.NumFields() != y.NumFields() {
				return false
			}
			for i := range x.NumFields() {
				if x.Field(i).Name() != y.Field(i).Name() || !same(x.Field(i).Type(), y.Field(i).Type()) {
					return false
				}
			}
			return true
		case *types.Interface:
			// Values of interfaces with methods hold tables that are specific to the interface
			// type.
			y, ok := b.Underlying().(*types.Interface)
			return ok && (types.Identical(a, b) || x.NumMethods() == 0 && y.NumMethods() == 0)
		}
		return false
	}
	return same(a, b)
}
