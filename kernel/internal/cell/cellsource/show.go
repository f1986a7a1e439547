package cellsource

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// Show is the function that receives the value of a cell's last expression. The kernel adds it to
// the program.
const Show = "trafficlabShow"

// printers are functions whose results nobody wants to see.
var printers = strings.Fields(`
	fmt.Print fmt.Println fmt.Printf fmt.Fprint fmt.Fprintln fmt.Fprintf fmt.Scan fmt.Scanln
	fmt.Scanf print println panic close delete clear copy os.Exit time.Sleep io.WriteString`)

// showable reports whether a statement is an expression whose value is to be shown. Whether a
// function returns a value at all, only the compiler knows.
func showable(s ast.Stmt) bool {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	switch x := e.X.(type) {
	case *ast.UnaryExpr:
		return x.Op != token.ARROW
	case *ast.CallExpr:
		if f, ok := x.Fun.(*ast.SelectorExpr); ok {
			if p, ok := f.X.(*ast.Ident); ok && (p.Name == "nb" || p.Name == "gonbui") {
				return false
			}
		}
		return !isPrinter(x)
	}
	return true
}

// isPrinter reports whether a call is one of printers.
func isPrinter(call *ast.CallExpr) bool {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return Silent(f.Name)
	case *ast.SelectorExpr:
		if p, ok := f.X.(*ast.Ident); ok {
			return Silent(p.Name + "." + f.Sel.Name)
		}
	}
	return false
}

// Unshow removes the call of [Show] from a Go file and leaves its argument. Lines keep their
// numbers.
func Unshow(source []byte) ([]byte, bool) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, false
	}
	var found *ast.CallExpr
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if id, ok := call.Fun.(*ast.Ident); ok && id.Name == Show && len(call.Args) == 1 {
				found = call
			}
		}
		return true
	})
	if found == nil {
		return nil, false
	}
	at := func(p token.Pos) int { return fset.Position(p).Offset }
	var out []byte
	out = append(out, source[:at(found.Pos())]...)
	out = append(out, source[at(found.Lparen)+1:at(found.Rparen)]...)
	return append(out, source[at(found.Rparen)+1:]...), true
}
