package rewrite

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// An emitter writes the package of a cell that was checked.
type emitter struct {
	*rewriting
	mark      string // what the emitter's own names begin with; no name of the user's has it
	cells     map[int]bool
	imports   map[string]string // path → name
	taken     map[string]bool   // names that imports must not have
	used      map[string]bool   // paths of imports that the text uses
	own       map[types.Object]bool
	circular  map[*ast.FuncDecl]bool
	aliases   map[string]string // path → a name that nothing inside a function can hide
	types     map[string]string // how variables are seen: the text of a type → its name
	unsafe    bool
	live      bool
	shows     bool
	segments  []segment
	loops     []loop
	nlocals   int
	addressed map[storage]bool // variables of which the cell takes the address
}

// emit returns the package.
func (w *rewriting) emit() (*Package, error) {
	e := &emitter{rewriting: w, cells: map[int]bool{}, imports: map[string]string{}, taken: map[string]bool{},
		used: map[string]bool{}, own: map[types.Object]bool{}, aliases: map[string]string{}, types: map[string]string{},
		addressed: map[storage]bool{}}
	e.prepare()
	e.restore()
	var text bytes.Buffer
	for _, list := range [][]*declaration{w.decls, w.again} {
		for _, d := range list {
			e.noteAddresses(d.node)
		}
	}
	for _, d := range w.hoisting.defs {
		e.noteAddresses(d.spec)
	}
	e.noteAddresses(w.body)
	hoisted, err := e.hoisted()
	if err != nil {
		return nil, err
	}
	text.WriteString(hoisted)
	for _, d := range w.decls {
		e.declaration(&text, d)
	}
	for _, d := range w.again {
		e.declaration(&text, d)
	}
	text.WriteString(e.main())
	for _, spelled := range sortedKeys(e.types) {
		fmt.Fprintf(&text, "type %s = %s\n", e.types[spelled], spelled)
	}
	p := &Package{Path: cellPath + "/" + strconv.Itoa(w.id), Shows: e.shows, Notices: w.notices(), session: w.Session,
		segments: e.segments, mark: e.mark}
	p.Entry = p.Path + "." + e.entry()
	p.Cells = slices.Sorted(maps.Keys(e.cells))
	p.Source = append([]byte(e.header(p)), text.Bytes()...)
	next, names := e.next()
	p.Names = names
	p.commit = func() {
		w.Session.state = next
		w.Session.sources[w.id] = w.source
		maps.Copy(w.Session.addressed, e.addressed)
		for _, n := range next.names {
			if n.kind != kindImport {
				w.Session.owners[n.obj] = n
			}
		}
	}
	qualify(w.pkg, w.id)
	return p, nil
}

// prepare finds the names that the emitter may use.
func (e *emitter) prepare() {
	e.mark = "ᐧ"
	texts := []string{e.code}
	for _, d := range e.again {
		texts = append(texts, d.text())
	}
	for slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, e.mark) }) {
		e.mark += "ᐧ"
	}
	scope := e.pkg.Scope()
	for _, name := range scope.Names() {
		o := scope.Lookup(name)
		e.taken[written(name)] = true
		if e.inserted[o] == nil && o.Pkg() == e.pkg && e.viewed(o) == nil {
			e.own[o] = true
		}
	}
}

// restore gives all identifiers the names that the user wrote, so that the ends of expressions are where they were.
func (e *emitter) restore() {
	nodes := []ast.Node{e.body}
	for _, d := range e.hoisting.defs {
		nodes = append(nodes, d.spec)
		if d.assign != nil {
			nodes = append(nodes, d.assign)
		}
	}
	for _, list := range [][]*declaration{e.decls, e.again} {
		for _, d := range list {
			nodes = append(nodes, d.node)
		}
	}
	for _, n := range nodes {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				id.Name = written(id.Name)
			}
			return true
		})
	}
}

// viewed returns the variable of an earlier cell that an object of the checker's is seen as.
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

// link returns the name of an object of the cell in the package.
func (e *emitter) link(o types.Object) string {
	if name, ok := strings.CutSuffix(o.Name(), suffixShadow); ok {
		return name + e.mark
	}
	return o.Name()
}

// cell returns what stands before the name of something that an earlier cell's package holds.
func (e *emitter) cell(id int) string {
	e.cells[id] = true
	return e.mark + strconv.Itoa(id) + "."
}

// entity returns what is written for an object of an earlier cell.
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

// importName returns the name of a package in the text.
func (e *emitter) importName(path, wanted string) string {
	e.used[path] = true
	if name := e.imports[path]; name != "" {
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
	e.imports[path] = name
	return name
}

// importAlias returns a name of a package that nothing inside a function can hide.
func (e *emitter) importAlias(p *types.Package) string {
	if e.aliases[p.Path()] == "" {
		e.aliases[p.Path()] = e.mark + p.Name() + strconv.Itoa(len(e.aliases))
	}
	return e.aliases[p.Path()]
}

// speller writes types as the package sees them.
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

// hoisted declares the variables that the cell brings.
func (e *emitter) hoisted() (string, error) {
	var b strings.Builder
	for _, name := range sortedKeys(e.hoisting.vars) {
		o := e.pkg.Scope().Lookup(e.hoisting.vars[name])
		if o == nil || e.reused[o] != nil {
			continue
		}
		text, ok := trySpell(e.speller(), o.Type())
		if !ok {
			return "", e.failed([]problem{{o.Pos(), "cannot keep " + name + ": its type " + typeString(o.Type()) +
				" is known only inside a function"}})
		}
		fmt.Fprintf(&b, "var %s %s\n", e.link(o), text)
	}
	return b.String(), nil
}

// declaration writes one declaration.
func (e *emitter) declaration(b *bytes.Buffer, d *declaration) {
	d.imports, d.uses, d.refs = map[string]string{}, map[string]bool{}, nil
	var es edits
	e.identifiers(d.node, d.src, nil, &es, d)
	e.checks(d.node, &es)
	e.segments = append(e.segments, segment{d.src, d.src.code, es, d.from, d.to})
	b.WriteString(d.prefix)
	b.WriteString(d.src.directive(d.from))
	b.WriteString(es.apply(d.src.code, d.from, d.to))
	b.WriteByte('\n')
}

// identifiers makes the edits of the identifiers in a syntax tree. Of a declaration it keeps what it uses.
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
					return true // its own name
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

// identifier returns what is written for a use of an object.
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

// header writes the package clause and the imports.
func (e *emitter) header(p *Package) string {
	var b strings.Builder
	b.WriteString("package main\n")
	for _, id := range p.Cells {
		fmt.Fprintf(&b, "import %s%d \"%s/%d\"\n", e.mark, id, cellPath, id)
	}
	if e.unsafe {
		fmt.Fprintf(&b, "import %sunsafe \"unsafe\"\n", e.mark)
	}
	if e.live {
		fmt.Fprintf(&b, "import %slive %q\n", e.mark, livePath)
		p.Imports = append(p.Imports, livePath)
	}
	for _, path := range slices.Sorted(maps.Keys(e.used)) {
		fmt.Fprintf(&b, "import %s %q\n", e.imports[path], path)
		p.Imports = append(p.Imports, path)
	}
	for _, path := range sortedKeys(e.aliases) {
		fmt.Fprintf(&b, "import %s %q\n", e.aliases[path], path)
		if !e.used[path] {
			p.Imports = append(p.Imports, path)
		}
	}
	// The compiler inlines a method only where its package is imported.
	blank := map[string]bool{}
	for _, path := range e.blanks {
		blank[path] = true
	}
	for _, sel := range e.info.Selections {
		if pkg := sel.Obj().Pkg(); sel.Kind() != types.FieldVal && pkg != nil && !isCell(pkg) {
			blank[pkg.Path()] = true
		}
	}
	for _, path := range slices.Sorted(maps.Keys(blank)) {
		if !e.used[path] && e.aliases[path] == "" {
			fmt.Fprintf(&b, "import _ %q\n", path)
			p.Imports = append(p.Imports, path)
		}
	}
	return b.String()
}

// next returns what names mean after the cell, and those that it brings.
func (e *emitter) next() (*state, []Name) {
	next := e.base.clone()
	var names []Name
	bring := func(n *entity) {
		next.names[n.name] = n
		names = append(names, e.describe(n))
	}
	for name, id := range e.views {
		seen := *next.names[name]
		seen.obj = e.info.Defs[id]
		seen.view = seen.obj.Type()
		next.names[name] = &seen
	}
	for _, name := range sortedKeys(e.rewriting.imports) {
		next.drop(name)
		bring(&entity{name: name, kind: kindImport, src: e.source, path: e.rewriting.imports[name]})
	}
	for _, path := range e.rewriting.dots {
		if !slices.Contains(next.dots, path) {
			next.dots = append(next.dots, path)
		}
	}
	for _, list := range [][]*declaration{e.again, e.decls} {
		for _, d := range list {
			delete(next.stale, d)
			if d.kind == kindMethod {
				if before := next.methods[d.key()]; before != nil {
					delete(next.stale, before)
				}
				next.methods[d.key()] = d
				continue
			}
			for _, name := range d.names {
				o := e.pkg.Scope().Lookup(name)
				if o == nil || !e.own[o] || name == "_" || name == "init" {
					continue
				}
				if d.kind != kindType {
					next.drop(name)
				}
				n := &entity{name: name, kind: d.kind, src: d.src, obj: o, pkg: e.id, link: e.link(o), decl: d}
				if d.src == e.source {
					bring(n)
				} else {
					next.names[name] = n
				}
			}
		}
	}
	for _, name := range sortedKeys(e.hoisting.vars) {
		o := e.pkg.Scope().Lookup(e.hoisting.vars[name])
		if o == nil {
			continue
		}
		if was := e.reused[o]; was != nil {
			again := *was
			again.src = e.source
			bring(&again)
			continue
		}
		next.drop(name)
		bring(&entity{name: name, kind: kindVar, src: e.source, obj: o, pkg: e.id, link: e.link(o)})
	}
	for d := range e.dropped {
		next.stale[d] = true
	}
	return next, names
}
