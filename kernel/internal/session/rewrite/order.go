package rewrite

import (
	"go/ast"
	"go/token"
	"slices"
)

// A cell that only declares variables is like a file: they are initialized in the order of their
// dependencies, wherever they stand. The statements of other cells run in sequence.

// declares reports whether all statements of a cell declare variables with var.
func (h *hoisting) declares(body *ast.BlockStmt) bool {
	for _, st := range body.List {
		if e, ok := st.(*ast.EmptyStmt); !ok || !h.removed[e] {
			return false
		}
	}
	return !slices.ContainsFunc(h.defs, func(d *definition) bool { return d.assign != nil })
}

// brings reports whether a position is in the definition of a name.
func (h *hoisting) brings(name string, pos token.Pos) bool {
	for _, d := range h.defs {
		if d.spec.Pos() <= pos && pos < d.spec.End() {
			return slices.ContainsFunc(d.fresh, func(id *ast.Ident) bool { return written(id.Name) == name })
		}
	}
	return false
}

// An initializer is a definition, or one variable and its value of a definition with several.
type initializer struct {
	def  *definition
	pair int // the index of the variable; -1 for the whole definition
}

// initOrder returns the initializers of a cell of declarations in the order in which they must run.
// It returns nil if that is the order of the text.
func (e *emitter) initOrder() []initializer {
	if !e.hoisting.declares(e.body) {
		return nil
	}
	var order, ordered []initializer
	place := map[initializer]int{}
	for _, d := range e.hoisting.defs {
		if len(d.spec.Values) < 2 {
			order = append(order, initializer{d, -1})
			continue
		}
		for i := range d.spec.Names {
			order = append(order, initializer{d, i})
		}
	}
	for i, init := range e.info.InitOrder {
		for _, d := range e.hoisting.defs {
			at := slices.IndexFunc(d.spec.Names, func(id *ast.Ident) bool { return e.info.Defs[id] == init.Lhs[0] })
			if len(d.spec.Values) < 2 && at >= 0 {
				at = -1
			} else if at < 0 {
				continue
			}
			place[initializer{d, at}] = i + 1
		}
	}
	ordered = slices.Clone(order)
	slices.SortStableFunc(ordered, func(a, b initializer) int { return place[a] - place[b] })
	for _, init := range ordered {
		if len(init.def.spec.Values) > 0 && place[init] == 0 {
			return nil // they depend on each other in a cycle
		}
	}
	if slices.IsSortedFunc(valued(order), func(a, b initializer) int { return place[a] - place[b] }) {
		return nil
	}
	return ordered
}

// valued returns the initializers that have a value.
func valued(list []initializer) []initializer {
	return slices.DeleteFunc(slices.Clone(list), func(i initializer) bool { return len(i.def.spec.Values) == 0 })
}

// initialize returns the code of an initializer.
func (e *emitter) initialize(init initializer, es edits) string {
	part := func(n ast.Node) string {
		return es.apply(e.bodyText, offset(e.fset, n.Pos()), offset(e.fset, n.End()))
	}
	spec := init.def.spec
	if init.pair < 0 {
		return e.directive(offset(e.fset, spec.Pos())) + part(spec) + "\n"
	}
	value := spec.Values[init.pair]
	at := e.directive(offset(e.fset, value.Pos()))
	name := "_"
	if id := spec.Names[init.pair]; id.Name != "_" {
		name = e.variable(e.info.Defs[id])
	}
	switch {
	case spec.Type == nil:
		return name + " = " + at + part(value) + e.reached(init.def) + "\n"
	case name == "_":
		return "{ var _ " + part(spec.Type) + " = " + at + part(value) + " }" + e.reached(init.def) + "\n"
	}
	temp := e.mark + "v"
	return "{ var " + temp + " " + part(spec.Type) + " = " + at + part(value) + "; " + name + " = " + temp + " }" +
		e.reached(init.def) + "\n"
}
