package rewrite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// exports maps the packages of the standard library that tests import to the files of their export
// data.
var exports = sync.OnceValues(func() (map[string]string, error) {
	out, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}", "bytes",
		"crypto/rand",
		"encoding/json", "errors", "fmt", "io", "math", "math/rand", "net/http", "os", "reflect", "sort", "strings",
		"sync",
		"text/template", "time", "testing").Output()
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "=")
		files[path] = file
	}
	return files, nil
})

func session(t testing.TB) *Session {
	t.Helper()
	files, err := exports()
	if err != nil {
		t.Skip("no export data of the standard library: go list -export: ", err)
	}
	return New(Config{
		Export: func(path string) (io.ReadCloser, error) {
			if files[path] == "" {
				return nil, fmt.Errorf("package %s is not in std", path)
			}
			return os.Open(files[path])
		},
		Resolve: func(name string) (string, bool) {
			path := map[string]string{"http": "net/http", "json": "encoding/json"}[name]
			if path == "" && files[name] != "" {
				path = name
			}
			return path, path != ""
		},
	})
}

// cells rewrites and commits the cells of a text, separated by ---. All but the last must be valid.
func cells(t testing.TB, s *Session, text string) (p *Package, err error) {
	t.Helper()
	codes := strings.Split(text, "\n---\n")
	for i, code := range codes {
		n := len(s.sources) + 1
		p, err = s.Rewrite(n, fmt.Sprintf("Cell[%d]", n), code)
		switch {
		case err == nil:
			p.Commit()
		case i < len(codes)-1:
			t.Fatalf("cell %d: %v", n, err)
		}
	}
	return p, err
}

// Errors are reported at their places in the last cell, in the words of Go's compiler.
func TestErrors(t *testing.T) {
	for _, test := range []struct{ cells, want string }{
		{"x", "1:1: undefined: x"},
		{"x := 1\n---\ny := x + \"a\"", "1:6: invalid operation: x + \"a\" (mismatched types int and untyped string)"},
		{"func f() {\n\tk := 3\n}", "2:2: declared and not used: k"},
		{"for {\n\tk := 3\n}", "2:2: declared and not used: k"},
		{"x := 1\nx := 2", "2:3: no new variables on left side of :="},
		{"x := 1\nvar x int", "2:5: x redeclared in this block\n\tCell[1]:1:1: other declaration of x"},
		{"func f() {}\nfunc f() {}", "2:6: f redeclared in this block\n\tCell[1]:1:6: other declaration of f"},
		{"func f() {}\n---\nfunc f() {}\nfunc f() {}",
			"2:6: f redeclared in this block\n\tCell[2]:1:6: other declaration of f"},
		{"func f() {}\n---\nfunc f() {}\nf := 1",
			"2:1: f redeclared in this block\n\tCell[2]:1:6: other declaration of f"},
		{"type t int\nfunc (t) m() {}\nfunc (t) m() {}", "3:10: method t.m already declared at Cell[1]:2:10"},
		{"x := f()\nfunc f() {}", "1:6: f() (no value) used as value"},
		{"a, b := 1", "1:9: assignment mismatch: 2 variables but 1 value"},
		{"var x int = \"s\"", `1:13: cannot use "s" (untyped string constant) as int value in variable declaration`},
		{"x := nil", "1:6: use of untyped nil in assignment"},
		{"x := 1\n---\nx = \"s\"", `1:5: cannot use "s" (untyped string constant) as int value in assignment`},
		{"a := b\nb := 1", "1:6: undefined: b"},
		{"len := 3\n---\nlen(\"a\")",
			"1:1: invalid operation: cannot call len (variable of type int): int is not a function"},
		{"1 + 1\n2 + 2", "1:1: 1 + 1 (untyped int constant 2) is not used"},
		{"import \"no/such\"", "1:8: could not import no/such (package no/such is not in std)"},
		{"import \"fmt\"\nimport fmt \"os\"", "2:8: fmt redeclared in this block"},
		{"fmt.Foo()", "1:5: undefined: fmt.Foo"},
		{"if true {\n\tfmt.Println(1\n}",
			"2:15: missing ',' before newline in argument list\n3:1: expected operand, found '}'"},
		{"goto a\nx := 1\nb: x++", "1:6: label a not defined\n3:1: label b defined and not used"},
		{"type point struct { x int }\np := point{}\n---\ntype point struct { x, y int }\nvar q point = p",
			"2:15: cannot use p (variable of struct type point of cell 1) as point of cell 2 value in variable " +
				"declaration"},
		{"type point struct { x int }\np := point{}\n---\ntype point struct { x, y int }\n---\np = point{}",
			"1:5: cannot use point{} (value of struct type point of cell 2) as point of cell 1 value in assignment"},
		{"type a struct{ n int }\n---\nx := a{\"s\"}",
			`1:8: cannot use "s" (untyped string constant) as int value in struct literal`},
		{"type a struct{ n, m int }\n---\nx := a{1}", "1:9: too few values in struct literal of type a"},
		{"r := strings.NewReplacer()\n---\nx := strings.Reader{nil, 1, 2}",
			"1:21: implicit assignment to unexported field s in struct literal of type strings.Reader\n" +
				"1:26: implicit assignment to unexported field i in struct literal of type strings.Reader\n" +
				"1:29: implicit assignment to unexported field prevRune in struct literal of type strings.Reader"},
		{"return 3", "1:8: too many return values\n\thave (number)\n\twant ()"},
		{"type t struct{}\n---\nt{}.foo()", "1:5: t{}.foo undefined (type t has no field or method foo)"},
		{"func (x int) m() {}", "1:9: cannot define new methods on non-local type int"},
		{"break", "1:1: break is not in a loop, switch, or select"},
		{"\n\n// comment\n  y", "4:3: undefined: y"},
		{"max := 1\nmax.foo", "2:5: max.foo undefined (type int has no field or method foo)"},
		{"func init() int { return 1 }", "1:6: func init must have no arguments and no return values"},
	} {
		_, err := cells(t, session(t), test.cells)
		var e *Error
		switch {
		case err == nil:
			t.Errorf("%q: no error, want %s", test.cells, test.want)
		case !errors.As(err, &e):
			t.Errorf("%q: %T %v", test.cells, err, err)
		case e.Error() != test.want:
			t.Errorf("%q:\n%s\nwant\n%s", test.cells, e, test.want)
		}
	}
}

// A cell that failed does not change any name.
func TestFailureChangesNothing(t *testing.T) {
	s := session(t)
	cells(t, s, "x := 1\nfunc f() int { return x }")
	before := fmt.Sprint(s.Names())
	if _, err := cells(t, s, "import \"os\"\nx := \"s\"\nfunc f() int { return y }"); err == nil {
		t.Fatal("no error")
	}
	if after := fmt.Sprint(s.Names()); after != before {
		t.Errorf("%s became %s", before, after)
	}
}

func TestNotices(t *testing.T) {
	for _, test := range []struct{ cells, want string }{
		{"func g() int { return 1 }\nfunc f() int { return g() }\n---\nfunc g() int { return 2 }",
			"[compiled again: f]"},
		{"func g() int { return 1 }\nfunc f() int { return g() }\n---\nfunc g() string { return \"\" }",
			"[f of cell 1 stays as it was: cannot use g() (value of type string) as int value in return statement]"},
		{"func f() {}\n---\nfunc f() {}", "[]"},
		{"type t struct{}\nfunc (t) a() {}\n---\nfunc (t) b() {}", "[compiled again: t.a]"},
		{"x := 1\nfunc f() int { return x }\n---\nx := 2", "[]"},
		{"x := 1\nfunc f() any { return x }\n---\nx := \"s\"", "[compiled again: f]"},
		{"const n = 1\ntype a [n]int\n---\nconst n = 2", "[compiled again: a]"},
		{"func f() int { return max(1, 2) }\n---\nmax := 3", "[]"},
		{"func f() int { return max(1, 2) }\n---\nfunc max(a, b int) int { return a + b }", "[compiled again: f]"},
		{"func f() int { return 1 }\nfunc g() int { return f() }\n---\n" +
			"func f() int { return 2 }\nfunc g() int { return f() }", "[]"},
	} {
		p, err := cells(t, session(t), test.cells)
		if err != nil {
			t.Errorf("%q: %v", test.cells, err)
		} else if got := fmt.Sprint(p.Notices); got != test.want {
			t.Errorf("%q: %s, want %s", test.cells, got, test.want)
		}
	}
}

func TestNames(t *testing.T) {
	s := session(t)
	p, err := cells(t, s, "import \"os\"\ntype point struct{ x int }\nfunc (p *point) m() {}\n---\n"+
		"len, p := 3, &point{}\nconst big = 1 << 70\nfunc f(p point) error { return nil }\nrd := "+
		"strings.NewReader(\"\")")
	if err != nil {
		t.Fatal(err)
	}
	const want = "[{strings import strings 2} {big const untyped int 2} {f func func(p point) error 2} " +
		"{len var int 2} " +
		"{p var *point 2} {rd var *strings.Reader 2}]"
	if got := fmt.Sprint(p.Names); got != want {
		t.Errorf("the cell brings %s", got)
	}
	if got, want := fmt.Sprint(s.Names()[:2]), "[{os import os 1} {point type struct{x int} 1}]"; got != want {
		t.Errorf("first names: %s", got)
	}
	if err := s.Delete("nothing"); err == nil {
		t.Error("a name that is not there was deleted")
	}
	if err := s.Delete("point"); err != nil {
		t.Error(err)
	}
	if _, err := cells(t, s, "point{}"); err == nil || err.Error() != "1:1: undefined: point" {
		t.Errorf("a deleted type: %v", err)
	}
	if err := s.Delete("len"); err != nil {
		t.Error(err)
	}
	if _, err := cells(t, s, "len(\"abc\")"); err != nil {
		t.Errorf("a predeclared name after the variable of that name was deleted: %v", err)
	}
}

func TestUnsupported(t *testing.T) {
	const only = " works only in a cell that is a program of its own"
	for code, want := range map[string]string{
		"import \"C\"": "1: cgo",
		"import (\n\t\"fmt\"\n\t_ \"embed\"\n)\n//go:embed x\nvar s string": "3: package embed",
		"x := 1\n//go:nosplit\nfunc f() {}":                                 "2: go:nosplit",
	} {
		if _, err := cells(t, session(t), code); !errors.Is(err, ErrStandalone) || err.Error() != want+only {
			t.Errorf("%q: %v", code, err)
		}
	}
	p, err := cells(t, session(t), "//go:build linux\n\n//go:noinline\nfunc f() {}\nfunc g() {}")
	if err != nil || !strings.Contains(string(p.Source), "\n//go:noinline\n/*line Cell[1]:4:1*/func f()") ||
		strings.Count(string(p.Source), "//go:") != 1 {
		t.Errorf("%v\n%s", err, p.Source)
	}
	if _, err := cells(t, session(t), "s := `\n//go:embed x\n` + \"C\""); err != nil {
		t.Error(err)
	}
}

// The last expression is shown if it has a value of interest.
func TestShows(t *testing.T) {
	for code, want := range map[string]bool{
		"1 + 1": true, "x := 1": false, "x := 1\nx": true, "fmt.Println(1)": false,
		"fmt.Sprint(1)": true, "func() {}()": false,
		"func() int { return 1 }()": true, "x := 1\nx\nfunc f() {}": true, "println(1)": false,
		"copy([]int{1}, []int{2})":  false,
		"strings.Cut(\"a\", \"b\")": true, "nil": true, "ch := make(chan int, 1)\nch <- 1\n<-ch": false,
		"fmt.Println": true,
	} {
		p, err := cells(t, session(t), code)
		if err != nil {
			t.Errorf("%q: %v", code, err)
		} else if p.Shows != want {
			t.Errorf("%q: shown is %v", code, p.Shows)
		}
	}
}
