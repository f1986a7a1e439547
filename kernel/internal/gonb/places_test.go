package gonb

import (
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
)

// The lines of GoNB's file map to the lines of the user's cells.
func TestPlaces(t *testing.T) {
	cells := []string{
		"\nfunc half(n int) int {\n\treturn 1 / n\n}", // 1, replaced by 2
		"import \"fmt\"\n\nfunc half(n int) int {\n\treturn 2 / n\n}\nvar limit = half(\n\t3)",
		"func init_table() {\n\tpanic(2)\n}",
		"!ls\nfmt.Println(1)\n%args -x\npackages := f()\n_ = packages\nhalf(0)",
	}
	var entries []entry
	for i, code := range cells {
		source, err := cellsource.Compose(code, nil)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, entry{count: i + 1, code: code, source: source})
	}
	const file = `package main

import (
	"fmt"
)

var (
	limit = half(
	3)
)

func half(n int) int {
	return 2 / n
}

func init() {
	panic(2)
}


func main() {
	flag.Parse()
fmt.Println(1)
 packages := f(); _ = packages
_ = packages
trafficlabShow(half(0))

}
`
	got := places([]byte(file), entries)
	lines := strings.Split(file, "\n")
	want := map[string]string{"limit = half(": "var limit = half(", "3)": "3)", "func half(n int) int {": "",
		"return 2 / n": "return 2 / n", "panic(2)": "panic(2)", "fmt.Println(1)": "fmt.Println(1)",
		"packages := f(); _ = packages": "packages := f()", "_ = packages": "_ = packages",
		"trafficlabShow(half(0))": "half(0)"}
	for i, line := range lines {
		user, ok := want[strings.TrimSpace(line)]
		if !ok {
			continue
		}
		p, ok := got[i+1]
		if user == "" {
			user = strings.TrimSpace(line)
		}
		if !ok {
			t.Errorf("%q has no place", line)
		} else if at := strings.Split(p.Code, "\n")[p.Line-1]; strings.TrimSpace(at) != user {
			t.Errorf("%q maps to %q, line %d of cell %d", line, at, p.Line, p.Cell)
		}
	}
	if p := got[13]; p.Cell != 2 {
		t.Errorf("a function that was declared again is in cell %d", p.Cell)
	}
	if got := places([]byte("not Go"), entries); got != nil {
		t.Errorf("got %v", got)
	}
}
