package cellsource

import (
	"reflect"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		code string
		want Parts
	}{
		{"x := 1\nx", Parts{Go: "x := 1\nx"}},
		{"!ls \\\n  -l\nx := 1", Parts{Special: []string{"!ls -l"}, Go: "\n\nx := 1"}},
		{"//gonb:%cd ..\nx", Parts{Special: []string{"%cd .."}, Go: "\nx"}},
		{"package main\n\nfunc f() {}", Parts{Go: "\n\nfunc f() {}"}},
		{"%%\nfmt.Println()", Parts{Program: true, Special: []string{"%%"}, Go: "\nfmt.Println()"}},
		{"%%bash\nls", Parts{Program: true, Script: []string{"bash"}, Input: "ls\n"}},
		{"%%script a \"b c\" \"\"\nx\n", Parts{Program: true, Script: []string{"a", "b c", ""}, Input: "x\n\n"}},
		{"%%writefile a\nb", Parts{Program: true}},
		{"s := `\npackage main\n%d\n!x` /*\n!y\n*/\n!z",
			Parts{Special: []string{"!z"}, Go: "s := `\npackage main\n%d\n!x` /*\n!y\n*/\n"}},
		{"a, b := \"`\", '`' // `\n%cd x\nc := '\\'' + \"\\\"`\"\n%cd y",
			Parts{Special: []string{"%cd x", "%cd y"}, Go: "a, b := \"`\", '`' // `\n\nc := '\\'' + \"\\\"`\"\n"}},
		{"%test", Parts{Program: true, Special: []string{"%test"}, Go: ""}},
	} {
		got := Parse(c.code)
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: got %+v, want %+v", c.code, got, c.want)
		}
	}
}

func TestBlank(t *testing.T) {
	if got, want := Blank("s := `\n%d`\n%cd x"), "s := `\n%d`\n     "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := Blank("%cd x\n!a \\\nb\nx := 1"), "     \n    \n \nx := 1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWithoutMain(t *testing.T) {
	const source = "func a() {}\nfunc main() {\n\ta()\n}\nvar b = 1\nfunc (t T) main() {}"
	if got, want := WithoutMain(source),
		"func a() {}\n             \n    \n \nvar b = 1\nfunc (t T) main() {}"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
