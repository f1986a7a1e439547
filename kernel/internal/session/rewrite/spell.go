package rewrite

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"
)

// A speller writes types as Go code at the top level of a file.
type speller struct {
	named func(*types.TypeName) string // the code for a named type, without type arguments
	basic func(name string) string     // the code for a predeclared type
}

// spell returns the code for a type. It panics with unspellable for a type that has none.
func (s speller) spell(t types.Type) string {
	switch t := t.(type) {
	case *types.Basic:
		return s.basic(t.Name())
	case *types.Alias:
		return s.spell(types.Unalias(t))
	case *types.Named:
		name := ""
		if o := t.Obj(); o.Pkg() == nil {
			name = s.basic(o.Name())
		} else {
			name = s.named(o)
		}
		return name + s.arguments(t.TypeArgs())
	case *types.Pointer:
		return "*" + s.spell(t.Elem())
	case *types.Slice:
		return "[]" + s.spell(t.Elem())
	case *types.Array:
		return "[" + strconv.FormatInt(t.Len(), 10) + "]" + s.spell(t.Elem())
	case *types.Map:
		return "map[" + s.spell(t.Key()) + "]" + s.spell(t.Elem())
	case *types.Chan:
		return channels[t.Dir()] + "(" + s.spell(t.Elem()) + ")"
	case *types.Signature:
		return "func" + s.signature(t)
	case *types.Struct:
		fields := make([]string, t.NumFields())
		for i := range fields {
			f := t.Field(i)
			if !f.Exported() && !isCell(f.Pkg()) {
				panic(unspellable("a struct with fields of package " + f.Pkg().Name()))
			}
			if !f.Embedded() {
				fields[i] = f.Name() + " "
			}
			fields[i] += s.spell(f.Type())
			if tag := t.Tag(i); tag != "" {
				fields[i] += " " + strconv.Quote(tag)
			}
		}
		return "struct{" + strings.Join(fields, "; ") + "}"
	case *types.Interface:
		var parts []string
		for m := range t.ExplicitMethods() {
			parts = append(parts, m.Name()+s.signature(m.Type().(*types.Signature)))
		}
		for e := range t.EmbeddedTypes() {
			parts = append(parts, s.spell(e))
		}
		return "interface{" + strings.Join(parts, "; ") + "}"
	}
	panic(unspellable(fmt.Sprintf("a type %v", t)))
}

// unspellable is the value that spell panics with: why.
type unspellable string

var channels = map[types.ChanDir]string{types.SendRecv: "chan ", types.SendOnly: "chan<- ", types.RecvOnly: "<-chan "}

func (s speller) arguments(list *types.TypeList) string {
	if list.Len() == 0 {
		return ""
	}
	args := make([]string, 0, list.Len())
	for t := range list.Types() {
		args = append(args, s.spell(t))
	}
	return "[" + strings.Join(args, ", ") + "]"
}

func (s speller) signature(t *types.Signature) string {
	params := make([]string, 0, t.Params().Len())
	for v := range t.Params().Variables() {
		params = append(params, s.spell(v.Type()))
	}
	if t.Variadic() {
		last := t.Params().At(len(params) - 1).Type()
		if slice, ok := last.(*types.Slice); ok {
			params[len(params)-1] = "..." + s.spell(slice.Elem())
		}
	}
	out := "(" + strings.Join(params, ", ") + ")"
	if t.Results().Len() > 0 {
		results := make([]string, 0, t.Results().Len())
		for v := range t.Results().Variables() {
			results = append(results, s.spell(v.Type()))
		}
		out += " (" + strings.Join(results, ", ") + ")"
	}
	return out
}

// mentions reports whether a type contains a named type for which f returns true.
func mentions(t types.Type, f func(*types.TypeName) bool) (found bool) {
	defer func() {
		if e := recover(); e != nil {
			if _, ok := e.(unspellable); !ok {
				panic(e)
			}
		}
	}()
	speller{
		named: func(o *types.TypeName) string { found = found || f(o); return o.Name() },
		basic: func(name string) string { return name },
	}.spell(t)
	return found
}

// within reports whether f returns true for a type or for one that its values contain or point to.
// Types for which skip returns true are not followed; skip may be nil.
func within(t types.Type, skip, f func(types.Type) bool) bool {
	seen := map[types.Type]bool{}
	var visit func(t types.Type) bool
	visit = func(t types.Type) bool {
		if seen[t] || skip != nil && skip(t) {
			return false
		}
		seen[t] = true
		if f(t) {
			return true
		}
		switch t := t.Underlying().(type) {
		case *types.Map:
			return visit(t.Key()) || visit(t.Elem())
		case interface{ Elem() types.Type }: // pointers, slices, arrays, channels
			return visit(t.Elem())
		case *types.Struct:
			for v := range t.Fields() {
				if visit(v.Type()) {
					return true
				}
			}
		}
		return false
	}
	return visit(t)
}
