package rewrite

import (
	"fmt"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Types of earlier cells belong to packages whose names hold the cell's number, so that messages
// can name the cell.
const qualifier = "\uE001"

// qualify renames the package of a checked cell for the messages about later cells.
func qualify(p *types.Package, id int) { p.SetName(qualifier + strconv.Itoa(id)) }

var qualified = regexp.MustCompile(qualifier + `(\d+)\.([\pL_][\pL_\d]*)`)

// report records an error that the checker found in the cell.
func (w *rewriting) report(e types.Error) {
	msg := e.Msg
	at := offset(w.fset, e.Pos)
	line, column := w.position(at)
	if rest, ok := strings.CutPrefix(msg, "\t"); ok { // continues the error before
		if n := len(w.errs.List); n > 0 {
			w.errs.List[n-1].Msg += fmt.Sprintf("\n\t%s:%d:%d: %s", w.name, line, column, w.message(rest))
		}
		return
	}
	if w.showsLast(e.Pos, msg) {
		return
	}
	for _, d := range w.hoisting.defs {
		if d.assign != nil && d.assign.Pos() <= e.Pos && e.Pos <= d.assign.End() {
			msg = strings.ReplaceAll(msg, "variable declaration", "assignment")
		}
	}
	if name, ok := strings.CutPrefix(msg, "undefined: "); ok {
		if e := w.base.unset[written(name)]; e != nil {
			msg += " (cell " + e.src.label() + " ended before it reached " + written(name) + ")"
		}
	}
	w.errs.add(Diagnostic{Line: line, Column: column, Msg: w.message(msg), Cell: w.number()})
}

// message rewrites a message for the user. It restores the names as written. If types of the same
// name differ, it adds which cells they are from.
func (w *rewriting) message(msg string) string {
	msg = strings.NewReplacer(suffixOld, "", suffixShadow, "", suffixUnset, "").Replace(msg)
	for _, r := range compilerWords {
		msg = r.from.ReplaceAllString(msg, r.to)
	}
	cells := map[string][]int{} // by name; 0 is this cell
	for _, m := range qualified.FindAllStringSubmatch(msg, -1) {
		id, _ := strconv.Atoi(m[1])
		if !slices.Contains(cells[m[2]], id) {
			cells[m[2]] = append(cells[m[2]], id)
		}
	}
	for name := range cells {
		plain := regexp.MustCompile(`(^|[^\pL_\d.` + qualifier + `])` + name + `($|[^\pL_\d])`)
		bare := qualified.ReplaceAllString(msg, " ")
		if o, ok := w.pkg.Scope().Lookup(name).(*types.TypeName); ok && o.Pkg() == w.pkg && plain.MatchString(bare) {
			cells[name] = append(cells[name], 0)
			label := w.typeLabel(name, w.id)
			msg = plain.ReplaceAllString(msg, "${1}"+label+"${2}")
		}
	}
	return qualified.ReplaceAllStringFunc(msg, func(text string) string {
		m := qualified.FindStringSubmatch(text)
		if len(cells[m[2]]) < 2 {
			return m[2]
		}
		id, _ := strconv.Atoi(m[1])
		return w.typeLabel(m[2], id)
	})
}

// compilerWords lists where the compiler's messages differ from the checker's.
var compilerWords = []struct {
	from *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`^break not in for, switch, or select statement$`),
		"break is not in a loop, switch, or select"},
	{regexp.MustCompile(`^continue not in for statement$`), "continue is not in a loop"},
	{regexp.MustCompile(`^label (\S+) not declared$`), "label $1 not defined"},
	{regexp.MustCompile(`^label (\S+) declared and not used$`), "label $1 defined and not used"},
}

// typeLabel names a type of package main/id together with its cell.
func (w *rewriting) typeLabel(name string, id int) string {
	in := w.sources[id]
	from := in
	if id == w.id {
		in, from = w.source, w.source
		for _, d := range w.again {
			if d.kind == kindType && d.names[0] == name {
				from = d.src
			}
		}
	} else if e := w.typeOf(name, id); e != nil && e.decl != nil {
		from = e.decl.src
	}
	if in == nil || from == nil {
		return name
	}
	label := name + " of cell " + from.label()
	if from != in {
		label += " (compiled again with cell " + in.label() + ")"
	}
	return label
}

// typeOf returns the type with a name that package main/id holds.
func (w *rewriting) typeOf(name string, id int) *entity {
	for _, e := range w.owners {
		if e.pkg == id && e.name == name && e.kind == kindType {
			return e
		}
	}
	return nil
}
