package rewrite

import (
	"go/scanner"
	"go/token"
	"regexp"
	"strings"
)

// suspect matches a cell that is to be looked at closely.
var suspect = regexp.MustCompile(`//go:|"C"|"embed"`)

// unsupported returns what in a cell wants a program of its own: cgo, embedded files, directives
// for the compiler.
func unsupported(src *source) error {
	if i := strings.Index(src.code, hidden); i >= 0 {
		line, _ := src.position(i)
		return &Unsupported{line, "the character U+FFA0"}
	}
	if !suspect.MatchString(src.code) {
		return nil
	}
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(src.code))
	var s scanner.Scanner
	s.Init(file, []byte(src.code), nil, scanner.ScanComments)
	importing := false
	for {
		pos, tok, lit := s.Scan()
		at := file.Offset(pos)
		line, column := src.position(at)
		switch tok {
		case token.EOF:
			return nil
		case token.COMMENT:
			if column == 1 && strings.HasPrefix(lit, "//go:") {
				switch directive, _, _ := strings.Cut(strings.TrimPrefix(lit, "//"), " "); directive {
				case "go:noinline":
					src.noinline[line] = true
				case "go:build", "go:generate", "go:fix": // of no concern to a cell
				default:
					return &Unsupported{line, directive}
				}
				// The compiler takes no directive where this comment will stand.
				src.code = src.code[:at] + "// o:" + src.code[at+len("//go:"):]
			}
		case token.IMPORT:
			importing = true
		case token.STRING:
			switch {
			case importing && lit == `"C"`:
				return &Unsupported{line, "cgo"}
			case importing && lit == `"embed"`:
				return &Unsupported{line, "package embed"}
			}
		case token.LPAREN, token.SEMICOLON, token.IDENT, token.PERIOD:
		default:
			importing = false
		}
	}
}
