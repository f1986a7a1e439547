package cellsource

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// header stands before the user's text, on its first line, when it is parsed as a file.
const header = "package cell;"

// onlyDeclarations tells whether a text is a file but for its package clause.
func onlyDeclarations(source string) bool {
	_, err := parser.ParseFile(token.NewFileSet(), "", header+source, parser.SkipObjectResolution)
	return err == nil
}

// A piece is one declaration or statement at the top of a cell.
type piece struct {
	start, end int // bytes of the source
	decl       bool
	tok        token.Token // what it begins with
	stmt       ast.Stmt    // of a statement
	offset     int         // what to take from a position of stmt to get a byte of the source
	define     int         // the place of a := that is to become =
}

// split cuts a cell into its pieces. The error is that of the parser, at its place in the cell.
func split(source string) ([]piece, error) {
	var pieces []piece
	for _, p := range cut(source) {
		if err := p.parse(source); err != nil {
			return nil, err
		}
		pieces = append(pieces, p)
	}
	return pieces, nil
}

// cut cuts a text at the semicolons, written or not, that are in no brackets.
func cut(source string) []piece {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(source))
	var s scanner.Scanner
	s.Init(file, []byte(source), func(token.Position, string) {}, 0) // the parser reports errors
	var pieces []piece
	depth, start := 0, -1
	var first token.Token
	last := 0       // the end of the last token
	header := false // a statement has begun whose head may hold semicolons
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
			if header && lit == ";" && start >= 0 {
				if p := (piece{start: start, end: last, tok: first}); p.parse(source) != nil {
					continue
				}
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
		if last = at + len(lit); lit == "" {
			last = at + len(tok.String())
		}
		switch tok {
		case token.LPAREN, token.LBRACE, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACE, token.RBRACK:
			depth--
		case token.FOR, token.IF, token.SWITCH:
			header = header || depth == 0
		}
	}
}

// body is what statements are parsed in.
const body = "package cell;func _(){"

// parse finds out whether the piece is a declaration or a statement. Types, constants and variables can be both, and
// are taken for declarations first.
func (p *piece) parse(source string) error {
	text := source[p.start:p.end]
	switch p.tok {
	case token.IMPORT, token.TYPE, token.CONST, token.VAR, token.FUNC:
		_, err := parser.ParseFile(token.NewFileSet(), "", header+text, parser.SkipObjectResolution)
		if err == nil {
			p.decl = true
			return nil
		}
		if p.tok != token.FUNC || !strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(text, "func")), "(") {
			return p.errorIn(source, header, "", err)
		}
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", body+text+"\n}", parser.SkipObjectResolution)
	if err != nil {
		return p.errorIn(source, body, "\n}", err)
	}
	list := file.Decls[0].(*ast.FuncDecl).Body.List
	if len(file.Decls) != 1 || len(list) != 1 {
		return p.errorIn(source, body, "\n}", scanner.ErrorList{{Pos: token.Position{Line: 1, Column: len(body) + 1}, Msg: "unexpected }"}})
	}
	p.stmt = list[0]
	p.offset = int(file.FileStart) + len(body) - p.start
	return nil
}

// errorIn moves the positions of an error from the parsed text, with a prefix on its first line, to the source.
func (p *piece) errorIn(source, prefix, _ string, err error) error {
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
