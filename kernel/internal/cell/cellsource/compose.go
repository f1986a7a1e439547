package cellsource

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
)

// compose writes a cell of statements: special lines, declarations, and a program of the rest.
func (c *Cell) compose(lines, goLines []string, pieces []piece, past *Past) {
	source := strings.Join(goLines, "\n")
	decls, stmts := arrange(source, pieces, past)
	c.funcs, c.vars = functions(source, decls), variables(source, decls)
	c.ran = c.statements(source, stmts)
	var before, after string
	if past != nil {
		before, after = past.needed(c.ran.mentions)
	}
	w := &writer{source: source}
	for i := range lines {
		if goLines[i] == "" && strings.TrimSpace(lines[i]) != "" && isSpecial(trimPrefix(lines[i])) {
			w.line(lines[i], i)
			for strings.HasSuffix(lines[i], `\`) && i+1 < len(lines) {
				i++
				w.line(lines[i], i)
			}
		}
	}
	for _, p := range decls {
		w.piece(p, p.prefix, p.suffix)
	}
	if len(stmts) > 0 {
		start := "%%"
		for _, m := range c.magic { // which the line that starts a program would take back
			if args, ok := strings.CutPrefix(m, "%args "); ok {
				start = "%% " + args
			}
		}
		w.line(start, w.lineOf(stmts[0].start))
		if before != "" {
			w.line(before, w.lineOf(stmts[0].start))
			c.begins = true
		}
		for i, p := range stmts {
			prefix, suffix := p.prefix, p.suffix
			if i == len(stmts)-1 && showable(p.stmt) {
				// A space, and not a line, behind it: a comment stays outside.
				prefix, suffix = Show+"(", ")"
				c.shows = true
			}
			w.piece(p, prefix, suffix)
		}
		if after != "" {
			w.line(after, w.lineOf(stmts[len(stmts)-1].end))
		}
	}
	c.Text, c.lines, c.shifts = strings.Join(w.lines, "\n"), w.from, w.shifts
}

// functions returns what each of the functions among declarations mentions.
func functions(source string, decls []placed) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, p := range decls {
		if p.tok == token.FUNC {
			text := source[p.start:p.end]
			for _, name := range namesOfFunc(text) {
				out[name] = mentioned(text)
			}
		}
	}
	return out
}

// variables returns the names of the variables among declarations.
func variables(source string, decls []placed) map[string]bool {
	out := map[string]bool{}
	for _, p := range decls {
		if p.tok != token.VAR && p.define == 0 {
			continue
		}
		names, _ := declaredIn(token.VAR, p.prefix+p.text(source))
		for _, name := range names {
			out[name] = true
		}
	}
	return out
}

// namesOfFunc returns the name of a declared function, or of the type that a declared method is of.
func namesOfFunc(decl string) []string {
	file, err := parser.ParseFile(token.NewFileSet(), "", header+decl, parser.SkipObjectResolution)
	if err != nil || len(file.Decls) != 1 {
		return nil
	}
	f, ok := file.Decls[0].(*ast.FuncDecl)
	if !ok {
		return nil
	}
	if f.Recv == nil {
		return []string{f.Name.Name}
	}
	t := f.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if index, ok := t.(*ast.IndexExpr); ok {
		t = index.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return []string{id.Name}
	}
	return nil
}

// statements notes what the cell runs. A cell that may return in the middle is not run again.
func (c *Cell) statements(source string, stmts []placed) ran {
	r := ran{brings: map[string]bool{}, changes: map[string]bool{}, mentions: map[string]bool{}}
	var text strings.Builder
	returns := false
	for i, p := range stmts {
		piece := p.text(source)
		if i == len(stmts)-1 && showable(p.stmt) {
			r.last = strings.TrimRight(oneLine(piece), "; ")
		} else {
			text.WriteString(p.prefix + oneLine(piece) + ";" + p.suffix + ";")
		}
		maps.Copy(r.mentions, mentioned(piece))
		if p.stmt != nil {
			maps.Copy(r.changes, changed([]ast.Stmt{p.stmt}))
			if a, ok := p.stmt.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
				for _, e := range a.Lhs {
					if id, ok := e.(*ast.Ident); ok {
						r.brings[id.Name] = true
					}
				}
			}
			returns = returns || returnsIn(p.stmt)
			continue
		}
		names, _ := declaredIn(p.tok, source[p.start:p.end])
		for _, n := range append(names, namesOfFunc(source[p.start:p.end])...) {
			r.brings[n], r.changes[n] = true, true
		}
	}
	if r.text = text.String(); returns {
		r.text, r.last = "", ""
	}
	return r
}

func returnsIn(s ast.Stmt) (yes bool) {
	ast.Inspect(s, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			yes = true
		}
		return true
	})
	return yes
}

// A placed piece is one with what is to be written around it, or in its place.
type placed struct {
	piece
	prefix, suffix string
	instead        string
}

// text returns what stands between the prefix and the suffix.
func (p placed) text(source string) string {
	if p.instead != "" {
		return p.instead
	}
	text := source[p.start:p.end]
	if p.define > 0 { // x := 1 becomes var x = 1
		at := p.define - p.start
		text = text[:at] + " =" + text[at+2:]
	}
	return text
}

// arrange tells declarations from statements. Declarations hold for later cells too, so types, constants and variables
// are declarations unless they need a name that a statement of this cell has brought. A short declaration of a
// constant value becomes one of a variable, when nothing in the cell changes it: so its name is there in later cells.
// Names that a statement brings are used once, since Go refuses those that nobody uses.
func arrange(source string, pieces []piece, past *Past) (decls, stmts []placed) {
	local := map[string]bool{}
	changed := changes(pieces)
	for _, p := range pieces {
		if p.decl {
			text := source[p.start:p.end]
			if names, free := declaredIn(p.tok, text); p.tok == token.VAR || p.tok == token.CONST || p.tok == token.TYPE {
				if needs(free, local) || past != nil && past.brings(free) {
					for _, n := range names {
						local[n] = true
					}
					var suffix string
					if p.tok == token.VAR {
						suffix = use(names)
					}
					stmts = append(stmts, placed{piece: p, suffix: suffix})
					continue
				}
			}
			if p.tok == token.FUNC && past != nil && past.brings(slices.Collect(maps.Keys(mentioned(source[p.start:p.end])))) {
				if text := asVariable(source[p.start:p.end]); text != "" {
					names := namesOfFunc(source[p.start:p.end])
					local[names[0]] = true
					stmts = append(stmts, placed{piece: p, instead: text, suffix: use(names)})
					continue
				}
			}
			decls = append(decls, placed{piece: p})
			continue
		}
		a, ok := p.stmt.(*ast.AssignStmt)
		if !ok || a.Tok != token.DEFINE {
			stmts = append(stmts, placed{piece: p})
			continue
		}
		var names []string
		for _, e := range a.Lhs {
			if id, ok := e.(*ast.Ident); ok && id.Name != "_" {
				names = append(names, id.Name)
			}
		}
		if len(a.Lhs) == 1 && len(a.Rhs) == 1 && len(names) == 1 && constant(a.Rhs[0]) && changed[names[0]] == 1 && !local[names[0]] {
			decl := placed{piece: p, prefix: "var "}
			decl.define = int(a.TokPos) - p.offset
			decls = append(decls, decl)
			continue
		}
		for _, n := range names {
			local[n] = true
		}
		stmts = append(stmts, placed{piece: p, suffix: use(names)})
	}
	return decls, stmts
}

func use(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "; " + strings.Repeat("_, ", len(names)-1) + "_ = " + strings.Join(names, ", ")
}

// changes counts how often names are defined, assigned or have their address taken, anywhere in the cell.
func changes(pieces []piece) map[string]int {
	out := map[string]int{}
	count := func(e ast.Expr) {
		for {
			switch x := e.(type) {
			case *ast.Ident:
				out[x.Name]++
				return
			case *ast.IndexExpr:
				e = x.X
			case *ast.SelectorExpr:
				e = x.X
			case *ast.ParenExpr:
				e = x.X
			case *ast.StarExpr:
				e = x.X
			default:
				return
			}
		}
	}
	for _, p := range pieces {
		if p.stmt == nil {
			continue
		}
		ast.Inspect(p.stmt, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.AssignStmt:
				for _, e := range x.Lhs {
					count(e)
				}
			case *ast.IncDecStmt:
				count(x.X)
			case *ast.UnaryExpr:
				if x.Op == token.AND {
					count(x.X)
				}
			case *ast.RangeStmt:
				count(x.Key)
				count(x.Value)
			}
			return true
		})
	}
	return out
}

// constant tells whether an expression is made of literals alone.
func constant(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return x.Name == "true" || x.Name == "false"
	case *ast.ParenExpr:
		return constant(x.X)
	case *ast.UnaryExpr:
		return x.Op != token.AND && x.Op != token.ARROW && constant(x.X)
	case *ast.BinaryExpr:
		return constant(x.X) && constant(x.Y)
	}
	return false
}

// declaredIn gives the names that a declaration brings, and all names that stand in it.
func declaredIn(_ token.Token, text string) (names, all []string) {
	file, err := parser.ParseFile(token.NewFileSet(), "", header+text, parser.SkipObjectResolution)
	if err != nil {
		return nil, nil
	}
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range g.Specs {
			switch s := s.(type) {
			case *ast.ValueSpec:
				for _, n := range s.Names {
					if n.Name != "_" {
						names = append(names, n.Name)
					}
				}
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			}
		}
		ast.Inspect(g, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				all = append(all, id.Name)
			}
			return true
		})
	}
	return names, all
}

func needs(names []string, local map[string]bool) bool {
	for _, n := range names {
		if local[n] {
			return true
		}
	}
	return false
}

// printers are functions whose values nobody wants to see.
var printers = map[string]bool{"fmt.Print": true, "fmt.Println": true, "fmt.Printf": true, "fmt.Fprint": true, "fmt.Fprintln": true,
	"fmt.Fprintf": true, "fmt.Scan": true, "fmt.Scanln": true, "fmt.Scanf": true, "print": true, "println": true, "panic": true,
	"close": true, "delete": true, "clear": true, "copy": true, "os.Exit": true, "time.Sleep": true, "io.WriteString": true}

// showable tells whether a statement is an expression whose value is to be shown. Whether a function has a value at
// all only the compiler can tell.
func showable(s ast.Stmt) bool {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	switch x := e.X.(type) {
	case *ast.UnaryExpr:
		return x.Op != token.ARROW
	case *ast.CallExpr:
		if f, ok := x.Fun.(*ast.SelectorExpr); ok {
			if p, ok := f.X.(*ast.Ident); ok && (p.Name == "nb" || p.Name == "gonbui") {
				return false
			}
		}
		return !isPrinter(x)
	}
	return true
}

// isPrinter reports whether a call is one of printers.
func isPrinter(call *ast.CallExpr) bool {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return printers[f.Name]
	case *ast.SelectorExpr:
		if p, ok := f.X.(*ast.Ident); ok {
			return printers[p.Name+"."+f.Sel.Name]
		}
	}
	return false
}

// A writer writes lines and keeps where they came from.
type writer struct {
	source string
	ends   []int // of its lines
	lines  []string
	from   []int
	shifts []int
}

func (w *writer) line(text string, from int) {
	w.lines, w.from, w.shifts = append(w.lines, text), append(w.from, from), append(w.shifts, 0)
}

// lineOf gives the line, from 0, of a byte of the source.
func (w *writer) lineOf(at int) int {
	if w.ends == nil {
		w.ends = []int{}
		for i := range len(w.source) {
			if w.source[i] == '\n' {
				w.ends = append(w.ends, i)
			}
		}
	}
	n, _ := slices.BinarySearch(w.ends, at)
	return n
}

// piece writes a piece on lines of its own, at the columns that it has in the source.
func (w *writer) piece(p placed, prefix, suffix string) {
	text := p.text(w.source)
	lineStart := strings.LastIndexByte(w.source[:p.start], '\n') + 1
	indent := ""
	if lead := w.source[lineStart:p.start]; strings.TrimLeft(lead, " \t") == "" {
		indent = lead
	} else {
		indent = strings.Repeat(" ", len(lead)) // what stood before it is on another line now
	}
	parts := strings.Split(text, "\n")
	first := w.lineOf(p.start)
	for i, part := range parts {
		shift := 0
		if i == 0 {
			part, shift = indent+prefix+part, len(prefix)
		}
		if i == len(parts)-1 {
			part += suffix
		}
		w.line(part, first+i)
		w.shifts[len(w.shifts)-1] = shift
	}
}

// Unshow takes the call of [Show] out of a Go file, and leaves the expression. Lines stay where they are.
func Unshow(source []byte) ([]byte, bool) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, false
	}
	var found *ast.CallExpr
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if id, ok := call.Fun.(*ast.Ident); ok && id.Name == Show && len(call.Args) == 1 {
				found = call
			}
		}
		return true
	})
	if found == nil {
		return nil, false
	}
	at := func(p token.Pos) int { return fset.Position(p).Offset }
	var out []byte
	out = append(out, source[:at(found.Pos())]...)
	out = append(out, source[at(found.Lparen)+1:at(found.Rparen)]...)
	return append(out, source[at(found.Rparen)+1:]...), true
}
