package rewrite

import (
	"fmt"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Types of earlier cells belong to packages whose names tell which, so that a message can say it.
const qualifier = "\uE001"

// qualify gives the package of a cell that was checked its name for messages of later cells.
func qualify(p *types.Package, id int) { p.SetName(qualifier + strconv.Itoa(id)) }

var qualified = regexp.MustCompile(qualifier + `(\d+)\.([\pL_][\pL_\d]*)`)

// report takes an error of the checker that is about the cell.
func (w *rewriting) report(e types.Error) {
	msg := e.Msg
	at := offset(w.fset, e.Pos)
	line, column := w.position(at)
	if rest, ok := strings.CutPrefix(msg, "\t"); ok { // more about the one before
		if n := len(w.errs.List); n > 0 {
			w.errs.List[n-1].Msg += fmt.Sprintf("\n\t%s:%d:%d: %s", w.name, line, column, w.message(rest))
		}
		return
	}
	if w.showsLast(e.Pos) && strings.HasSuffix(msg, " is not used") {
		return
	}
	for _, d := range w.hoisting.defs {
		if d.assign != nil && d.assign.Pos() <= e.Pos && e.Pos <= d.assign.End() {
			msg = strings.ReplaceAll(msg, "variable declaration", "assignment")
		}
	}
	if name, ok := strings.CutPrefix(msg, "undefined: "); ok {
		if e := w.base.unset[written(name)]; e != nil {
			msg += " (cell " + e.src.label() + " ended before it came to " + written(name) + ")"
		}
	}
	w.errs.add(Diagnostic{Line: line, Column: column, Msg: w.message(msg), Cell: w.number()})
}

// message returns a message in the words of the user: names as written, and where types of one name
// are meant that differ, which cells they are of.
func (w *rewriting) message(msg string) string {
	msg = strings.NewReplacer(suffixOld, "", suffixShadow, "", suffixUnset, "").Replace(msg)
	for _, r := range compilerWords {
		msg = r.from.ReplaceAllString(msg, r.to)
	}
	cells := map[string][]int{} // by name; 0 is this one
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

// compilerWords are where the compiler's parser says otherwise what the checker says.
var compilerWords = []struct {
	from *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`^break not in for, switch, or select statement$`), "break is not in a loop, switch, or select"},
	{regexp.MustCompile(`^continue not in for statement$`), "continue is not in a loop"},
	{regexp.MustCompile(`^label (\S+) not declared$`), "label $1 not defined"},
	{regexp.MustCompile(`^label (\S+) declared and not used$`), "label $1 defined and not used"},
}

// typeLabel says which cell a type is of that package main/id holds.
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

// typeOf returns the type of a name that package main/id holds.
func (w *rewriting) typeOf(name string, id int) *entity {
	for _, e := range w.owners {
		if e.pkg == id && e.name == name && e.kind == kindType {
			return e
		}
	}
	return nil
}
