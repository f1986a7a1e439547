package cellsource

import (
	"go/token"
	"strings"
)

// Editor makes a Go file of a cell that is being typed, for a language server: what earlier cells declare, the
// declarations of this one, and the rest in func main. It gives the place that the byte at of the cell has in it, and
// false when that is in no Go.
func Editor(code string, at int, before string) (file string, place int, ok bool) {
	lines := strings.Split(code, "\n")
	starts := false
	for i := 0; i < len(lines); i++ {
		if special := trimPrefix(lines[i]); isSpecial(special) {
			starts = starts || startsProgram(special)
			lines[i] = strings.Repeat(" ", len(lines[i]))
		}
	}
	source := strings.Join(lines, "\n")
	var decls, stmts strings.Builder
	decls.WriteString(before)
	var inDecls, inStmts int
	found := false
	found2 := false
	last := 0
	pieces := cut(source)
	for i, p := range pieces {
		end := len(source)
		if i+1 < len(pieces) {
			end = pieces[i+1].start
		}
		to, in, mark := &stmts, &inStmts, &found
		switch p.tok {
		case token.IMPORT, token.TYPE, token.CONST, token.VAR, token.FUNC:
			if is, err := p.isDeclaration(source); p.tok == token.IMPORT || !starts && (err != nil || is) && p.tok != token.VAR && p.tok != token.CONST {
				to, in, mark = &decls, &inDecls, &found2
			}
		}
		if at >= last && at <= end && !found && !found2 {
			*in, *mark = to.Len()+max(0, at-p.start), true
		}
		to.WriteString(source[p.start:end])
		to.WriteString("\n")
		last = end
	}
	if !found && !found2 {
		inStmts = stmts.Len()
	}
	const head = "package main\n\n"
	const open = "\nfunc main() {\n"
	file = head + decls.String() + open + stmts.String() + "\n}\n"
	if found2 {
		return file, len(head) + inDecls, true
	}
	return file, len(head) + decls.Len() + len(open) + inStmts, true
}
