package rewrite

import (
	"go/scanner"
	"go/token"
	"regexp"
	"strings"
)

// suspect matches cells that need a closer look.
var suspect = regexp.MustCompile(`//go:|"C"|"embed"`)

// unsupported returns an error for what only a program of its own can do: cgo, embedded files,
// compiler directives.
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
				case "go:build", "go:generate", "go:fix": // without effect in a cell
				default:
					return &Unsupported{line, directive}
				}
				// The compiler accepts no directive where this comment will be.
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
