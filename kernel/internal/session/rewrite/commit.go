package rewrite

import (
	"go/ast"
	"slices"
	"strconv"
)

// next returns the meanings of all names after the cell, and the names that the cell declares.
func (e *emitter) next() (*state, []Name) {
	e.marks = map[string]int{}
	next := e.base.clone()
	var names []Name
	bring := func(n *entity) {
		next.names[n.name] = n
		delete(next.unset, n.name)
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
			if e.base.unset[name] == was {
				e.marks[name] = e.markOf(name)
			}
			again := *was
			again.src = e.source
			bring(&again)
			continue
		}
		e.marks[name] = e.markOf(name)
		next.drop(name)
		bring(&entity{name: name, kind: kindVar, src: e.source, obj: o, pkg: e.id, link: e.link(o)})
	}
	for d := range e.dropped {
		next.stale[d] = true
	}
	return next, names
}

// markOf returns the mark of a variable's first definition. The cell records the mark when it has
// executed the definition.
func (e *emitter) markOf(name string) int {
	for i, d := range e.hoisting.defs {
		if slices.ContainsFunc(d.fresh, func(id *ast.Ident) bool { return written(id.Name) == name }) {
			return i + 1
		}
	}
	return 0
}

// reached returns the code that records the mark of a definition.
func (e *emitter) reached(d *definition) string {
	if len(d.fresh) == 0 {
		return ""
	}
	e.live = true
	mark := slices.Index(e.hoisting.defs, d) + 1
	return "; " + e.mark + "live.Reached(" + strconv.Itoa(mark) + ")" + e.release(d)
}

// without returns a state without the variables in unset, whose definitions a cell did not reach:
// their names keep their earlier meanings.
func (s *state) without(before *state, unset []string) *state {
	if len(unset) == 0 {
		return s
	}
	next := s.clone()
	for _, name := range unset {
		e := next.names[name]
		if e == nil {
			continue
		}
		delete(next.names, name)
		if was := before.names[name]; was != nil {
			next.names[name] = was
		}
		next.unset[name] = e
	}
	return next
}
