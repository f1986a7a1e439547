// Package complete completes and explains names while a user types a cell.
//
// It takes cells with a cursor in them and what earlier cells have declared. It returns what the
// name at the cursor can become and what is known about it. It reads the sources of packages
// (go/parser, go/doc), which takes milliseconds, and compiles and runs nothing; a language server
// knows more, but takes a while to start.
package complete

import (
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/oneline"
)

// A Match is a completion of a name.
type Match struct {
	Text, Kind, Sign string
}

// Complete returns the completions of the name before the cursor, and the range of bytes that a
// match replaces.
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
				matches = append(matches, Match{n.Text, n.Kind, oneline.First(n.Sign)})
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
		add(name, "instance", oneline.First(decl))
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
	for _, p := range x.Paths() { // the checkout's packages, and those with one element of the others
		if base := p[strings.LastIndexByte(p, '/')+1:]; strings.HasPrefix(p, x.Module+"/trafficlib/") || p == base {
			add(base, "module", p)
		}
	}

	slices.SortFunc(matches, func(a, b Match) int { return strings.Compare(a.Text, b.Text) })
	return matches, start, at
}

// files returns the names of files that begin with a word.
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

// Imports returns the packages, by name, whose names precede a dot in the cell or in another text,
// and which are neither imported nor declared.
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
			if tok == token.PERIOD && name != "" && have[name] == "" && local[name] == "" && c.Declared[name] == "" &&
				out[name] == "" {
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

// keywords are the keywords of Go.
var keywords = strings.Fields(`
	break case chan const continue default defer else fallthrough for func go goto if import
	interface map package range return select struct switch type var`)

// builtins are the predeclared names of Go.
var builtins = strings.Fields(`
	any append bool byte cap clear close comparable complex complex128 complex64 copy delete error
	false float32 float64 imag int int16 int32 int64 int8 iota len make max min new nil panic
	print println real recover rune string true uint uint16 uint32 uint64 uint8 uintptr`)
