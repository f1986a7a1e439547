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

// An emitter writes the package of a checked cell.
type emitter struct {
	*rewriting
	mark      string // begins the names that the emitter adds; no name of the user contains it
	cells     map[int]bool
	imports   map[imported]string
	taken     map[string]bool // names that imports must not have
	used      map[string]bool // import paths that the text uses
	own       map[types.Object]bool
	cyclic    map[*ast.FuncDecl]bool
	aliases   map[string]string // path → a name that no function can hide
	types     map[string]string // the types of views: their text → their names
	unsafe    bool
	live      bool
	shows     bool
	segments  []segment
	loops     []loop
	nlocals   int
	inits     int              // the number of funcs named init
	marks     map[string]int   // of the new variables
	addressed map[storage]bool // variables whose address the cell takes
	captured  map[storage]bool // variables that the cell's functions use
}

// imported is a package under the name that a cell uses for it.
type imported struct{ path, name string }

// emit returns the package.
func (w *rewriting) emit() (*Package, error) {
	e := &emitter{rewriting: w, cells: map[int]bool{}, imports: map[imported]string{}, taken: map[string]bool{},
		used: map[string]bool{}, own: map[types.Object]bool{}, aliases: map[string]string{}, types: map[string]string{},
		addressed: map[storage]bool{}, captured: map[storage]bool{}}
	e.prepare()
	e.restore()
	var text bytes.Buffer
	for _, list := range [][]*declaration{w.decls, w.again} {
		for _, d := range list {
			e.note(d.node)
		}
	}
	for _, d := range w.hoisting.defs {
		e.note(d.spec)
	}
	e.note(w.body)
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
	p.commit = func(marks []int) {
		var unset []string
		for name, mark := range e.marks {
			if marks != nil && !slices.Contains(marks, mark) {
				unset = append(unset, name)
			}
		}
		next := next.without(w.base, unset)
		w.Session.state = next
		w.Session.sources[w.id] = w.source
		maps.Copy(w.Session.addressed, e.addressed)
		maps.Copy(w.Session.captured, e.captured)
		for _, names := range []map[string]*entity{next.names, next.unset} {
			for _, n := range names {
				if n.kind != kindImport {
					w.Session.owners[n.obj] = n
				}
			}
		}
	}
	qualify(w.pkg, w.id)
	return p, nil
}

// prepare finds the names that the emitter must not use.
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

// restore gives all identifiers the names that the user wrote, so that expressions have the
// positions of the text.
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

// hoisted returns the declarations of the cell's variables.
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

// declaration writes a declaration.
func (e *emitter) declaration(b *bytes.Buffer, d *declaration) {
	d.imports, d.uses, d.refs = map[string]string{}, map[string]bool{}, nil
	var es edits
	e.identifiers(d.node, d.src, nil, &es, d)
	if f, ok := d.node.(*ast.FuncDecl); ok && d.isInit() {
		e.inits++
		from := offset(e.fset, f.Name.Pos())
		es.replace(from, from+len("init"), e.initName(e.inits))
	}
	e.checks(d.node, &es)
	e.segments = append(e.segments, segment{d.src, d.src.code, es, d.from, d.to})
	b.WriteString(d.prefix)
	b.WriteString(d.src.directive(d.from))
	b.WriteString(es.apply(d.src.code, d.from, d.to))
	b.WriteByte('\n')
}

// header returns the package clause and the imports.
func (e *emitter) header(p *Package) string {
	var b strings.Builder
	var lines []string
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
	for i, name := range e.imports {
		lines = append(lines, fmt.Sprintf("import %s %q\n", name, i.path))
	}
	slices.Sort(lines)
	b.WriteString(strings.Join(lines, ""))
	p.Imports = append(p.Imports, slices.Sorted(maps.Keys(e.used))...)
	for _, path := range sortedKeys(e.aliases) {
		fmt.Fprintf(&b, "import %s %q\n", e.aliases[path], path)
		if !e.used[path] {
			p.Imports = append(p.Imports, path)
		}
	}
	// The compiler inlines methods only of packages that are imported directly.
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
