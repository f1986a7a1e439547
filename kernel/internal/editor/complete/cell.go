package complete

import (
	"go/parser"
	"go/scanner"
	"go/token"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Cell is a cell with a cursor in it, and what the cells before it have declared.
type Cell struct {
	Code     string
	Cursor   int               // in runes
	Declared map[string]string // the declarations of earlier cells, by name
	Imports  map[string]string // the paths of imported packages, by name
	Dir      string            // the working folder, for file names
}

// Offset returns the byte offset of the cursor.
func (c Cell) Offset() int {
	at := 0
	for i := range c.Code {
		if at == c.Cursor {
			return i
		}
		at++
	}
	return len(c.Code)
}

// line returns the line of the cursor, up to the cursor, and its offset.
func (c Cell) line() (text string, start int) {
	at := c.Offset()
	start = strings.LastIndexByte(c.Code[:at], '\n') + 1
	return c.Code[start:at], start
}

// Runes returns the number of runes before a byte offset.
func (c Cell) Runes(at int) int { return utf8.RuneCountInString(c.Code[:at]) }

// Expression returns the name at the cursor with what it is selected from, as in x.f.
func (c Cell) Expression() string {
	at := c.Offset()
	part := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	start, end := at, at
	for start > 0 {
		r, n := utf8.DecodeLastRuneInString(c.Code[:start])
		if r != '.' && !part(r) {
			break
		}
		start -= n
	}
	for end < len(c.Code) {
		r, n := utf8.DecodeRuneInString(c.Code[end:])
		if !part(r) {
			break
		}
		end += n
	}
	return strings.Trim(c.Code[start:end], ".")
}

// special reports whether the cursor is in a special line, or in a cell that is not Go.
func (c Cell) special() bool {
	first, _, _ := strings.Cut(c.Code, "\n")
	first = strings.TrimPrefix(first, "//gonb:")
	for _, m := range []string{"%%writefile", "%%script", "%%bash", "%%sh", "%%gx"} {
		if name, _, _ := strings.Cut(first, " "); name == m {
			return true
		}
	}
	line, _ := c.line()
	line = strings.TrimPrefix(line, "//gonb:")
	return len(line) > 0 && (line[0] == '%' || line[0] == '!')
}

// IsGo reports whether the cursor is in Go, so that a language server may know more.
func (c Cell) IsGo() bool {
	if c.special() {
		return false
	}
	_, _, in := c.importPath()
	return !in
}

// importPath returns the beginning of the import path at the cursor, and its offset; false if the
// cursor is not in an import path.
func (c Cell) importPath() (typed string, start int, ok bool) {
	line, lineStart := c.line()
	quote := strings.IndexAny(line, "\"`")
	if quote < 0 || strings.ContainsAny(line[quote+1:], "\"`") {
		return "", 0, false
	}
	before := strings.TrimSpace(line[:quote])
	word, _, _ := strings.Cut(before, " ")
	if word != "import" {
		// In the parentheses of an import declaration there are only names and paths.
		above := c.Code[:lineStart]
		open := strings.LastIndex(above, "import (")
		if open < 0 || strings.Contains(above[open:], ")") || strings.ContainsAny(before, "(){}=,") {
			return "", 0, false
		}
	}
	return line[quote+1:], lineStart + quote + 1, true
}

// inText reports whether the cursor is in a string, a rune literal or a comment.
func (c Cell) inText() bool {
	at := c.Offset()
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(c.Code))
	var s scanner.Scanner
	s.Init(file, []byte(c.Code), func(token.Position, string) {}, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		from := file.Offset(pos)
		if tok == token.EOF || from >= at {
			return false
		}
		end := from + len(lit)
		switch tok {
		case token.STRING, token.CHAR:
			closed := len(lit) > 1 && lit[0] == lit[len(lit)-1]
			if at < end || at == end && !closed {
				return true
			}
		case token.COMMENT:
			if at < end || at == end && strings.HasPrefix(lit, "//") {
				return true
			}
		}
	}
}

// word returns the name before the cursor and, if a dot precedes it, the name before the dot; "?"
// if that is not a name.
func (c Cell) word() (prefix, owner string) {
	text := c.Code[:c.Offset()]
	prefix = lastName(text)
	text = strings.TrimRight(text[:len(text)-len(prefix)], " \t")
	rest, ok := strings.CutSuffix(text, ".")
	if !ok {
		return prefix, ""
	}
	if owner = lastName(rest); owner == "" || strings.HasSuffix(rest[:len(rest)-len(owner)], ".") {
		return prefix, "?"
	}
	return prefix, owner
}

// lastName returns the name at the end of a text.
func lastName(text string) string {
	at := len(text)
	for at > 0 {
		r, n := utf8.DecodeLastRuneInString(text[:at])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		at -= n
	}
	return text[at:]
}

// isPackage reports whether a name may be that of a package: no cell declares it.
func (c Cell) isPackage(name string) bool {
	if name == "?" {
		return false
	}
	if _, ok := c.Declared[name]; ok {
		return false
	}
	_, ok := c.names()[name]
	return !ok
}

// names returns the names that the cell itself declares, and their kinds. It uses a scanner, since
// a cell that is being typed need not parse.
func (c Cell) names() map[string]string {
	out := map[string]string{}
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(c.Code))
	var s scanner.Scanner
	s.Init(file, []byte(c.Code), func(token.Position, string) {}, 0)
	var run []string // names separated by commas, perhaps before :=
	last, comma := token.ILLEGAL, false
	for {
		_, tok, lit := s.Scan()
		switch {
		case tok == token.EOF:
			return out
		case tok == token.IDENT:
			switch last {
			case token.FUNC:
				out[lit] = "function"
			case token.TYPE:
				out[lit] = "type"
			case token.VAR, token.CONST:
				out[lit] = "instance"
			}
			if !comma {
				run = run[:0]
			}
			run, comma = append(run, lit), false
		case tok == token.COMMA:
			comma = true
		case tok == token.DEFINE:
			for _, name := range run {
				if name != "_" {
					out[name] = "instance"
				}
			}
			run, comma = run[:0], false
		default:
			run, comma = run[:0], false
		}
		last = tok
	}
}

// imports returns the paths of the packages that this cell and earlier ones import, by name.
func (c Cell) imports() map[string]string {
	out := map[string]string{}
	for name, p := range c.Imports {
		out[name] = p
	}
	lines := strings.Split(c.Code, "\n")
	for i, line := range lines {
		if line != "" && (line[0] == '%' || line[0] == '!') {
			lines[i] = ""
		}
	}
	f, _ := parser.ParseFile(token.NewFileSet(), "", "package cell;"+strings.Join(lines, "\n"), parser.ImportsOnly)
	if f == nil {
		return out
	}
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := p[strings.LastIndexByte(p, '/')+1:]
		if isVersion(name) && strings.Contains(p, "/") {
			parent := strings.TrimSuffix(p, "/"+name)
			name = parent[strings.LastIndexByte(parent, '/')+1:]
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		out[name] = p
	}
	return out
}
