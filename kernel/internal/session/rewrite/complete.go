package rewrite

import (
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
)

// A Completion lists what may stand at a place of a cell.
type Completion struct {
	From, To int // the range of bytes of the cell that an item replaces
	Items    []Item
}

// An Item is a name to insert.
type Item struct {
	Name string
	Kind string // var, field, func, method, type, const, package or keyword
	Type string // in Go syntax; the path of a package
	File string // where it is declared: the name of a cell or a path; "" if unknown
	Line int
}

// placeholder stands for the name that is being written.
const placeholder = "ᐧᐧᐧ"

// Complete returns the names that may stand at an offset of a cell that is being written: members
// of the expression before a dot, or names in scope. It knows the types of the session's values and
// of the cell itself. It reports false if it finds nothing.
func (s *Session) Complete(code string, at int) (Completion, bool) {
	at = max(0, min(at, len(code)))
	from := wordStart(code, at)
	c := Completion{From: from, To: at}
	text, ok := unfinished(code, from)
	if !ok {
		return c, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { _ = recover() }() // unfinished code may crash the checker
	w, err := s.analyze(newSource(0, "", text), true)
	if err != nil {
		return c, false
	}
	found := w.find(from)
	switch {
	case found.selector != nil:
		c.Items = w.members(found.selector.X)
	case strings.HasSuffix(strings.TrimRight(code[:from], " \t"), "."):
		return c, false
	default:
		c.Items = w.names(found.path, from)
	}
	c.Items = matching(c.Items, code[from:at])
	return c, len(c.Items) > 0
}

// wordStart returns the beginning of the name that ends at an offset.
func wordStart(code string, at int) int {
	for at > 0 {
		r, n := utf8.DecodeLastRuneInString(code[:at])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		at -= n
	}
	return at
}

// matching returns the items that begin with a prefix. Those that match only without regard to case
// come last.
func matching(items []Item, prefix string) []Item {
	rank := func(i Item) int {
		switch {
		case strings.HasPrefix(i.Name, prefix):
			return 0
		case len(i.Name) >= len(prefix) && strings.EqualFold(i.Name[:len(prefix)], prefix):
			return 1
		}
		return 2
	}
	items = slices.DeleteFunc(items, func(i Item) bool { return rank(i) == 2 || i.Name == placeholder })
	slices.SortStableFunc(items, func(a, b Item) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a.Name, b.Name)
	})
	return slices.CompactFunc(items, func(a, b Item) bool { return a.Name == b.Name })
}

// unfinished returns a cell with a placeholder at an offset, completed so that it parses. The rest
// of the declaration or statement after the offset is left out. It reports false inside comments
// and strings.
func unfinished(code string, at int) (string, bool) {
	type level struct {
		open   token.Token
		header bool // a block must follow
		colon  bool // of a case
		call   bool // of go or defer
	}
	stack := []level{{}}
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, at)
	var s scanner.Scanner
	whole := true
	s.Init(file, []byte(code[:at]), func(token.Position, string) { whole = false }, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		if end := file.Offset(pos) + len(lit); tok == token.COMMENT && end >= at && strings.HasPrefix(lit, "//") {
			return "", false
		}
		top := &stack[len(stack)-1]
		switch tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			if tok == token.LBRACE {
				top.header = false
			}
			stack = append(stack, level{open: tok})
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(stack) > 1 {
				stack = stack[:len(stack)-1]
			}
		case token.FOR, token.IF, token.SWITCH, token.SELECT:
			top.header = true
		case token.CASE:
			top.colon = true
		case token.GO, token.DEFER:
			top.call = true
		case token.COLON:
			top.colon = false
		case token.SEMICOLON:
			top.call = false
			if lit == "\n" {
				top.header = false
			}
		}
	}
	if !whole {
		return "", false
	}
	var b strings.Builder
	b.WriteString(code[:at] + placeholder)
	for i := len(stack) - 1; i >= 0; i-- {
		l := stack[i]
		if l.header {
			b.WriteString(" {}")
		}
		if l.colon {
			b.WriteString(":")
		}
		if l.call {
			b.WriteString("()")
		}
		switch l.open {
		case token.LPAREN:
			b.WriteString(")")
		case token.LBRACK:
			b.WriteString("]")
		case token.LBRACE:
			b.WriteString("\n}")
		}
	}
	for _, p := range cellsource.Cut(code) {
		if p.Start <= at && at <= p.End {
			b.WriteString("\n" + code[p.End:])
			break
		}
	}
	return b.String(), true
}

// found is the place of the placeholder in the syntax tree.
type found struct {
	selector *ast.SelectorExpr // the selector that it is the member of, if any
	path     []ast.Node        // the nodes around it, outermost first
}

// find looks for the placeholder at an offset.
func (w *rewriting) find(at int) found {
	var f found
	var stack []ast.Node
	roots := []ast.Node{w.file, w.body}
	for _, d := range w.hoisting.defs {
		roots = append(roots, d.spec)
	}
	for _, root := range roots {
		ast.Inspect(root, func(n ast.Node) bool {
			if n == nil {
				stack = stack[:len(stack)-1]
				return true
			}
			stack = append(stack, n)
			id, ok := n.(*ast.Ident)
			if ok && written(id.Name) == placeholder && offset(w.fset, id.Pos()) == at && f.path == nil {
				f.path = slices.Clone(stack)
				if sel, ok := stack[max(0, len(stack)-2)].(*ast.SelectorExpr); ok && sel.Sel == id {
					f.selector = sel
				}
			}
			return true
		})
	}
	return f
}

// names returns the names in scope at an offset: those of the functions around it, of the cell, of
// the session, and predeclared ones.
func (w *rewriting) names(path []ast.Node, at int) []Item {
	var items []Item
	seen := map[string]bool{"_": true}
	add := func(o types.Object, name string) {
		if !seen[name] && !strings.Contains(name, "\uE001") {
			seen[name] = true
			items = append(items, w.item(o, name))
		}
	}
	for i := len(path) - 1; i >= 0; i-- {
		n := path[i]
		switch f := n.(type) {
		case *ast.FuncDecl:
			n = f.Type
		case *ast.FuncLit:
			n = f.Type
		}
		if scope := w.info.Scopes[n]; scope != nil {
			for _, name := range scope.Names() {
				if o := scope.Lookup(name); o.Pos() == token.NoPos || offset(w.fset, o.Pos()) < at {
					add(o, name)
				}
			}
		}
	}
	scope := w.pkg.Scope()
	for _, name := range scope.Names() {
		switch {
		case strings.HasSuffix(name, suffixOld), name == entry, strings.HasPrefix(name, hidden):
		default:
			add(scope.Lookup(name), written(name))
		}
	}
	for _, imports := range []map[string]string{w.imports, w.fileNames} {
		for _, name := range sortedKeys(imports) {
			if !seen[name] && name != liveName {
				seen[name] = true
				items = append(items, Item{Name: name, Kind: "package", Type: imports[name]})
			}
		}
	}
	for _, e := range w.base.names {
		if e.kind == kindImport && !seen[e.name] {
			seen[e.name] = true
			items = append(items, Item{Name: e.name, Kind: "package", Type: e.path})
		}
	}
	for _, name := range types.Universe.Names() {
		add(types.Universe.Lookup(name), name)
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		items = append(items, Item{Name: t.String(), Kind: "keyword"})
	}
	return items
}
