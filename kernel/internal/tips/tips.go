package tips

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Cell is a cell with a place in it, and what the cells before it have declared.
type Cell struct {
	Code     string
	Cursor   int               // in runes
	Declared map[string]string // names of earlier cells → their declarations
	Imports  map[string]string // names of imported packages → their paths
	Dir      string            // the working folder, for file names
}

// A Match is a way in which a name can go on.
type Match struct {
	Text, Kind, Sign string
}

// Offset gives the byte of the cursor.
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

// line gives the line of the cursor up to it, and where it starts.
func (c Cell) line() (text string, start int) {
	at := c.Offset()
	start = strings.LastIndexByte(c.Code[:at], '\n') + 1
	return c.Code[start:at], start
}

// Runes counts the runes before a byte.
func (c Cell) Runes(at int) int { return utf8.RuneCountInString(c.Code[:at]) }

var magics = []struct{ name, help string }{
	{"%%", "%% [ARGS]: the rest of the cell is func main, run with these arguments"},
	{"%%bash", "%%bash: the rest of the cell goes to bash"},
	{"%%script", "%%script PROGRAM [ARGS]: the rest of the cell is the program's input"},
	{"%%sh", "%%sh: the rest of the cell goes to sh"},
	{"%%writefile", "%%writefile [-a] FILE: writes, or appends, the rest of the cell to the file"},
	{"%args", "%args ARGS: arguments of the cell's program"},
	{"%autoget", "%autoget: run go get before a build"},
	{"%capture", "%capture [-a] FILE: writes the output of the cell to the file as well"},
	{"%cd", "%cd [DIR]: changes the working folder, or shows it"},
	{"%clear", "%clear: takes away what the cell has shown so far"},
	{"%env", "%env NAME VALUE: sets an environment variable of all cells that follow"},
	{"%exec", "%exec FUNC [ARGS]: runs a function as the program"},
	{"%goflags", "%goflags [FLAGS]: flags of go build"},
	{"%goworkfix", "%goworkfix: adds the modules of go.work to go.mod"},
	{"%help", "%help: all special commands"},
	{"%list", "%list: what is declared"},
	{"%ls", "%ls: what is declared"},
	{"%main", "%main [ARGS]: as %%"},
	{"%noautoget", "%noautoget: do not run go get before a build"},
	{"%remove", "%remove NAME…: forgets declarations"},
	{"%reset", "%reset [go.mod]: forgets all declarations"},
	{"%rm", "%rm NAME…: forgets declarations"},
	{"%test", "%test [ARGS]: runs the tests of the cell"},
	{"%track", "%track [DIR]: follows changes of files"},
	{"%untrack", "%untrack DIR: no longer follows them"},
	{"%version", "%version: of GoNB"},
	{"%widgets", "%widgets: connects GoNB's widgets"},
	{"%with_inputs", "%with_inputs: the next shell line may ask for input"},
	{"%with_password", "%with_password: the next shell line may ask for a password"},
}

// special tells whether the place is in a line, or a cell, that is no Go.
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

// IsGo tells whether the place is in Go, so that a language server may know more.
func (c Cell) IsGo() bool {
	if c.special() {
		return false
	}
	_, _, in := c.importPath()
	return !in
}

// Complete gives how the name before the cursor can go on, and the bytes that a match takes the place of.
func (x *Index) Complete(c Cell) (matches []Match, start, end int) {
	at := c.Offset()
	line, lineStart := c.line()
	if c.special() {
		prefixed := strings.TrimPrefix(line, "//gonb:")
		skip := lineStart + len(line) - len(prefixed)
		if strings.HasPrefix(prefixed, "%") && !strings.ContainsAny(prefixed, " \t") {
			for _, m := range magics {
				if strings.HasPrefix(m.name, prefixed) {
					matches = append(matches, Match{m.name, "magic", m.help})
				}
			}
			return matches, skip, at
		}
		word := prefixed[strings.LastIndexAny(prefixed, " \t!=\"'<>|;&(")+1:]
		return files(c.Dir, word), at - len(word), at
	}
	if typed, from, ok := c.importPath(); ok {
		for _, p := range x.Paths() {
			if strings.HasPrefix(p, typed) || typed != "" && strings.HasPrefix(p, x.Module+"/"+typed) {
				matches = append(matches, Match{p, "module", ""})
			}
		}
		return matches, from, at
	}
	if c.inText() {
		return nil, at, at
	}
	prefix, owner := c.word()
	start = at - len(prefix)
	if owner != "" {
		if !c.isPackage(owner) {
			return nil, start, at
		}
		p := x.Package(x.Find(owner, c.imports()))
		if p == nil {
			return nil, start, at
		}
		for _, n := range p.Names {
			if strings.HasPrefix(n.Text, prefix) && !strings.Contains(n.Text, ".") {
				matches = append(matches, Match{n.Text, n.Kind, oneLine(n.Sign)})
			}
		}
		return matches, start, at
	}
	if prefix == "" {
		return nil, at, at
	}
	seen := map[string]bool{}
	add := func(text, kind, sign string) {
		if strings.HasPrefix(text, prefix) && text != prefix && !seen[text] {
			seen[text] = true
			matches = append(matches, Match{text, kind, sign})
		}
	}
	for name, kind := range c.names() {
		add(name, kind, "")
	}
	for name, decl := range c.Declared {
		add(name, "instance", oneLine(decl))
	}
	for name, p := range c.imports() {
		add(name, "module", p)
	}
	for _, k := range keywords {
		add(k, "keyword", "")
	}
	for _, b := range builtins {
		add(b, "function", "")
	}
	for _, p := range x.Paths() { // the checkout's packages, and the best known of the others
		if base := p[strings.LastIndexByte(p, '/')+1:]; strings.HasPrefix(p, x.Module+"/trafficlib/") || p == base {
			add(base, "module", p)
		}
	}
	slices.SortFunc(matches, func(a, b Match) int { return strings.Compare(a.Text, b.Text) })
	return matches, start, at
}

func oneLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// files gives the names of files that a word can go on to.
func files(dir, word string) []Match {
	folder, prefix := filepath.Split(word)
	at := folder
	if rest, ok := strings.CutPrefix(at, "~/"); ok {
		at = filepath.Join(os.Getenv("HOME"), rest)
	}
	if !filepath.IsAbs(at) {
		at = filepath.Join(dir, at)
	}
	entries, err := os.ReadDir(at)
	if err != nil || word == "" {
		return nil
	}
	var out []Match
	for _, e := range entries {
		if name := e.Name(); strings.HasPrefix(name, prefix) && (prefix != "" || name[0] != '.') && len(out) < 500 {
			if e.IsDir() {
				name += "/"
			}
			out = append(out, Match{folder + name, "path", ""})
		}
	}
	return out
}

// importPath gives the beginning of an import path in which the cursor is, and where it starts.
func (c Cell) importPath() (typed string, start int, ok bool) {
	line, lineStart := c.line()
	quote := strings.IndexAny(line, "\"`")
	if quote < 0 || strings.ContainsAny(line[quote+1:], "\"`") {
		return "", 0, false
	}
	before := strings.TrimSpace(line[:quote])
	word, _, _ := strings.Cut(before, " ")
	if word != "import" {
		// In the brackets of an import declaration there are names and paths alone.
		above := c.Code[:lineStart]
		open := strings.LastIndex(above, "import (")
		if open < 0 || strings.Contains(above[open:], ")") || strings.ContainsAny(before, "(){}=,") {
			return "", 0, false
		}
	}
	return line[quote+1:], lineStart + quote + 1, true
}

// inText tells whether the cursor is in a string, a rune or a comment.
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

// word gives the name before the cursor, and the name before a dot that stands before it; ? for something else there.
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

// isPackage tells whether a name can be that of a package: no name of the cells is the same.
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

// names gives what the cell itself declares, by way of a scanner, since a cell that is being typed is no Go yet.
func (c Cell) names() map[string]string {
	out := map[string]string{}
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(c.Code))
	var s scanner.Scanner
	s.Init(file, []byte(c.Code), func(token.Position, string) {}, 0)
	var run []string // names with commas between them, before a :=
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

// imports gives the packages that this cell and earlier ones import, by name.
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

// Imports gives the packages whose names stand before a dot in the cell, or in another text, and that neither imports
// nor declares.
func (x *Index) Imports(c Cell, other string) map[string]string {
	have, local := c.imports(), c.names()
	out := map[string]string{}
	for _, text := range []string{c.Code, other} {
		fset := token.NewFileSet()
		file := fset.AddFile("", fset.Base(), len(text))
		var s scanner.Scanner
		s.Init(file, []byte(text), func(token.Position, string) {}, 0)
		var name string
		last := token.ILLEGAL
		for {
			_, tok, lit := s.Scan()
			if tok == token.EOF {
				break
			}
			if tok == token.PERIOD && name != "" && have[name] == "" && local[name] == "" && c.Declared[name] == "" && out[name] == "" {
				if p := x.Find(name, nil); p != "" {
					out[name] = p
				}
			}
			if name = ""; tok == token.IDENT && last != token.PERIOD {
				name = lit
			}
			last = tok
		}
	}
	return out
}

var keywords = []string{"break", "case", "chan", "const", "continue", "default", "defer", "else", "fallthrough", "for", "func", "go", "goto",
	"if", "import", "interface", "map", "package", "range", "return", "select", "struct", "switch", "type", "var"}

var builtins = []string{"any", "append", "bool", "byte", "cap", "clear", "close", "comparable", "complex", "complex128", "complex64", "copy",
	"delete", "error", "false", "float32", "float64", "imag", "int", "int16", "int32", "int64", "int8", "iota", "len", "make", "max", "min",
	"new", "nil", "panic", "print", "println", "real", "recover", "rune", "string", "true", "uint", "uint16", "uint32", "uint64", "uint8",
	"uintptr"}

// Inspect tells what is known of the name at the cursor, as MIME types; nil for nothing.
func (x *Index) Inspect(c Cell) map[string]any {
	at := c.Offset()
	line, start := c.line()
	if c.special() {
		end := start
		for end < len(c.Code) && c.Code[end] != '\n' {
			end++
		}
		_ = line
		word, _, _ := strings.Cut(strings.TrimPrefix(c.Code[start:end], "//gonb:"), " ")
		return Magic(word)
	}
	// The whole name, when the cursor is in its middle, or behind an opening bracket.
	for at > 0 && (c.Code[at-1] == '(' || c.Code[at-1] == ' ') && lastName(c.Code[:at]) == "" {
		at--
	}
	end := at
	for end < len(c.Code) {
		r, n := utf8.DecodeRuneInString(c.Code[end:])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		end += n
	}
	whole := c
	whole.Cursor = c.Runes(end)
	name, owner := whole.word()
	if name == "" {
		return nil
	}
	if owner != "" && owner != "?" && c.isPackage(owner) {
		return x.Explain(owner+"."+name, c)
	}
	if owner == "" {
		return x.Explain(name, c)
	}
	return nil
}

// Magic tells what a special command does.
func Magic(name string) map[string]any {
	if strings.HasPrefix(name, "!") {
		return plain("!COMMAND: runs a line of the shell; one that fails fails the cell. !*COMMAND runs it in the folder of the build.")
	}
	for _, m := range magics {
		if m.name == name {
			return plain(m.help)
		}
	}
	return nil
}

func plain(text string) map[string]any { return map[string]any{"text/plain": text} }

// Explain tells what is known of a name: of a package, of something that it exports (pkg.Name, pkg.Type.Method), of a
// declaration, of a special command.
func (x *Index) Explain(topic string, c Cell) map[string]any {
	if strings.HasPrefix(topic, "%") || strings.HasPrefix(topic, "!") {
		return Magic(topic)
	}
	if decl, ok := c.Declared[topic]; ok {
		return bundle(decl, "")
	}
	if owner, name, ok := strings.Cut(topic, "."); ok && !strings.Contains(owner, "/") {
		p := x.Package(x.Find(owner, c.imports()))
		if p == nil {
			return nil
		}
		for _, n := range p.Names {
			if n.Text == name {
				return bundle(n.Sign, n.Doc)
			}
		}
		return nil
	}
	importPath := topic
	if !strings.Contains(topic, "/") {
		importPath = x.Find(topic, c.imports())
	} else if p := x.Module + "/" + topic; x.Package(p) != nil {
		importPath = p
	}
	if p := x.Package(importPath); p != nil && p.Name != "main" {
		head := fmt.Sprintf("package %s // import %q", p.Name, p.Path)
		var names []string
		for _, n := range p.Names {
			if n.Kind != "method" && len(names) < 200 {
				names = append(names, oneLine(n.Sign))
			}
		}
		return bundle(head, p.Doc+"\n"+strings.Join(slices.Compact(names), "\n"))
	}
	if slices.Contains(builtins, topic) {
		if p := x.builtin(topic); p != nil {
			return p
		}
	}
	return nil
}

// builtin tells of what the language itself brings.
func (x *Index) builtin(name string) map[string]any {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, filepath.Join(x.Goroot, "src", "builtin", "builtin.go"), nil, parser.ParseComments)
	if err != nil {
		return nil
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.Name == name {
				return bundle(source(fset, d), d.Doc.Text())
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					if s.Name.Name == name {
						return bundle("type "+name, s.Doc.Text()+d.Doc.Text())
					}
				case *ast.ValueSpec:
					for _, n := range s.Names {
						if n.Name == name {
							return bundle(name, s.Doc.Text()+d.Doc.Text())
						}
					}
				}
			}
		}
	}
	return nil
}

// bundle gives a declaration and its documentation in the forms that front ends show.
func bundle(sign, text string) map[string]any {
	var d doc.Package
	plain := sign
	markdown := "```go\n" + sign + "\n```"
	if text = strings.TrimSpace(text); text != "" {
		plain += "\n\n" + strings.TrimRight(string(d.Text(text)), "\n")
		markdown += "\n\n" + string(d.Markdown(text))
	}
	return map[string]any{"text/plain": plain, "text/markdown": markdown}
}
