package cellsource

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Declared records what cells have declared so far, as GoNB does: the last declaration of a name
// holds.
type Declared struct {
	Names   map[string]string // text by name, without imports; a method is T.M
	Imports map[string]string // path by name
}

// Add adds a cell that succeeded.
func (d *Declared) Add(c *Cell) {
	if d.Names == nil {
		d.Names, d.Imports = map[string]string{}, map[string]string{}
	}
	for _, m := range c.magics {
		fields := strings.Fields(m)
		switch fields[0] {
		case "%reset":
			if len(fields) == 1 {
				clear(d.Names)
				clear(d.Imports)
			}
		case "%rm", "%remove":
			for _, name := range fields[1:] {
				delete(d.Names, name)
				delete(d.Imports, name)
			}
		}
	}
	if c.kind == script {
		return
	}
	lines := strings.Split(c.Text, "\n")
	for i, line := range lines {
		special := trimPrefix(line)
		if startsProgram(special) && !strings.HasPrefix(special, "%test") && !strings.HasPrefix(special, "%exec") {
			lines = lines[:i]
			break
		}
		if isSpecial(special) || strings.HasPrefix(line, "package ") {
			lines[i] = ""
		}
	}
	source := header + strings.Join(lines, "\n")
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", source, parser.SkipObjectResolution)
	if err != nil {
		return
	}
	text := func(n ast.Node) string { return source[fset.Position(n.Pos()).Offset:fset.Position(n.End()).Offset] }
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			name := decl.Name.Name
			if decl.Recv != nil && len(decl.Recv.List) == 1 {
				name = strings.TrimLeft(text(decl.Recv.List[0].Type), "*") + "." + name
			}
			if name != "main" {
				d.Names[name] = text(decl)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.ImportSpec:
					p, _ := strconv.Unquote(spec.Path.Value)
					name := path.Base(p)
					if spec.Name != nil {
						name = spec.Name.Name
					}
					d.Imports[name] = p
				case *ast.TypeSpec:
					d.Names[spec.Name.Name] = "type " + text(spec)
				case *ast.ValueSpec:
					if decl.Tok == token.CONST && len(decl.Specs) > 1 {
						for _, n := range spec.Names { // a constant may depend on those before it
							d.Names[n.Name] = text(decl)
						}
						continue
					}
					for _, n := range spec.Names {
						d.Names[n.Name] = decl.Tok.String() + " " + text(spec)
					}
				}
			}
		}
	}
}

// File returns all declarations as the beginning of a file, except those of some names.
func (d *Declared) File(without map[string]bool) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(d.Imports)) {
		if p := d.Imports[name]; path.Base(p) == name {
			fmt.Fprintf(&b, "import %q\n", p)
		} else {
			fmt.Fprintf(&b, "import %s %q\n", name, p)
		}
	}
	written := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(d.Names)) {
		if text := d.Names[name]; !without[name] && !written[text] {
			written[text] = true
			b.WriteString(text + "\n")
		}
	}
	return b.String()
}

// Copy returns a copy that does not change.
func (d *Declared) Copy() Declared {
	return Declared{maps.Clone(d.Names), maps.Clone(d.Imports)}
}
