package toolchain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// The tools are built for one architecture. Leaving the others out does not change what they
// produce for it, and saves a fifth of the build time. Source that does not look as expected is
// left alone.

// architectures are the folders of the architectures to leave out.
var architectures = []string{"arm", "arm64", "loong64", "mips", "mips64", "ppc64", "riscv64", "s390x", "wasm", "x86"}

// slim adds files without the other architectures to those that replace Go's.
func slim(root string, files map[string]string) {
	src := filepath.Join(root, "src")
	for _, name := range []string{"cmd/compile/main.go", "cmd/link/main.go"} {
		if b, err := os.ReadFile(filepath.Join(src, name)); err == nil && files[name] == "" {
			if text := withoutArchitectures(string(b)); text != "" {
				files[name] = text
			}
		}
	}
	const ssa = "cmd/compile/internal/ssa"
	rules, _ := filepath.Glob(filepath.Join(src, ssa, "rewrite*.go"))
	for _, file := range rules {
		name := path.Join(ssa, filepath.Base(file))
		b, err := os.ReadFile(file)
		if err != nil || files[name] != "" || !foreign.MatchString(filepath.Base(file)) {
			continue
		}
		if text := withoutRules(string(b)); text != "" {
			files[name] = text
		}
	}
}

// foreign matches the generated rewrite rules of other architectures.
var foreign = regexp.MustCompile(`^rewrite(386|ARM|ARM64|LOONG64|MIPS|MIPS64|PPC64|RISCV64|S390X|Wasm)` +
	`(splitload|latelower)?\.go$`)

// withoutRules reduces a file of rewrite rules to the functions that others call, which then
// rewrite nothing.
func withoutRules(source string) string {
	f, err := parser.ParseFile(token.NewFileSet(), "", source, parser.SkipObjectResolution)
	if err != nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("package ssa\n")
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			switch {
			case strings.Contains(name, "_"): // the rules of one operation
			case strings.HasPrefix(name, "rewriteValue"):
				b.WriteString("\nfunc " + name + "(v *Value) bool { return false }\n")
			case strings.HasPrefix(name, "rewriteBlock"):
				b.WriteString("\nfunc " + name + "(b *Block) bool { return false }\n")
			default:
				return ""
			}
		case *ast.GenDecl:
			if d.Tok != token.IMPORT {
				return ""
			}
		}
	}
	return b.String()
}

// withoutArchitectures removes from the source of a main function the imports of other
// architectures and the code that selects them.
func withoutArchitectures(source string) string {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", source, parser.SkipObjectResolution)
	if err != nil {
		return ""
	}
	out := map[string]bool{}
	var cuts []ast.Node
	for _, i := range f.Imports {
		name := path.Base(strings.Trim(i.Path.Value, `"`))
		if slices.Contains(architectures, name) && strings.Contains(i.Path.Value, "/internal/") {
			out[name] = true
			cuts = append(cuts, i)
		}
	}
	uses := func(n ast.Node) (found bool) {
		ast.Inspect(n, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				id, ok := s.X.(*ast.Ident)
				found = found || ok && out[id.Name]
			}
			return !found
		})
		return found
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr, *ast.CaseClause:
			if uses(n) {
				cuts = append(cuts, n)
				return false
			}
		}
		return true
	})
	slices.SortFunc(cuts, func(a, b ast.Node) int { return int(b.Pos() - a.Pos()) })
	for _, n := range cuts {
		from, to := fset.Position(n.Pos()).Offset, fset.Position(n.End()).Offset
		if _, ok := n.(*ast.KeyValueExpr); ok && to < len(source) && source[to] == ',' {
			to++
		}
		source = source[:from] + source[to:]
	}
	if f, err = parser.ParseFile(token.NewFileSet(), "", source, parser.SkipObjectResolution); err != nil || uses(f) {
		return ""
	}
	return source
}
