package rewrite

import (
	"go/ast"
	"go/token"
)

// A kind is a kind of entity that a name refers to.
type kind string

const (
	kindVar    kind = "var"
	kindFunc   kind = "func"
	kindMethod kind = "method"
	kindType   kind = "type"
	kindConst  kind = "const"
	kindImport kind = "import"
)

// A declaration is that of a func, a method, a type or a group of constants, in a form that can be
// compiled again with a later cell.
type declaration struct {
	src      *source
	kind     kind
	names    []string // the declared names; a method's own name
	recv     string   // the type of a method's receiver
	node     ast.Decl
	from, to int    // offsets in the source
	prefix   string // text to write before it: a directive, or the keyword if it stood in a group

	// Found by the checker.
	imports map[string]string // the imports that it uses: name → path
	uses    map[string]bool   // the session's names and the predeclared names that it uses
	refs    []*ast.Ident      // its uses of the session's names
}

// key identifies a declaration within the session. For a method it is T.M.
func (d *declaration) key() string {
	if d.kind == kindMethod {
		return d.recv + "." + d.names[0]
	}
	return string(d.kind) + " " + d.names[0]
}

// isInit reports whether a declaration is a func init, of which a cell may have several.
func (d *declaration) isInit() bool { return d.kind == kindFunc && d.names[0] == "init" }

// text returns the declaration as written.
func (d *declaration) text() string { return d.prefix + d.src.code[d.from:d.to] }

// declarations returns the declarations of a cell in their order, without imports.
func declarations(fset *token.FileSet, p *parsed) []*declaration {
	var out []*declaration
	add := func(d *declaration, from, to token.Pos) {
		d.src = p.source
		d.from = max(0, min(offset(fset, from), len(p.code))) // unfinished code may have any positions
		d.to = max(d.from, min(offset(fset, to), len(p.code)))
		out = append(out, d)
	}
	for _, decl := range p.file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			d := &declaration{kind: kindFunc, names: []string{decl.Name.Name}, node: decl}
			if decl.Recv != nil {
				d.kind, d.recv = kindMethod, receiver(decl.Recv)
			}
			if line, _ := p.position(offset(fset, decl.Pos())); p.noinline[line-1] {
				d.prefix = "//go:noinline\n"
			}
			add(d, decl.Pos(), decl.End())
		case *ast.GenDecl:
			switch decl.Tok {
			case token.CONST: // a constant may depend on those before it
				var names []string
				for _, spec := range decl.Specs {
					for _, name := range spec.(*ast.ValueSpec).Names {
						names = append(names, name.Name)
					}
				}
				if len(names) > 0 {
					add(&declaration{kind: kindConst, names: names, node: decl}, decl.Pos(), decl.End())
				}
			case token.TYPE:
				for _, spec := range decl.Specs {
					d := &declaration{kind: kindType, names: []string{spec.(*ast.TypeSpec).Name.Name}, node: decl}
					if !decl.Lparen.IsValid() {
						add(d, decl.Pos(), decl.End())
						continue
					}
					d.prefix = "type "
					d.node = &ast.GenDecl{Tok: token.TYPE, TokPos: spec.Pos(), Specs: []ast.Spec{spec}}
					add(d, spec.Pos(), spec.End())
				}
			}
		}
	}
	return out
}

// receiver returns the name of a method's type.
func receiver(list *ast.FieldList) string {
	if len(list.List) == 0 {
		return ""
	}
	expr := list.List[0].Type
	for {
		switch x := expr.(type) {
		case *ast.StarExpr:
			expr = x.X
		case *ast.ParenExpr:
			expr = x.X
		case *ast.IndexExpr:
			expr = x.X
		case *ast.IndexListExpr:
			expr = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}
