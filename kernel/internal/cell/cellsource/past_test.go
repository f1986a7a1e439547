package cellsource

import (
	"strings"
	"testing"
)

// past composes cells one after another and returns the last.
func past(t *testing.T, cells ...string) *Cell {
	t.Helper()
	var p Past
	var last *Cell
	for _, code := range cells {
		c, err := Compose(code, p.Copy())
		if err != nil {
			t.Fatalf("%q: %v", code, err)
		}
		p.Add(c)
		last = c
	}
	return last
}

func TestPast(t *testing.T) {
	for name, c := range map[string]struct {
		cells []string
		want  []string // in this order
		not   []string
	}{
		"what is mentioned is made again": {[]string{"x := f(1)", "y := f(2)", "x"},
			[]string{"%%\nx := f ( 1 )", "_ = x", "{ trafficlabBegin();\n" + Show + "(x)", "}"}, []string{"y"}},
		"and what changes it": {[]string{"m := make(map[string]int)", "m[`a`] = 1 // one\n",
			"for i := range 3 { s.Add(m) }", "len(m)"},
			[]string{"m := make", `m [ "a" ] = 1`, "Begin", "len(m)"}, []string{"one"}},
		"a chain": {[]string{"a := f()", "b := g(a)", "c := h(b)", "c"},
			[]string{"a := f", "b := g", "c := h", "Begin"}, nil},
		"what is printed changes nothing": {[]string{"a := f()", "fmt.Println(a)", "a"}, []string{"a := f"},
			[]string{"Println"}},
		"a function of a value": {[]string{"a := f()", "func g(n int) int {\n\treturn n + a\n}", "g(1)"},
			[]string{"a := f", "var g func ( n int ) int ; g = func ( n int ) int { return n + a", "g(1)"}, nil},
		"nothing from before": {[]string{"a := f()", "fmt.Println(1)"}, []string{"%%\nfmt.Println(1)"},
			[]string{"Begin", "a :="}},
		"again in a new block": {[]string{"a := f()", "a := string(a)", "a"},
			[]string{"a := f", "{ a := string", "{ trafficlabBegin", "}}"}, nil},
		"packages are no values": {[]string{"x := f()", "os.Setenv(`a`, `b`)", "fmt.Println(os.Args, x)"},
			[]string{"x := f", "Begin", "Println"}, []string{"Setenv"}},
		"what was shown": {[]string{"x := f()\nx", "x"}, []string{"x := f", "func(...any){}(x)", "Begin"}, nil},
		"by a function": {[]string{"var n int", "func up() { n++ }", "n = 5", "up()"},
			[]string{"n = 5", "Begin", "up()"}, nil},
	} {
		got := past(t, c.cells...)
		text := squeeze(got.Text)
		for _, want := range c.want {
			_, rest, ok := strings.Cut(text, squeeze(want))
			if !ok {
				t.Errorf("%s: no %q in\n%s", name, want, got.Text)
				break
			}
			text = rest
		}
		for _, not := range c.not {
			if strings.Contains(got.Text, not) {
				t.Errorf("%s: %q in\n%s", name, not, got.Text)
			}
		}
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestOneLine(t *testing.T) {
	const source = "for i := range 3 { // three\n\tfmt.Println(`a\nb`, i)\n}"
	if got, want := oneLine(source), "for i := range 3 { fmt . Println ( \"a\\nb\" , i ) ; } ; "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
