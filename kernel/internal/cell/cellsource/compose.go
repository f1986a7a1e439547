package cellsource

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"
)

// compose writes a cell of statements: special lines, declarations, and a program made of the rest.
func (c *Cell) compose(lines, goLines []string, pieces []piece, past *Past) {
	source := strings.Join(goLines, "\n")
	decls, stmts := arrange(source, pieces, past)
	c.funcs, c.vars = functions(source, decls), variables(source, decls)
	c.executed = c.statements(source, stmts)
	var before, after string
	if past != nil {
		before, after = past.needed(c.executed.mentions)
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
		for _, m := range c.magics { // the line that starts a program would undo %args
			if args, ok := strings.CutPrefix(m, "%args "); ok {
				start = "%% " + args
			}
		}
		w.line(start, w.lineOf(stmts[0].start))
		if before != "" {
			w.line(before, w.lineOf(stmts[0].start))
			c.reruns = true
		}
		for i, p := range stmts {
			prefix, suffix := p.prefix, p.suffix
			if i == len(stmts)-1 && showable(p.stmt) {
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

// statements records what the cell runs. A cell that may return early is not run again.
func (c *Cell) statements(source string, stmts []placed) executed {
	r := executed{declares: map[string]bool{}, changes: map[string]bool{}, mentions: map[string]bool{}}
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
						r.declares[id.Name] = true
					}
				}
			}
			returns = returns || returnsIn(p.stmt)
			continue
		}
		names, _ := declaredIn(source[p.start:p.end])
		for _, n := range append(names, namesOfFunc(source[p.start:p.end])...) {
			r.declares[n], r.changes[n] = true, true
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

// A placed piece is a piece with the text to write around it, or in its place.
type placed struct {
	piece
	prefix, suffix string
	instead        string
}

// text returns the text between the prefix and the suffix.
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

// arrange separates declarations from statements. Declarations hold for later cells too, so types,
// constants and variables are declarations unless they need a name that a statement declares. A
// short declaration of a constant value becomes a declaration of a variable if nothing in the cell
// changes it, so that later cells know its name. Names that statements declare are used once,
// because Go refuses names that are not used.
func arrange(source string, pieces []piece, past *Past) (decls, stmts []placed) {
	local := map[string]bool{}
	changed := countChanges(pieces)
	for _, p := range pieces {
		if p.decl {
			text := source[p.start:p.end]
			if names, free := declaredIn(text); p.tok == token.VAR || p.tok == token.CONST || p.tok == token.TYPE {
				if needs(free, local) || past != nil && past.declaresAny(free) {
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
			if p.tok == token.FUNC && past != nil &&
				past.declaresAny(slices.Collect(maps.Keys(mentioned(source[p.start:p.end])))) {
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
		if len(a.Lhs) == 1 && len(a.Rhs) == 1 && len(names) == 1 && constant(a.Rhs[0]) && changed[names[0]] == 1 &&
			!local[names[0]] {
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

// use returns a statement that uses names.
func use(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "; " + strings.Repeat("_, ", len(names)-1) + "_ = " + strings.Join(names, ", ")
}

// constant reports whether an expression consists of literals only.
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

func needs(names []string, local map[string]bool) bool {
	for _, n := range names {
		if local[n] {
			return true
		}
	}
	return false
}
