package rewrite

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const before = `type point struct { x, y int; Label string }
func (p point) norm() int { return p.x*p.x + p.y*p.y }
func (p *point) move(dx int) {}
type base struct { ID int }
func (b *base) String() string { return "" }
type derived struct { base; *point }
p := point{}
rows := []derived{}
byName := map[string]*point{}
mk := func() (point, error) { return point{}, nil }
buf := &bytes.Buffer{}
max := 3
type set[T comparable] map[T]struct{}
func (s set[T]) has(v T) bool { _, ok := s[v]; return ok }
words := set[string]{}`

// The sign ‸ marks the cursor in a cell.
func TestComplete(t *testing.T) {
	s := session(t)
	if _, err := cells(t, s, before); err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]string{
		"p.‸":                                 "Label move norm x y",
		"p.n‸":                                "norm",
		"fmt.Println(p.‸":                     "Label move norm x y",
		"fmt.Println(p.‸)":                    "Label move norm x y",
		"rows[0].‸":                           "ID Label String base move norm point x y",
		"byName[\"a\"].mo‸":                   "move",
		"for _, r := range rows {\n\tr.I‸":    "ID",
		"for _, r := range rows {\n\tr.I‸\n}": "ID",
		"if p.‸":                              "Label move norm x y",
		"if q := p; q.‸ {\n}":                 "Label move norm x y",
		"switch {\ncase p.L‸":                 "Label",
		"q := &p\nq.m‸\nz := 1":               "move",
		"func f(a *point) int {\n\treturn a.‸\n}\nx := 1": "Label move norm x y",
		"buf.WriteS‸":                         "WriteString",
		"strings.Cut‸":                        "Cut CutPrefix CutSuffix",
		"strings.cutp‸":                       "CutPrefix",
		"x := strings.NewReader(\"\")\nx.Le‸": "Len",
		"point.n‸":                            "norm",
		"(*point).m‸":                         "move",
		"words.h‸":                            "has",
		"func() point { return p }().‸":       "Label norm x y",
		"ro‸":                                 "rows",
		"local := 1\nloc‸":                    "local",
		"func g(argument int) {\n\targ‸":      "argument",
		"defer p.mo‸":                         "move",
		"go func() { p.nor‸":                  "norm",
		"var q po‸":                           "point",
		"byN‸ = nil":                          "byName",
		"x := []any{p.L‸, 1}":                 "Label",
		"p.‸\nfmt.Println(1)":                 "Label move norm x y",
	} {
		at := strings.Index(code, "‸")
		c, ok := s.Complete(strings.Replace(code, "‸", "", 1), at)
		var got []string
		for _, i := range c.Items {
			got = append(got, i.Name)
		}
		slices.Sort(got)
		if !ok || strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", code, got, want)
		}
	}
	for _, code := range []string{"// p.‸", "x := \"p.‸\"", "1.‸", "nothing.‸", "p.zzz‸"} {
		at := strings.Index(code, "‸")
		if c, ok := s.Complete(strings.Replace(code, "‸", "", 1), at); ok {
			t.Errorf("%q: %v", code, c.Items)
		}
	}
	c, _ := s.Complete("p.norm", 6)
	if got, want := c.Items[0], (Item{"norm", "method", "func() int", "Cell[1]", 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	c, _ = s.Complete("max", 3)
	if got, want := c.Items[0], (Item{"max", "var", "int", "Cell[1]", 12}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Completion does not change the session.
func TestCompleteChangesNothing(t *testing.T) {
	s := session(t)
	cells(t, s, before)
	s.Complete("type point struct{ z int }\nq := point{}\nq.", 44)
	if _, err := cells(t, s, "p.x = p.norm()"); err != nil {
		t.Error(err)
	}
}

func TestInspect(t *testing.T) {
	s := session(t)
	cells(t, s, before)
	for expr, want := range map[string]string{
		"p": "var point", "point": "type struct{x int; y int; Label string}", "p.norm": "method func() int",
		"rows[0].ID": "field int",
		"rows[0]":    "value derived", "strings": "package strings", "bytes": "package bytes", "len(rows)": "value int",
		"max": "var int", "strings.Cut": "func func(s string, sep string) (before string, after string, found bool)",
	} {
		i, _, ok := s.Inspect(expr)
		if got := i.Kind + " " + i.Type; !ok || got != want {
			t.Errorf("%s: %q, want %q", expr, got, want)
		}
	}
	if _, text, _ := s.Inspect("point"); text != "type point struct { x, y int; Label string }" {
		t.Errorf("the text of a type: %q", text)
	}
	for _, expr := range []string{"nothing", "p.nothing", "1 +", ""} {
		if i, _, ok := s.Inspect(expr); ok {
			t.Errorf("%q: %+v", expr, i)
		}
	}
}

// Completion and rewriting accept the beginnings of all test cells without a panic.
func TestUnfinishedCells(t *testing.T) {
	files, err := filepath.Glob("../../../test/session/testdata/*.cells")
	if err != nil || len(files) == 0 {
		t.Fatal("no cells", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := session(t)
		cells(t, s, before)
		for _, code := range regexp.MustCompile(`(?m)^(?:---|===.*|=>[^-]*)$`).Split(string(text), -1) {
			for at := 0; at < len(code); at += 5 {
				if unfinished, ok := unfinished(code, at); ok {
					// as Complete does, but without its recover
					w, err := s.analyze(newSource(0, "", unfinished), true)
					if err == nil {
						w.find(at)
					}
				}
				if w, err := s.analyze(newSource(2, "Cell[2]", code[:at]), false); err == nil {
					w.emit()
				}
			}
		}
	}
}
