package cellsource

import (
	"go/scanner"
	"go/token"
	"strings"
)

// IsComplete reports to a console whether a cell can run as it is: "complete", "invalid", or
// "incomplete", with the indentation of the next line.
func IsComplete(code string) (status, indent string) {
	if strings.TrimSpace(code) == "" {
		return "complete", ""
	}
	if first, rest, more := strings.Cut(code, "\n"); isScript(trimPrefix(first)) {
		if !more || rest != "" && !strings.HasSuffix(rest, "\n") {
			return "incomplete", ""
		}
		return "complete", ""
	}
	if _, ok := Question(code); ok {
		return "complete", ""
	}
	lines := strings.Split(code, "\n")
	for i, line := range lines {
		special := trimPrefix(line)
		if isSpecial(special) || i > 0 && strings.HasSuffix(lines[i-1], `\`) {
			if i == len(lines)-1 {
				if strings.HasSuffix(special, `\`) || startsProgram(special) && special != "%test" {
					return "incomplete", ""
				}
				return "complete", ""
			}
			lines[i] = ""
		}
	}
	source := strings.Join(lines, "\n")
	open, state := brackets(source)
	switch {
	case state == wrong:
		return "invalid", ""
	case open > 0 || state == unterminated:
		if !strings.HasSuffix(source, "\n\n\n") {
			return "incomplete", strings.Repeat("\t", max(open, 0))
		}
		return "invalid", ""
	}
	if onlyDeclarations(source) {
		return "complete", ""
	}
	_, err := split(source)
	list, ok := err.(scanner.ErrorList)
	switch {
	case err == nil:
		return "complete", ""
	case !ok:
		return "invalid", ""
	}
	// An error at the very end may disappear with the next line.
	trimmed := strings.TrimRight(source, " \t\n")
	last := strings.Count(trimmed, "\n") + 1
	column := len(trimmed) - strings.LastIndexByte(trimmed, '\n')
	if at := list[0].Pos; at.Line == last && at.Column >= column && isOpen(trimmed) {
		return "incomplete", strings.Repeat("\t", max(open, 0))
	}
	return "invalid", ""
}

const (
	fine = iota
	wrong
	unterminated
)

// brackets counts the brackets that are open at the end. The state is wrong if a bracket closes
// another kind, and unterminated if a raw string or a comment does not end.
func brackets(source string) (open, state int) {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(source))
	var s scanner.Scanner
	s.Init(file, []byte(source), func(_ token.Position, msg string) {
		switch {
		case strings.Contains(msg, "comment not terminated") ||
			strings.Contains(msg, "raw string literal not terminated"):
			state = unterminated
		case state == fine:
			state = wrong
		}
	}, 0)
	var stack []token.Token
	for {
		_, tok, _ := s.Scan()
		switch tok {
		case token.EOF:
			return len(stack), state
		case token.LPAREN, token.LBRACE, token.LBRACK:
			stack = append(stack, tok)
		case token.RPAREN, token.RBRACE, token.RBRACK:
			pairs := map[token.Token]token.Token{token.RPAREN: token.LPAREN, token.RBRACE: token.LBRACE,
				token.RBRACK: token.LBRACK}
			if len(stack) == 0 || stack[len(stack)-1] != pairs[tok] {
				return 0, wrong
			}
			stack = stack[:len(stack)-1]
		}
	}
}

// isOpen reports whether the last token of a text requires another one.
func isOpen(source string) bool {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(source))
	var s scanner.Scanner
	s.Init(file, []byte(source), func(token.Position, string) {}, 0)
	last := token.ILLEGAL
	for {
		_, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		if tok != token.SEMICOLON || lit != "\n" {
			last = tok
		}
	}
	switch last {
	case token.PERIOD, token.COMMA, token.ASSIGN, token.DEFINE, token.ELSE, token.ARROW, token.COLON,
		token.FUNC, token.TYPE, token.VAR, token.CONST, token.IMPORT, token.FOR, token.IF, token.SWITCH, token.SELECT,
		token.RETURN, token.DEFER, token.GO, token.STRUCT, token.INTERFACE, token.MAP, token.CHAN, token.RANGE:
		return last != token.RETURN
	}
	return last.IsOperator() && last != token.RPAREN && last != token.RBRACK && last != token.RBRACE &&
		last != token.INC && last != token.DEC && last != token.SEMICOLON
}
