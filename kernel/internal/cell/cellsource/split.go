package cellsource

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// header precedes the user's text, on its first line, when it is parsed as a file.
const header = "package cell;"

// onlyDeclarations reports whether a text is a Go file without its package clause.
func onlyDeclarations(source string) bool {
	_, err := parser.ParseFile(token.NewFileSet(), "", header+source, parser.SkipObjectResolution)
	return err == nil
}

// A piece is a declaration or statement at the top level of a cell.
type piece struct {
	start, end int // offsets in the source
	decl       bool
	tok        token.Token // its first token
	stmt       ast.Stmt    // a statement's syntax tree
	offset     int         // what to subtract from a position of stmt to get an offset in the source
	define     int         // the offset of a := that becomes =; 0 for none
}

// split splits a cell into its pieces. The error is the parser's, at its place in the cell.
func split(source string) ([]piece, error) {
	var pieces []piece
	var run *piece // consecutive statements, which are parsed together
	flush := func() error {
		if run == nil {
			return nil
		}
		list, err := run.statements(source)
		run = nil
		pieces = append(pieces, list...)
		return err
	}
	for _, p := range cut(source) {
		isDecl, err := p.isDeclaration(source)
		if err == nil && isDecl {
			err = flush()
			pieces = append(pieces, p)
		} else if err == nil {
			if run == nil {
				run = &piece{start: p.start}
			}
			run.end = p.end
		} else if earlier := flush(); earlier != nil {
			err = earlier // report the first error in the cell
		}
		if err != nil {
			return nil, err
		}
	}
	return pieces, flush()
}

// cut cuts a text at the semicolons, explicit or implied, that are not inside brackets.
func cut(source string) []piece {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(source))
	var s scanner.Scanner
	s.Init(file, []byte(source), func(token.Position, string) {}, 0) // the parser reports errors
	var pieces []piece
	depth, start := 0, -1
	var first token.Token
	last := 0       // the end of the last token
	header := false // a statement has begun whose header may hold semicolons
	for {
		pos, tok, lit := s.Scan()
		at := file.Offset(pos)
		if tok == token.EOF {
			if start >= 0 {
				pieces = append(pieces, piece{start: start, end: last, tok: first})
			}
			return pieces
		}
		if tok == token.SEMICOLON && depth <= 0 {
			if header && lit == ";" {
				continue
			}
			header = false
			if start >= 0 {
				pieces = append(pieces, piece{start: start, end: last, tok: first})
			}
			start, depth = -1, 0
			continue
		}
		if start < 0 {
			start, first = at, tok
		}
		n := len(lit)
		if n == 0 && tok.IsOperator() {
			n = len(tok.String())
		}
		last = min(at+n, len(source)) // for text that is not Go, the token may be longer than the text
		switch tok {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
			header = header && tok != token.LBRACE
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth--
		case token.FOR, token.IF, token.SWITCH:
			header = header || depth == 0
		}
	}
}

// body precedes statements when they are parsed.
const body = "package cell;func _(){"

// isDeclaration reports whether the piece is a declaration. Types, constants and variables could be
// statements too; they count as declarations. The error is for a piece that is neither.
func (p *piece) isDeclaration(source string) (bool, error) {
	switch p.tok {
	case token.IMPORT, token.TYPE, token.CONST, token.VAR, token.FUNC:
	default:
		return false, nil
	}
	text := source[p.start:p.end]
	_, err := parser.ParseFile(token.NewFileSet(), "", header+text, parser.SkipObjectResolution)
	switch {
	case err == nil:
		p.decl = true
		return true, nil
	case p.tok == token.FUNC && strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(text, "func")), "("):
		return false, nil // a function literal that is called
	}
	return false, p.errorIn(source, header, err)
}

// statements returns the statements of a piece that consists of statements only.
func (p *piece) statements(source string) ([]piece, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", body+source[p.start:p.end]+"\n}", parser.SkipObjectResolution)
	if err != nil {
		return nil, p.errorIn(source, body, err)
	}
	if len(file.Decls) != 1 {
		return nil, p.errorIn(source, body, scanner.ErrorList{{Pos: token.Position{Line: 1, Column: len(body) + 1},
			Msg: "unexpected }"}})
	}
	offset := int(file.FileStart) + len(body) - p.start
	var out []piece
	for _, s := range file.Decls[0].(*ast.FuncDecl).Body.List {
		if _, empty := s.(*ast.EmptyStmt); !empty {
			out = append(out, piece{start: int(s.Pos()) - offset, end: min(int(s.End())-offset, p.end), stmt: s,
				offset: offset})
		}
	}
	return out, nil
}

// errorIn translates the positions of an error from the parsed text, which begins with prefix, to
// the source.
func (p *piece) errorIn(source, prefix string, err error) error {
	list, ok := err.(scanner.ErrorList)
	if !ok {
		return err
	}
	before := source[:p.start]
	line, column := strings.Count(before, "\n"), len(before)-strings.LastIndexByte(before, '\n')-1
	lines := strings.Count(source[:p.end], "\n") + 1
	moved := make(scanner.ErrorList, 0, len(list))
	for _, e := range list {
		e := *e
		if e.Pos.Line == 1 {
			e.Pos.Column += column - len(prefix)
		}
		if e.Pos.Line += line; e.Pos.Line > lines {
			last := source[:p.end]
			e.Pos.Line, e.Pos.Column = lines, len(last)-strings.LastIndexByte(last, '\n')
			e.Msg = "unexpected end of the cell"
		}
		e.Pos.Filename = ""
		moved = append(moved, &e)
	}
	moved.RemoveMultiples()
	return moved
}
