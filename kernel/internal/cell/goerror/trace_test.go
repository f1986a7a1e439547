package goerror

import (
	"strings"
	"testing"
)

func TestTrace(t *testing.T) {
	const trace = `goroutine 21 [running]:
main.half(...)
	Cell[1]:2
main.main()
	/somewhere/Cell[2]:1 +0x1d
github.com/x/y.Do({0x1, 0x2})
	/home/u/go/pkg/mod/github.com/x/y@v1.0.0/do.go:17 +0x44
`
	codes := map[int]string{1: "func half(n int) int {\n\treturn 1 / n\n}", 2: "half(0)"}
	e := Trace("Panic", "panic: runtime error: integer divide by zero\n[recovered]", trace,
		func(n int) string { return codes[n] })
	text := strings.Join(e.Traceback, "\n")
	if e.Name != "Panic" || e.Value != "panic: runtime error: integer divide by zero" {
		t.Errorf("got %s %q", e.Name, e.Value)
	}
	for _, want := range []string{"[recovered]", "Cell [1] Line 2", "return 1 / n", "Cell [2] Line 1", "half(0)",
		"    github.com/x/y@v1.0.0/do.go:17"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "/home") || strings.Contains(text, "/somewhere") {
		t.Errorf("paths of the machine in\n%s", text)
	}
}

func TestCompile(t *testing.T) {
	list := make([]Diagnostic, 12)
	for i := range list {
		list[i] = Diagnostic{Cell: 3, Line: 1, Column: 6, Message: "undefined: y"}
	}
	e := Compile(list, func(int) string { return "x := y" })
	text := strings.Join(e.Traceback, "\n")
	if e.Value != "undefined: y" || !strings.Contains(text, "Cell[3]: Line 1") ||
		!strings.Contains(text, "… 2 more …") {
		t.Errorf("got %q\n%s", e.Value, text)
	}
}
