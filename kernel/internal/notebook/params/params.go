// Package params turns the parameter values of a headless run into the Go source of a cell that
// sets them.
//
// It takes the source of the notebook's parameters cell, which declares the parameters, and values
// by name. It returns declarations in which each value has the type that the notebook declares.
// They replace the notebook's own, since the last declaration of a name counts. It refuses
// undeclared names and values of the wrong type, with a one-line error, before anything runs.
package params

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"sort"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/notebook"
	"github.com/trafficlab/trafficlab/kernel/internal/oneline"
)

// A Param is a parameter that a notebook declares.
type Param struct {
	Name    string `json:"name"`
	Type    string `json:"type"`    // as written, or as Go would infer it from the value
	Default string `json:"default"` // the source of the value
	Help    string `json:"help"`    // the comment after or above it
}

// Declared returns the parameters that the source of a parameters cell declares, in order. Lines
// for GoNB or the shell are skipped.
func Declared(cell string) ([]Param, error) {
	source := notebook.GoSource(cell)
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "parameters cell", source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("kernel: %s", oneline.First(err.Error()))
	}
	var out []Param
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.VAR {
			continue
		}
		for _, spec := range gen.Specs {
			v := spec.(*ast.ValueSpec)
			for i, name := range v.Names {
				p := Param{Name: name.Name, Help: help(gen, v)}
				if len(v.Values) == len(v.Names) {
					p.Default = text(source, fset, v.Values[i])
				}
				switch {
				case v.Type != nil:
					p.Type = text(source, fset, v.Type)
				case p.Default != "":
					p.Type = inferred(v.Values[i], source, fset)
				}
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// help returns the comment of a declaration.
func help(gen *ast.GenDecl, v *ast.ValueSpec) string {
	doc := v.Comment.Text()
	if doc == "" {
		doc = v.Doc.Text()
	}
	if doc == "" && !gen.Lparen.IsValid() {
		doc = gen.Doc.Text()
	}
	return strings.Join(strings.Fields(doc), " ")
}

// text returns the source of a node.
func text(source string, fset *token.FileSet, n ast.Node) string {
	return source[fset.Position(n.Pos()).Offset:fset.Position(n.End()).Offset]
}

// inferred returns the type that Go infers for a variable with this value, or "" if that needs a
// type checker.
func inferred(e ast.Expr, source string, fset *token.FileSet) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		switch e.Kind {
		case token.INT:
			return "int"
		case token.FLOAT:
			return "float64"
		case token.STRING:
			return "string"
		}
	case *ast.UnaryExpr:
		if e.Op == token.SUB || e.Op == token.ADD {
			return inferred(e.X, source, fset)
		}
	case *ast.Ident:
		if e.Name == "true" || e.Name == "false" {
			return "bool"
		}
	case *ast.CompositeLit:
		return text(source, fset, e.Type)
	}
	return ""
}

// Inject returns the source of a cell that sets the values, or a one-line error. A value is decoded
// JSON: a string is parsed as the declared type, anything else must be of that type. A parameter
// named "data" is a path: it is made absolute, relative to the folder dir, because the kernel runs
// in another.
func Inject(cell string, values map[string]any, dir string) (string, error) {
	declared, err := Declared(cell)
	if err != nil {
		return "", err
	}
	byName, names := map[string]Param{}, []string{}
	for _, p := range declared {
		byName[p.Name] = p
		names = append(names, p.Name)
	}
	order := make([]string, 0, len(values))
	for name := range values {
		order = append(order, name)
	}
	sort.Strings(order)
	var b strings.Builder
	b.WriteString("// Parameters\nvar (\n")
	for _, name := range order {
		p, ok := byName[name]
		if !ok {
			return "", fmt.Errorf("kernel: parameter %q: not declared by the notebook, which declares: %s",
				name, orNone(strings.Join(names, ", ")))
		}
		if name == "data" && p.Type == "string" {
			if path, ok := values[name].(string); ok {
				values[name] = absolute(dir, path)
			}
		}
		literal, err := literal(p.Type, values[name])
		if err != nil {
			return "", fmt.Errorf("kernel: parameter %q: %w", name, err)
		}
		fmt.Fprintf(&b, "\t%s %s = %s\n", name, p.Type, literal)
	}
	b.WriteString(")\n")
	return b.String(), nil
}

func orNone(s string) string {
	if s == "" {
		return "none (is a cell tagged \"parameters\"?)"
	}
	return s
}
