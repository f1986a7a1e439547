package cellsource

import (
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
	"testing"
)

func compose(t *testing.T, code string) *Cell {
	t.Helper()
	c, err := Compose(code, nil)
	if err != nil {
		t.Fatalf("%q: %v", code, err)
	}
	return c
}

// Cells written for GoNB stay as they are, without the lines that the kernel handles.
func TestGoNBCells(t *testing.T) {
	for code, want := range map[string]string{
		"%%\nfmt.Println(1)\n1 + 1":          "%%\nfmt.Println(1)\n1 + 1",
		"func f() {}\n\nvar x = 1":           "func f() {}\n\nvar x = 1",
		"import \"fmt\"\n%% --n=3\nf()":      "import \"fmt\"\n%% --n=3\nf()",
		"package main\nfunc main() { f() }":  "package main\nfunc main() { f() }",
		"%goflags -race":                     "%goflags -race",
		"//gonb:%%\nf()":                     "//gonb:%%\nf()",
		"%%writefile x\n!ls":                 "%%writefile x\n!ls",
		"!ls $HOME | \"x\"":                  "",
		"%clear\nfunc f() {}":                "\nfunc f() {}",
		"! a \\\n  b\nvar x = 1":             "\n\nvar x = 1",
		"%capture f\n%cd x\n%%\nf()":         "%capture f\n\n%%\nf()",
		"%%\ns := `\n!a\n`":                  "%%\ns := `\n!a\n`",
		"%test\nfunc TestX(t *testing.T) {}": "%test\nfunc TestX(t *testing.T) {}",
		"":                                   "",
		"// a comment":                       "// a comment",
	} {
		c := compose(t, code)
		if c.Text != want {
			t.Errorf("%q became %q, want %q", code, c.Text, want)
		}
		for i := range strings.Count(c.Text, "\n") + 1 {
			if c.Line(i+1) != i+1 || c.Shift(i+1) != 0 {
				t.Errorf("%q: line %d is line %d", code, i+1, c.Line(i+1))
			}
		}
	}
}

func TestBareCells(t *testing.T) {
	for code, want := range map[string]string{
		"1 + 1":                              "%%\n" + Show + "(1 + 1)",
		"fmt.Println(1)":                     "%%\nfmt.Println(1)",
		"x := 42":                            "var x  = 42", // in the width of :=, for columns
		"x := f()":                           "%%\nx := f(); _ = x",
		"x := 1\nx++":                        "%%\nx := 1; _ = x\nx++",
		"a, b := 1, 2\na":                    "%%\na, b := 1, 2; _, _ = a, b\n" + Show + "(a)",
		"import \"fmt\"\nfmt.Println(1)":     "import \"fmt\"\n%%\nfmt.Println(1)",
		"f()\nfunc f() {}":                   "func f() {}\n%%\n" + Show + "(f())",
		"x := g()\nvar y = x":                "%%\nx := g(); _ = x\nvar y = x; _ = y",
		"for i := 0; i < 3; i++ {\n\tf()\n}": "%%\nfor i := 0; i < 3; i++ {\n\tf()\n}",
		"if x := 1; x > 0 { f() }; g()": "%%\nif x := 1; x > 0 { f() }\n" + strings.Repeat(" ", 26) + Show +
			"(g())",
		"func() {}()":        "%%\n" + Show + "(func() {}())",
		"1 << 3 // trailing": "%%\n" + Show + "(1 << 3)",
		"%args --n=3\nf()":   "%args --n=3\n%% --n=3\n" + Show + "(f())",
		"[]int{\n\t1,\n}":    "%%\n" + Show + "([]int{\n\t1,\n})",
		"<-ch":               "%%\n<-ch",
		"x = 3":              "%%\nx = 3",
	} {
		if c := compose(t, code); c.Text != want {
			t.Errorf("%q became %q, want %q", code, c.Text, want)
		}
	}
}

// Each line of a composed cell knows where it came from.
func TestLines(t *testing.T) {
	code := "\nf(1)\n\ntype T struct {\n\tX int\n}\n!ls\ng(\n\tmissing,\n)"
	c := compose(t, code)
	user := strings.Split(code, "\n")
	found := 0
	for i, line := range strings.Split(c.Text, "\n") {
		if strings.Contains(line, "missing") || strings.Contains(line, "X int") || strings.Contains(line, "f(1)") {
			found++
			if at := c.Line(i + 1); user[at-1] != line {
				t.Errorf("%q maps to line %d, %q", line, at, user[at-1])
			}
		}
		if strings.Contains(line, Show) && c.Shift(i+1) != len(Show)+1 {
			t.Errorf("%q: shift %d", line, c.Shift(i+1))
		}
	}
	if found != 3 {
		t.Errorf("found %d lines in %q", found, c.Text)
	}
}

// GoNB skips lines that begin with package, whatever follows.
func TestPackageLines(t *testing.T) {
	for code, want := range map[string]string{
		"%%\npackage.Do()":                                "%%\n package.Do()",
		"%%\npackages := 3\n_ = packages":                 "%%\n packages := 3\n_ = packages",
		"package p // of mine\nfunc packages() {}":        "package p // of mine\nfunc packages() {}",
		"var packages []int\npackages = append(packages)": "var packages []int\n%%\n packages = append(packages)",
	} {
		c := compose(t, code)
		if c.Text != want {
			t.Errorf("%q became %q, want %q", code, c.Text, want)
		}
		for i, line := range strings.Split(c.Text, "\n") {
			if shift := len(line) - len(strings.TrimLeft(line, " ")); c.Shift(i+1) != shift {
				t.Errorf("%q: shift %d, want %d", line, c.Shift(i+1), shift)
			}
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	for code, want := range map[string]string{
		"func func":                 "1:6: expected 'IDENT', found 'func'",
		"a := 1\n\nfmt.Println(a))": "3:15: expected statement, found ')'",
		"x := 1\n  y := := 2":       "2:8: expected operand, found ':='",
		"for {":                     "1:6: unexpected end of the cell",
	} {
		_, err := Compose(code, nil)
		list, ok := err.(scanner.ErrorList)
		if !ok || len(list) == 0 || !strings.HasPrefix(list[0].Error(), want) {
			t.Errorf("%q: %v, want %s", code, err, want)
		}
	}
}

func TestIsComplete(t *testing.T) {
	for code, want := range map[string]string{
		"x := 1":         "complete",
		"1 + 1":          "complete",
		"":               "complete",
		"import \"fmt\"": "complete",
		"func f() {\n}":  "complete",
		"?fmt":           "complete",
		"!ls":            "complete",
		"%env A b":       "complete",
		"%%\nf()":        "complete",
		"%%bash\nls\n":   "complete",
		"func foo(":      "incomplete",
		"for {":          "incomplete",
		"if x {\n\ty()":  "incomplete",
		"1 +":            "incomplete",
		"x := `a":        "incomplete",
		"/* a":           "incomplete",
		"a.":             "incomplete",
		"%%":             "incomplete",
		"%%bash":         "incomplete",
		"!a \\":          "incomplete",
		"x :=":           "incomplete",
		"func func":      "invalid",
		"}":              "invalid",
		"(]":             "invalid",
		"x := 'ab":       "invalid",
		"a b":            "invalid",
	} {
		if got, _ := IsComplete(code); got != want {
			t.Errorf("%q is %s, want %s", code, got, want)
		}
	}
	if _, indent := IsComplete("func f() {\n\tif x {"); indent != "\t\t" {
		t.Errorf("indent %q", indent)
	}
}

func TestUnshow(t *testing.T) {
	got, ok := Unshow([]byte("package main\n\nfunc main() {\n\t" + Show + "(f(\n\t\t1,\n\t))\n}\n"))
	if want := "package main\n\nfunc main() {\n\tf(\n\t\t1,\n\t)\n}\n"; !ok || string(got) != want {
		t.Errorf("got %q, %v", got, ok)
	}
	if _, ok := Unshow([]byte("package main\n")); ok {
		t.Error("a call was removed from a file that has none")
	}
}

func TestReplay(t *testing.T) {
	for code, want := range map[string]string{
		"1 + 1":                          "",
		"!ls":                            "",
		"%%bash\nls":                     "",
		"%goflags\n!x \\\n y\nvar x = 1": "%goflags\n\n\nvar x = 1",
		"func f() {}\n%%\nf()":           "func f() {}",
		"func f() {}\nf()":               "func f() {}",
	} {
		if got := compose(t, code).Replay(); got != want {
			t.Errorf("%q: %q, want %q", code, got, want)
		}
	}
}

func TestDeclared(t *testing.T) {
	var d Declared
	for _, code := range []string{"import (\n\t\"fmt\"\n\tm \"math\"\n)",
		"type T int\nfunc (t *T) F() {}\nvar a, b = 1, 2", "const (\n\tx = iota\n\ty\n)",
		"func g() {}\n%%\ng()", "z := 3", "%rm a", "1 + 1"} {
		d.Add(compose(t, code))
	}
	for _, name := range []string{"T", "T.F", "b", "x", "y", "g", "z"} {
		if d.Names[name] == "" {
			t.Errorf("%s is not known", name)
		}
	}
	if d.Names["a"] != "" || d.Imports["m"] != "math" || d.Imports["fmt"] != "fmt" {
		t.Errorf("got %v, %v", d.Names, d.Imports)
	}
	if _, err := parser.ParseFile(token.NewFileSet(), "", "package main\n"+d.File(nil), 0); err != nil {
		t.Error(err)
	}
	d.Add(compose(t, "%reset"))
	if len(d.Names) != 0 {
		t.Errorf("after a reset: %v", d.Names)
	}
}

func TestEditor(t *testing.T) {
	for code, owner := range map[string]string{
		"x := 1\nx.|":                   "main",
		"func f() { fmt.|":              "f",
		"import \"fmt\"\nfmt.|\ny := 2": "main",
		"%%\na.|":                       "main",
		"|":                             "main",
	} {
		at := strings.IndexByte(code, '|')
		file, place := Editor(strings.Replace(code, "|", "", 1), at, "var before = 1\n")
		if !strings.Contains(file, "var before") {
			t.Fatalf("%q: %q", code, file)
		}
		if wanted := code[strings.LastIndexByte(code[:at], '\n')+1 : at]; !strings.HasSuffix(file[:place], wanted) {
			t.Errorf("%q: the offset is after %q", code, file[:place])
		}
		if inMain := strings.Contains(file[:place], "func main"); inMain != (owner == "main") {
			t.Errorf("%q: %q", code, file[:place])
		}
	}
}

func TestQuestion(t *testing.T) {
	for code, want := range map[string]string{
		"?fmt.Println": "fmt.Println",
		"fmt?":         "fmt",
		"??x":          "x",
		" %env? ":      "%env",
		"a ? b":        "",
		"x := 1":       "",
		"?":            "",
	} {
		if got, _ := Question(code); got != want {
			t.Errorf("%q asks about %q, want %q", code, got, want)
		}
	}
}

// No cell makes these functions panic, and each line of a composed cell has a place in the user's.
func FuzzCompose(f *testing.F) {
	for _, code := range []string{"1 + 1", "x := 1\nx", "!a \\\n b", "%%\nf()", "for i := 0; i < 3; i++ {}", "func f(",
		"package p\n", "%args a\nf()", "\\\n%", "//gonb:!"} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		IsComplete(code)
		Question(code)
		Editor(code, len(code)/2, "")
		c, err := Compose(code, nil)
		if err != nil {
			return
		}
		for i := range strings.Count(c.Text, "\n") + 1 {
			if at := c.Line(i + 1); at < 1 || at > strings.Count(code, "\n")+1 {
				t.Errorf("line %d of %q maps to line %d of %q", i+1, c.Text, at, code)
			}
		}
		c.Replay()
		new(Declared).Add(c)
	})
}
