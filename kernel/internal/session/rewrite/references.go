package rewrite

import (
	"go/ast"
	"go/types"
	"strconv"
	"strings"
)

// viewed returns the variable of an earlier cell that an object is a view of.
func (e *emitter) viewed(o types.Object) *entity {
	if id := e.views[written(o.Name())]; id != nil && e.info.Defs[id] == o {
		return e.base.names[written(o.Name())]
	}
	return nil
}

// entry returns the name of the function that runs the cell.
func (e *emitter) entry() string {
	if e.declared["main"] != nil {
		return e.mark + "Main"
	}
	return "main"
}

// link returns the name that an object of the cell has in the package.
func (e *emitter) link(o types.Object) string {
	if name, ok := strings.CutSuffix(o.Name(), suffixShadow); ok {
		return name + e.mark
	}
	return o.Name()
}

// cell returns the qualifier for names of an earlier cell's package.
func (e *emitter) cell(id int) string {
	e.cells[id] = true
	return e.mark + strconv.Itoa(id) + "."
}

// entity returns the code that refers to an entity of an earlier cell.
func (e *emitter) entity(n *entity) string {
	if n.view == nil {
		return e.cell(n.pkg) + n.link
	}
	e.unsafe = true
	text := e.speller().spell(n.view)
	if e.types[text] == "" {
		e.types[text] = e.mark + "seen" + strconv.Itoa(len(e.types))
	}
	return "(*(*" + e.types[text] + ")(" + e.mark + "unsafe.Pointer(&" + e.cell(n.pkg) + n.link + ")))"
}

// importName returns the name in the text for a package that a cell imports under the name wanted.
// Each pair has a name of its own, since the code around one use may hide the name of another.
func (e *emitter) importName(path, wanted string) string {
	e.used[path] = true
	key := imported{path, wanted}
	if name := e.imports[key]; name != "" {
		return name
	}
	name := wanted
	for i := 0; e.taken[name]; i++ {
		name = e.mark + wanted
		if i > 0 {
			name += strconv.Itoa(i)
		}
	}
	e.taken[name] = true
	e.imports[key] = name
	return name
}

// importAlias returns a name for a package that nothing inside a function can hide.
func (e *emitter) importAlias(p *types.Package) string {
	if e.aliases[p.Path()] == "" {
		e.aliases[p.Path()] = e.mark + p.Name() + strconv.Itoa(len(e.aliases))
	}
	return e.aliases[p.Path()]
}

// speller writes types as the package refers to them.
func (e *emitter) speller() speller {
	return speller{
		named: func(o *types.TypeName) string {
			switch n := e.owners[o]; {
			case n != nil:
				return e.cell(n.pkg) + n.link
			case e.own[o]:
				return e.link(o)
			case isCell(o.Pkg()) || o.Parent() != nil && o.Parent() != o.Pkg().Scope():
				panic(unspellable("type " + o.Name() + ", which only a function knows"))
			}
			return e.importName(o.Pkg().Path(), o.Pkg().Name()) + "." + o.Name()
		},
		basic: func(name string) string {
			if name == "Pointer" { // of package unsafe
				e.unsafe = true
				return e.mark + "unsafe.Pointer"
			}
			if o := e.pkg.Scope().Lookup(name); o != nil && e.own[o] {
				e.live = true
				return e.mark + "live.Predeclared" + strings.ToUpper(name[:1]) + name[1:]
			}
			return name
		},
	}
}

// identifiers makes the edits of the identifiers in a syntax tree. If it is a declaration, it
// records what the declaration uses.
func (e *emitter) identifiers(n ast.Node, src *source, skip []span, es *edits, d *declaration) {
	sels := map[*ast.Ident]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			sels[n.Sel] = true
		case *ast.Ident:
			from := offset(e.fset, n.Pos())
			name := written(n.Name)
			for _, s := range skip {
				if s.from <= from && from < s.to {
					return true
				}
			}
			o := e.info.Uses[n]
			if o == nil {
				if o = e.info.Defs[n]; o == nil || !e.own[o] {
					return true
				}
				if d != nil {
					return true // the declared name itself
				}
			}
			text := ""
			if d == nil {
				text = e.local(o, from)
			}
			if text == "" {
				text = e.identifier(o, name, sels[n], d, n)
			}
			if text != name {
				es.replace(from, from+len(name), text)
			}
		}
		return true
	})
}

// identifier returns the code for a use of an object.
func (e *emitter) identifier(o types.Object, name string, selected bool, d *declaration, id *ast.Ident) string {
	if p, ok := o.(*types.PkgName); ok {
		if d != nil {
			d.imports[name] = p.Imported().Path()
		}
		return e.importName(p.Imported().Path(), name)
	}
	if o.Pkg() == nil && types.Universe.Lookup(name) == o {
		if d != nil {
			d.uses[name] = true
		}
		return name
	}
	if selected {
		return name
	}
	n := e.inserted[o]
	if n == nil {
		n = e.reused[o]
	}
	if n == nil {
		if v := e.viewed(o); v != nil {
			seen := *v
			seen.view = o.Type()
			n = &seen
		}
	}
	if d != nil && (n != nil || e.own[o]) {
		d.uses[name] = true
		d.refs = append(d.refs, id)
	}
	switch {
	case n != nil:
		return e.entity(n)
	case e.own[o]:
		return e.link(o)
	case e.dotted[o]:
		if d != nil {
			d.uses[name] = true
		}
		return e.importAlias(o.Pkg()) + "." + name
	}
	return name
}
