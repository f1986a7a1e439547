package rewrite

import (
	"go/types"
	"slices"
)

// A rewriting is a cell on its way to becoming a package.
type rewriting struct {
	*Session
	*parsed
	base     *state // what names meant before the cell
	tolerant bool   // the cell is still being written: errors in it are ignored

	imports   map[string]string // of the cell, written or found for it: name → path
	dots      []string          // paths of the cell's dot imports
	blanks    []string          // paths of its blank imports
	decls     []*declaration    // what it declares
	kept      []*declaration    // the declarations that an earlier cell already made, word for word
	declared  map[string]*declaration
	hoisting  *hoisting
	olds      map[string]*entity // names that the cell both redefines and uses in their old meaning
	fileNames map[string]string  // the imports that the checker sees: name → path
	dotted    map[types.Object]bool

	again    []*declaration          // declarations of earlier cells to compile again
	dropped  map[*declaration]string // those that no longer compile → why
	replaced map[string]bool         // variables that replace something else
	unviewed map[string]bool         // variables that keep their old type

	checked
}

// analyze finds out what a cell means. The caller holds s.mu.
func (s *Session) analyze(src *source, tolerant bool) (*rewriting, error) {
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

// failed returns an error for problems in the cell.
func (w *rewriting) failed(problems []problem) error {
	e := &Error{}
	for _, p := range problems {
		line, column := w.position(offset(w.fset, p.pos))
		e.add(Diagnostic{Line: line, Column: column, Msg: p.msg, Cell: w.number()})
	}
	return e.sorted()
}

// shadows reports whether a variable with this name would hide what earlier statements or funcs may
// mean by it.
func (w *rewriting) shadows(name string) bool {
	if name == "main" || name == "init" || types.Universe.Lookup(name) != nil || w.importOf(name) != "" {
		return true
	}
	_, found := w.resolvePackage(name)
	return found && w.base.names[name] == nil
}

// importOf returns the path of the package that a name means, unless the name is declared
// otherwise.
func (w *rewriting) importOf(name string) string {
	if path := w.imports[name]; path != "" {
		return path
	}
	if e := w.base.names[name]; e != nil && e.kind == kindImport {
		return e.path
	}
	return ""
}

// takeDeclarations divides the cell's declarations into new and known ones.
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

// duplicates makes the checker see all declarations of a name that the cell declares twice, so that
// it reports them.
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

// renew makes a known declaration a new one, to be compiled again.
func (w *rewriting) renew(d *declaration) {
	w.kept = slices.DeleteFunc(w.kept, func(k *declaration) bool { return k == d })
	w.declare(d)
}

// before returns the earlier declaration that d replaces, or nil.
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

// known reports whether an earlier cell made the same declaration word for word, so that a cell can
// be run again.
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
