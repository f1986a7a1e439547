package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A rewriting is one cell on its way to a package.
type rewriting struct {
	*Session
	*parsed
	base     *state // what names meant before the cell
	tolerant bool   // what is wrong in the cell is passed over: it is still being written

	imports   map[string]string // the cell's own, and those found for it: name → path
	dots      []string          // paths of the cell's imports without a name
	blanks    []string          // paths of its imports for their effect
	decls     []*declaration    // what it declares
	kept      []*declaration    // of them: declared before word for word
	declared  map[string]*declaration
	hoisting  *hoisting
	olds      map[string]*entity // names that the cell defines and uses in their old meaning
	fileNames map[string]string  // the imports that the checker sees: name → path
	dotted    map[types.Object]bool

	again    []*declaration          // declarations of earlier cells that are compiled again
	dropped  map[*declaration]string // those that do not compile → why
	replaced map[string]bool         // variables that take the place of something else
	unviewed map[string]bool         // variables that keep their old type

	checked
}

// analyse finds out what a cell means. The state is locked.
func (s *Session) analyse(src *source, tolerant bool) (*rewriting, error) {
	if err := unsupported(src); err != nil {
		return nil, err
	}
	p, err := parse(s.fset, src, tolerant)
	if err != nil {
		return nil, syntaxError(src, err)
	}
	w := &rewriting{Session: s, parsed: p, base: s.state, tolerant: tolerant,
		imports: map[string]string{}, declared: map[string]*declaration{}, olds: map[string]*entity{},
		fileNames: map[string]string{}, dotted: map[types.Object]bool{}, dropped: map[*declaration]string{},
		replaced: map[string]bool{}, unviewed: map[string]bool{}}
	if err := w.takeImports(); err != nil && !tolerant {
		return nil, err
	}
	w.takeDeclarations()
	w.hoisting = hoist(p.body, w.shadows)
	w.duplicates()
	if err := w.failed(w.hoisting.errs); err != nil && !tolerant {
		return nil, err
	}
	w.resolve()
	if err := w.settle(); err != nil {
		return nil, err
	}
	return w, nil
}

// failed returns the error of problems in the cell.
func (w *rewriting) failed(problems []problem) error {
	e := &Error{}
	for _, p := range problems {
		line, column := w.position(offset(w.fset, p.pos))
		e.add(Diagnostic{Line: line, Column: column, Msg: p.msg, Cell: w.number()})
	}
	return e.sorted()
}

// shadows reports whether a variable of a name hides what statements before it, or funcs, may mean by it.
func (w *rewriting) shadows(name string) bool {
	if name == "main" || name == "init" || types.Universe.Lookup(name) != nil || w.importOf(name) != "" {
		return true
	}
	_, found := w.resolvePackage(name)
	return found && w.base.names[name] == nil
}

// importOf returns the path of the package that a name means, if it is not declared otherwise.
func (w *rewriting) importOf(name string) string {
	if path := w.imports[name]; path != "" {
		return path
	}
	if e := w.base.names[name]; e != nil && e.kind == kindImport {
		return e.path
	}
	return ""
}

// takeDeclarations sorts what the cell declares into new and known.
func (w *rewriting) takeDeclarations() {
	for _, d := range declarations(w.fset, w.parsed) {
		if w.known(d) {
			w.kept = append(w.kept, d)
			continue
		}
		w.declare(d)
	}
}

func (w *rewriting) declare(d *declaration) {
	w.decls = append(w.decls, d)
	if d.kind == kindMethod {
		w.declared[d.key()] = d
		return
	}
	for _, name := range d.names {
		if name != "_" && !(name == "init" && d.kind == kindFunc) {
			w.declared[name] = d
		}
	}
}

// duplicates has the checker see all declarations of a name that the cell declares twice.
func (w *rewriting) duplicates() {
	times := map[string]int{}
	for _, list := range [][]*declaration{w.decls, w.kept} {
		for _, d := range list {
			times[d.key()]++
		}
	}
	for _, d := range slices.Clone(w.kept) {
		if _, variable := w.hoisting.vars[d.names[0]]; times[d.key()] > 1 || variable && d.kind != kindMethod {
			w.renew(d)
		}
	}
}

// renew has a declaration that is known compiled again.
func (w *rewriting) renew(d *declaration) {
	w.kept = slices.DeleteFunc(w.kept, func(k *declaration) bool { return k == d })
	w.declare(d)
}

// before returns the declaration that one takes the place of.
func (w *rewriting) before(d *declaration) *declaration {
	if d.kind == kindMethod {
		return w.base.methods[d.key()]
	}
	var before *declaration
	for _, name := range d.names {
		e := w.base.names[name]
		if name == "_" || name == "init" || e == nil || e.decl == nil || before != nil && e.decl != before {
			return nil
		}
		before = e.decl
	}
	return before
}

// known reports whether a declaration is there already, word for word, so that a cell can be run again.
func (w *rewriting) known(d *declaration) bool {
	before := w.before(d)
	if before == nil || before.kind != d.kind || before.text() != d.text() || w.base.stale[before] {
		return false
	}
	for name, path := range before.imports {
		if w.importOf(name) != path {
			return false
		}
	}
	return true
}

// resolve gives the identifiers that the cell itself does not explain the names that the checker knows.
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
			// A func of the cell means the variable, unless it uses the name as only what was there before can be used.
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
		case e != nil && e.kind != kindImport:
			w.olds[name] = e
			id.Name = name + suffixOld
		case w.importOf(name) != "":
			w.fileNames[name] = w.importOf(name)
		case types.Universe.Lookup(name) != nil:
		case base && w.findImport(name, member):
		default:
			id.Name = name + suffixOld // which nobody knows
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

// findImport imports the package that a name before a dot can only mean, if there is one and it has the member. For one
// of the standard library it is enough that the member is exported, so that a misspelled one is told.
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
	if pkg.Scope().Lookup(member) == nil && member != placeholder && (!token.IsExported(member) || strings.Contains(first, ".")) {
		return false
	}
	w.imports[name] = path
	w.fileNames[name] = path
	return true
}

// keeps reports whether the cell declares a name as it was before.
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

// dotImported reports whether a package that was imported without a name has one, and remembers it.
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
