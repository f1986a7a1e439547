package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
)

// main returns the function that holds the cell's statements.
func (e *emitter) main() string {
	var es edits
	var skip []span
	order := e.initOrder()
	for _, d := range e.hoisting.defs {
		if order == nil || len(d.spec.Values) < 2 {
			skip = append(skip, e.definition(d, &es)...)
		}
	}
	call := e.callInits(&es)
	if order == nil {
		e.between(&es)
	}
	e.locals(&es)
	for _, d := range e.hoisting.defs {
		if d.assign != nil {
			if !d.checked {
				e.identifiers(d.assign, e.source, skip, &es, nil)
			}
		} else {
			e.identifiers(d.spec, e.source, skip, &es, nil)
		}
		if !d.checked {
			e.checks(d.spec, &es)
		}
	}
	e.identifiers(e.body, e.source, skip, &es, nil)
	e.checks(e.body, &es)
	e.show(&es)
	for _, list := range [][]*declaration{e.decls, e.kept} {
		for _, d := range list {
			if d.kind == kindFunc && d.names[0] == "main" {
				name := "main"
				if e.declared["main"] == nil {
					name = e.entity(e.base.names["main"])
				}
				call += name + "()\n"
			}
		}
	}
	e.segments = append(e.segments, segment{e.source, e.bodyText, es, 0, len(e.bodyText)})
	text := es.apply(e.bodyText, 0, len(e.bodyText))
	if order != nil {
		text = "\n"
		for _, init := range order {
			text += e.initialize(init, es)
		}
	}
	return "func " + e.entry() + "() {" + e.directive(0) + text + "\n" + call + "}\n"
}

// initName returns the name of the nth func init in the package. The cell's statements call it
// after the variable declarations that they begin with, so that it sees their values.
func (e *emitter) initName(n int) string { return e.mark + "init" + strconv.Itoa(n) }

// callInits inserts the calls of the funcs named init. It returns the calls if they belong at the
// end.
func (e *emitter) callInits(es *edits) string {
	calls := ""
	for i := range e.inits {
		calls += e.initName(i+1) + "(); "
	}
	if calls == "" {
		return ""
	}
	for i, st := range e.body.List {
		leading := slices.ContainsFunc(e.hoisting.defs, func(d *definition) bool { return d.of == i && d.decl != nil })
		if !leading {
			es.insert(offset(e.fset, st.Pos()), calls)
			return ""
		}
	}
	return calls + "\n"
}

// definition makes the edits that turn a definition into an assignment. It returns the spans that
// other edits must not touch.
func (e *emitter) definition(d *definition, es *edits) (skip []span) {
	at := func(p token.Pos) int { return offset(e.fset, p) }
	if d.assign != nil {
		es.replace(at(d.assign.TokPos), at(d.assign.TokPos)+len(":="), " =")
		es.insert(at(d.assign.End()), e.reached(d))
		return nil
	}
	// var x T = v: the keyword and the parentheses of a group are removed.
	if d.spec == d.decl.Specs[0] {
		es.replace(at(d.decl.Pos()), at(d.decl.Pos())+len("var"), "   ")
		if d.decl.Lparen.IsValid() {
			es.replace(at(d.decl.Lparen), at(d.decl.Lparen)+1, " ")
			es.replace(at(d.decl.Rparen), at(d.decl.Rparen)+1, " ")
		}
	}
	defer func() { es.insert(at(d.spec.End()), e.reached(d)) }()
	if d.spec.Type == nil {
		return nil
	}
	from, typ, end := at(d.spec.Pos()), at(d.spec.Type.Pos()), at(d.spec.End())
	var set, temps, vars []string // the variables to set, the temporary ones, and those to set from
	for i, id := range d.spec.Names {
		if id.Name == "_" {
			temps = append(temps, "_")
			continue
		}
		temp := e.mark + "v" + strconv.Itoa(i)
		temps, vars = append(temps, temp), append(vars, temp)
		o := e.info.Defs[id]
		if n := e.reused[o]; n != nil {
			set = append(set, e.entity(n))
		} else {
			set = append(set, e.link(o))
		}
	}
	if len(d.spec.Values) == 0 && !e.hoisting.labels && !e.anyReused(d) {
		// A new variable is zero, and the statement runs only once.
		es.replace(from, end, strings.Repeat("\n", strings.Count(e.code[from:end], "\n")))
		return []span{{from, end}}
	}
	es.replace(from, typ, "{ var "+strings.Join(temps, ", ")+" ")
	tail := "; " + strings.Join(set, ", ") + " = " + strings.Join(vars, ", ") + " }"
	if len(set) == 0 {
		tail = " }"
	}
	es.insert(end, tail)
	return []span{{from, typ}}
}

func (e *emitter) anyReused(d *definition) bool {
	for _, id := range d.spec.Names {
		if o := e.info.Defs[id]; o != nil && e.reused[o] != nil {
			return true
		}
	}
	return false
}

// last returns the expression that the cell ends with, or nil.
func (w *rewriting) last() ast.Expr {
	list := w.body.List
	for len(list) > 0 {
		if e, ok := list[len(list)-1].(*ast.EmptyStmt); !ok || w.hoisting.removed[e] {
			break
		}
		list = list[:len(list)-1] // left over from declarations
	}
	if len(list) == 0 {
		return nil
	}
	if st, ok := list[len(list)-1].(*ast.ExprStmt); ok {
		return st.X
	}
	return nil
}

// showsLast reports whether a message complains that the cell's last expression is not used.
func (w *rewriting) showsLast(pos token.Pos, msg string) bool {
	x := w.last()
	return x != nil && x.Pos() <= pos && pos <= x.End() && strings.HasSuffix(msg, " is not used") &&
		strings.HasPrefix(msg, types.ExprString(x)+" ")
}

// show inserts the call that shows the value of the last expression, if the value is of interest.
func (e *emitter) show(es *edits) {
	x := e.last()
	if x == nil {
		return
	}
	tv := e.info.Types[x]
	if tv.IsVoid() || tv.IsType() || tv.IsBuiltin() || tv.Type == nil {
		return
	}
	switch y := ast.Unparen(x).(type) {
	case *ast.UnaryExpr:
		if y.Op == token.ARROW {
			return
		}
	case *ast.CallExpr:
		if tuple, ok := tv.Type.(*types.Tuple); ok && tuple.Len() == 0 || e.silent(y) {
			return
		}
	}
	e.live, e.shows = true, true
	es.insert(offset(e.fset, x.Pos()), e.mark+"live.Show(")
	es.insert(offset(e.fset, x.End()), ")")
}

// silent reports whether a call has no results of interest.
func (e *emitter) silent(call *ast.CallExpr) bool {
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		switch o := e.info.Uses[f].(type) {
		case *types.Builtin:
			return cellsource.Silent(o.Name())
		case *types.Func:
			return !isCell(o.Pkg()) && cellsource.Silent(o.Pkg().Name()+"."+o.Name())
		}
	case *ast.SelectorExpr:
		if o, ok := e.info.Uses[f.Sel].(*types.Func); ok && o.Signature().Recv() == nil && !isCell(o.Pkg()) {
			return o.Pkg().Name() == "nb" || o.Pkg().Name() == "gonbui" ||
				cellsource.Silent(o.Pkg().Name()+"."+o.Name())
		}
	}
	return false
}
