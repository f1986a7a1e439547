package rewrite

import (
	"go/types"
	"maps"
	"slices"
	"strings"
)

// dependents returns the declarations of earlier cells that use what the cell changes, directly or
// indirectly, and so must be compiled again. Known declarations of the cell become new ones where
// necessary.
func (w *rewriting) dependents() []*declaration {
	changed := maps.Clone(w.replaced)
	for key, d := range w.declared {
		if d.kind == kindMethod {
			key = w.baseType(d.recv)
			if own := w.declared[key]; own != nil && own.kind != kindMethod {
				continue
			}
		}
		changed[key] = true // for a method its type, which is recompiled with all methods
	}
	again := map[*declaration]bool{}
	for more := true; more; {
		more = false
		take := func(d *declaration) {
			if again[d] || w.dropped[d] != "" || w.declaredHere(d) {
				return
			}
			for _, k := range w.kept {
				if k.key() == d.key() {
					w.renew(k)
					changed[changedBy(k)] = true
					more = true
					return
				}
			}
			again[d] = true
			for _, name := range d.names {
				if d.kind == kindMethod {
					name = w.baseType(d.recv)
				}
				changed[name] = true
			}
			more = true
		}
		for _, d := range w.base.declarations() {
			if w.affected(d, changed) {
				take(d)
			}
		}
	}
	return slices.SortedFunc(maps.Keys(again), func(a, b *declaration) int {
		if a.src.id != b.src.id {
			return a.src.id - b.src.id
		}
		return a.from - b.from
	})
}

func changedBy(d *declaration) string {
	if d.kind == kindMethod {
		return d.recv
	}
	return d.names[0]
}

// affected reports whether a declaration uses one of the changed names, or belongs to a type that
// is among them.
func (w *rewriting) affected(d *declaration, changed map[string]bool) bool {
	switch d.kind {
	case kindMethod:
		if changed[d.recv] {
			return true
		}
	case kindType:
		if changed[d.names[0]] {
			return true // the type has a new method
		}
	}
	for _, name := range d.names {
		if e := w.base.names[name]; d.kind == kindConst && name != "_" && (e == nil || e.decl != d) {
			return false // a group of constants of which one has been redefined
		}
	}
	for name := range d.uses {
		if changed[name] {
			return true
		}
	}
	return false
}

// declaredHere reports whether the cell itself declares the same name.
func (w *rewriting) declaredHere(d *declaration) bool {
	if d.kind == kindMethod {
		return w.declared[d.key()] != nil
	}
	for _, name := range d.names {
		if _, ok := w.hoisting.vars[name]; ok || w.declared[name] != nil {
			return true
		}
	}
	return false
}

// notices reports what became of the declarations that use what the cell changes.
func (w *rewriting) notices() []string {
	var out []string
	var names []string
	for _, d := range w.again {
		if d.kind != kindType || w.used(d) {
			names = append(names, title(d))
		}
	}
	if len(names) > 0 {
		out = append(out, "compiled again: "+strings.Join(names, ", "))
	}
	for _, d := range w.again {
		if d.kind == kindType && w.held(w.base.names[d.names[0]].obj.Type()) {
			out = append(out, "values of "+d.names[0]+" held in interfaces keep its old methods")
		}
	}
	for _, d := range w.base.declarations() {
		if why := w.dropped[d]; why != "" {
			out = append(out, title(d)+" of cell "+d.src.label()+" stays as it was: "+why)
		}
	}
	return out
}

// held reports whether a variable of the session can hold a value of the type in an interface.
func (w *rewriting) held(t types.Type) bool {
	if types.IsInterface(t) {
		return false
	}
	foreign := func(in types.Type) bool {
		named, ok := types.Unalias(in).(*types.Named)
		return ok && !isCell(named.Obj().Pkg()) && !types.IsInterface(in)
	}
	holds := func(in types.Type) bool {
		return within(in, foreign, func(in types.Type) bool {
			i, ok := in.Underlying().(*types.Interface)
			return ok && (types.Implements(t, i) || types.Implements(types.NewPointer(t), i))
		})
	}
	for _, e := range w.base.names {
		if e.kind == kindVar && holds(e.obj.Type()) {
			return true
		}
	}
	return false
}

// used reports whether a type is compiled again for another reason than a method of the cell.
func (w *rewriting) used(d *declaration) bool {
	for _, m := range w.declared {
		if m.kind == kindMethod && (m.recv == d.names[0] || w.baseType(m.recv) == d.names[0]) {
			return false
		}
	}
	return true
}

// title returns how messages name a declaration.
func title(d *declaration) string {
	if d.kind == kindMethod {
		return d.recv + "." + d.names[0]
	}
	return strings.Join(d.names, ", ")
}
