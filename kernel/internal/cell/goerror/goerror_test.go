package goerror

import (
	"go/scanner"
	"go/token"
	"strings"
	"testing"
)

const code = "a := 1\nfmt.Println(missing)\n\tb()"

func place(cell, line int) (Place, bool) {
	return Place{Cell: cell + 10, Line: line, Code: code}, cell == 2
}

func TestFromGoNB(t *testing.T) {
	value := "# gonb_0123abcd\n./main.go:9:13: undefined: missing\n./main.go:10:2: undefined: b\n\nexit status 1"
	e := FromGoNB(value, []string{"x", "Cell[2]: Line 2\nctx\nundefined", "Cell[2]: Line 3\nb", "", ""}, place)
	text := strings.Join(e.Traceback, "\n")
	if e.Name != "CompileError" || e.Value != "undefined: missing" {
		t.Errorf("got %+v", e)
	}
	for _, want := range []string{"Cell[12]: Line 2", "Cell[12]: Line 3", "→    2 │ fmt.Println(missing)", "│ " +
		strings.Repeat(" ", 12) + red + "^"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "gonb_") || strings.Contains(text, "exit status") || strings.Contains(text, "<") {
		t.Errorf("too much in\n%s", text)
	}
	for _, said := range []string{"# gonb_01234567\ncompile: signal: killed\n",
		"go build gonb_01234567: /usr/go/pkg/tool/linux_amd64/compile: signal: killed\n"} {
		if e = FromGoNB(said, nil, place); e.Name != "CompileError" || e.Value != "compile: signal: killed" {
			t.Errorf("%q: got %+v", said, e)
		}
	}
	e = FromGoNB("%exec requires the name of the function to execute", nil, place)
	if e.Name != "Error" || !strings.HasPrefix(e.Value, "%exec requires") || len(e.Traceback) != 1 {
		t.Errorf("got %+v", e)
	}
}

func TestSyntax(t *testing.T) {
	e := Syntax(scanner.ErrorList{{Pos: token.Position{Line: 3, Column: 2}, Msg: "expected x"}}, 4, code)
	if e.Name != "CompileError" || e.Value != "expected x" ||
		!strings.Contains(strings.Join(e.Traceback, "\n"), "Cell[4]: Line 3") ||
		!strings.Contains(strings.Join(e.Traceback, "\n"), "│ \t"+red+"^") {
		t.Errorf("got %q", e.Traceback)
	}
}

func TestCrash(t *testing.T) {
	words := "panic: oh\n\ngoroutine 1 [running]:\nmain.f(...)\n\t/tmp/gonb_01234567/main.go:14\nmain.main()\n" +
		"\t/tmp/gonb_01234567/main.go:20 +0x18\n" +
		"os.x()\n\t/usr/go/os.go:3 +0x1\n"
	e := Crash(words, "exit status 2", "/tmp/gonb_01234567/main.go", map[int]Place{20: {Cell: 3, Line: 2, Code: code}})
	text := strings.Join(e.Traceback, "\n")
	if e.Name != "Panic" || e.Value != "panic: oh" || !strings.Contains(text, "Cell [3] Line 2") ||
		!strings.HasSuffix(text, "exit status 2") ||
		strings.Contains(text, "gonb_") || !strings.Contains(text, "/usr/go/os.go:3") {
		t.Errorf("got %+v", e)
	}
	long := Crash("panic: x\n"+strings.Repeat("\t/a/b.go:1 +0x1\n", 500), "exit status 2", "m", nil)
	if len(long.Traceback) > maxFrames+5 {
		t.Errorf("%d lines", len(long.Traceback))
	}
}

func TestOthers(t *testing.T) {
	if e := Exit("exit status 3", "!a\nb"); e.Name != "ExitError" || e.Value != "exit status 3: !a…" {
		t.Errorf("got %+v", e)
	}
	if e := Exit("exit status 3", ""); e.Value != "exit status 3" {
		t.Errorf("got %+v", e)
	}
	if e := Stopped("Interrupted", "why"); e.Name != "Interrupted" || e.Value != "why" {
		t.Errorf("got %+v", e)
	}
}
