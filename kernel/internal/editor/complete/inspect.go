package complete

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trafficlab/trafficlab/kernel/internal/oneline"
)

// Inspect returns what is known about the name at the cursor, by MIME type; nil if nothing is.
func (x *Index) Inspect(c Cell) map[string]any {
	at := c.Offset()
	_, start := c.line()
	if c.special() {
		end := start
		for end < len(c.Code) && c.Code[end] != '\n' {
			end++
		}
		word, _, _ := strings.Cut(strings.TrimPrefix(c.Code[start:end], "//gonb:"), " ")
		return Magic(word)
	}
	// Take the whole name if the cursor is inside it or after an opening parenthesis.
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

// plain returns text by its MIME type.
func plain(text string) map[string]any { return map[string]any{"text/plain": text} }

// Explain returns what is known about a topic, by MIME type: a package, a name that a package
// exports (pkg.Name, pkg.Type.Method), a declaration or a special command.
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
				names = append(names, oneline.First(n.Sign))
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

// builtin returns what is known about a predeclared name.
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

// bundle returns a declaration and its documentation as text and as Markdown.
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
