package lint

import (
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/notebook"
)

func text(s string) notebook.Cell { return notebook.Cell{Kind: "markdown", Source: s} }

func code(s string, tags ...string) notebook.Cell {
	return notebook.Cell{Kind: "code", Source: s, Tags: tags}
}

// good returns a notebook without findings.
func good() []notebook.Cell {
	cells := []notebook.Cell{
		text("# A title\n\nIts settings."), code("var (\n\tdata string = \"x\"\n)", "parameters"),
		text("The imports."), code("import (\n\t\"fmt\"\n)\n"),
	}
	for _, h := range Headings {
		cells = append(cells, text("## "+h+"\n\nA sentence on it."), code("%%\nfmt.Println(data)"))
	}
	return cells
}

func TestGood(t *testing.T) {
	for _, f := range Check(good()) {
		t.Error(f)
	}
}

// Statements need no %%, and may be mixed with declarations.
func TestBareGo(t *testing.T) {
	for _, source := range []string{"fmt.Println(data)", "n := len(data)\nn + 1",
		"type point struct{ x int }\np := point{1}\np",
		"for i := range 3 {\n\tfmt.Println(i)\n}"} {
		cells := good()
		cells[len(cells)-1].Source = source
		for _, f := range Check(cells) {
			t.Errorf("%q: %s", source, f)
		}
	}
}

// TestFindings breaks one rule at a time.
func TestFindings(t *testing.T) {
	last := func(change func(c *notebook.Cell)) []notebook.Cell {
		cells := good()
		change(&cells[len(cells)-1])
		return cells
	}
	source := func(s string) []notebook.Cell { return last(func(c *notebook.Cell) { c.Source = s }) }
	output := func(s string) []notebook.Cell { return last(func(c *notebook.Cell) { c.Plain = s }) }
	without := func(i int) []notebook.Cell {
		cells := good()
		return append(cells[:i:i], cells[i+1:]...)
	}
	swapped := good()
	swapped[4], swapped[6] = swapped[6], swapped[4]
	for want, cells := range map[string][]notebook.Cell{
		`cell 20 (Plot): func: declares the function f`: source("func f() {}\n%%\nf()"),
		`cell 20 (Plot): var: declares the variable x`:  source("var x = 1\n%%\nfmt.Println(x)"),
		`cell 20 (Plot): length: 13 lines, at most 12`: source("%%\n" +
			strings.Repeat("fmt.Println()\n", 13)),
		`cell 20 (Plot): length: 14 lines, at most 12`: source("x := 1\n" + strings.Repeat("x++\n", 13)),
		`cell 20 (Plot): syntax: is not Go`:            source("this is no Go"),
		`imports: 2 cells import`:                      source("import \"os\""),
		`cell 20 (Plot): tags: tag "slow"`:             last(func(c *notebook.Cell) { c.Tags = []string{"slow"} }),
		`cell 20 (Plot): tags: a cell of a headless run`: last(func(c *notebook.Cell) {
			c.Tags = []string{"injected-parameters"}
		}),
		`cell 20 (Plot): output: keeps the path /home/me/x`: output("saved to /home/me/x"),
		`cell 20 (Plot): output: keeps the time of one run`: output("done at 2026-01-02 15:04"),
		`cell 20 (Plot): output: keeps the path /root/x/y`: last(func(c *notebook.Cell) {
			c.Rich = "<b>/root/x/y</b>"
		}),
		`cell 20 (Plot): output: keeps the time of one run,`:       output("Mon Jan  2 15:04:05 UTC 2026"),
		`cell 20 (Plot): output: keeps the time of one run, 2 Jan`: output("Fri, 2 Jan 2026 15:04:05 GMT"),
		`cell 20 (Plot): output: keeps the time at which`:          last(func(c *notebook.Cell) { c.Timed = true }),
		`cell 19 (Score): sentence: no text before`:                without(18),
		`headings: the steps are Encode · Load · Sequences`:        swapped,
		`parameters: 0 cells with the tag`:                         without(1),
		`imports: 0 cells import`:                                  without(3),
	} {
		found := Check(cells)
		matched := false
		var all []string
		for _, f := range found {
			all = append(all, f.String())
			matched = matched || strings.HasPrefix(f.String(), want)
		}
		if !matched {
			t.Errorf("want %q, found\n%s", want, strings.Join(all, "\n"))
		}
	}
	for _, harmless := range []string{"3/4 of it", "train step 300/300", "ratio a/b/c", "1998-06-01 08:00:00",
		"https://example.org/a/b", "<b>1/2</b></td></tr>", "May 1998", "go1.26.5-2026"} {
		for _, f := range Check(output(harmless)) {
			t.Errorf("%q: %s", harmless, f)
		}
	}
	for source, want := range map[string]string{
		"import _ \"embed\"": "import: imports embed as _",
		"import . \"fmt\"":   "import: imports fmt as .",
	} {
		cells := good()
		cells[3].Source = source
		if found := Check(cells); len(found) != 1 || !strings.Contains(found[0].String(), want) {
			t.Errorf("%s: found %v, want %q", source, found, want)
		}
	}
	cells := good()
	cells[1].Source = "var data = 1"
	if found := Check(cells); len(found) != 1 || !strings.Contains(found[0].String(), "no type or no value") {
		t.Errorf("an untyped parameter: found %v", found)
	}
}
