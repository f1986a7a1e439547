package cellsource

import (
	"go/token"
	"strings"
)

// Editor makes a Go file of a cell that is being typed, for a language server: before, which is
// what earlier cells declare, then the declarations of this cell, and the rest in func main. It
// returns the offset in the file of offset at of the cell.
func Editor(code string, at int, before string) (file string, offset int) {
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
	var inDecls, inStmts int // where the place is
	foundDecl, foundStmt := false, false
	last := 0
	pieces := cut(source)
	for i, p := range pieces {
		end := len(source)
		if i+1 < len(pieces) {
			end = pieces[i+1].start
		}
		to, in, mark := &stmts, &inStmts, &foundStmt
		switch p.tok {
		case token.IMPORT, token.TYPE, token.CONST, token.VAR, token.FUNC:
			if is, err := p.isDeclaration(source); p.tok == token.IMPORT || !starts && (err != nil || is) &&
				p.tok != token.VAR && p.tok != token.CONST {
				to, in, mark = &decls, &inDecls, &foundDecl
			}
		}
		if at >= last && at <= end && !foundStmt && !foundDecl {
			*in, *mark = to.Len()+max(0, at-p.start), true
		}
		to.WriteString(source[p.start:end])
		to.WriteString("\n")
		last = end
	}
	if !foundStmt && !foundDecl {
		inStmts = stmts.Len()
	}
	const head = "package main\n\n"
	const open = "\nfunc main() {\n"
	file = head + decls.String() + open + stmts.String() + "\n}\n"
	if foundDecl {
		return file, len(head) + inDecls
	}
	return file, len(head) + decls.Len() + len(open) + inStmts
}
