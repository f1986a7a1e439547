package benchkit

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/internal/grid"
)

// A Page describes the table of a benchmark.
type Page struct {
	Title   string   // of the file
	Package string   // of the program, "trafficlib/capture/bench"
	Path    string   // of the file, BENCH.md, from the root of the checkout
	Intro   string   // Markdown above the table
	Heads   []string // of the columns
	Left    []int    // columns of text, aligned left; the others hold numbers
	Notes   string   // Markdown below the table
}

// A Row is one line of a table. It is printed as JSON too.
type Row interface {
	// Cells returns a text for each column.
	Cells() []string
}

// Output holds the flags of a program that prints a Page.
type Output struct{ JSON, Write bool }

// Flags defines the flags.
func (o *Output) Flags(p Page) {
	flag.BoolVar(&o.JSON, "json", false, "print a line of JSON for each row")
	flag.BoolVar(&o.Write, "write", false, "write the table to "+p.Path)
}

// Emit prints a page as the flags say: as a table or as JSON, and to its file. bounds are sentences
// about the rows, such as whether a target is met.
func Emit[R Row](o Output, p Page, machine string, rows []R, bounds []string) error {
	if o.JSON {
		out := json.NewEncoder(os.Stdout)
		for _, r := range rows {
			if err := out.Encode(r); err != nil {
				return err
			}
		}
	} else {
		fmt.Print(Text(p, machine, rows, bounds))
	}
	if o.Write {
		return os.WriteFile(p.Path, []byte(Markdown(p, machine, rows, bounds)), 0o666)
	}
	return nil
}

// Text returns the page for a terminal.
func Text[R Row](p Page, machine string, rows []R, bounds []string) string {
	g := grid.Grid{Title: p.Package + " on " + machine, Header: p.Heads}
	for i := range p.Heads {
		g.Right = append(g.Right, !p.left(i))
	}
	for _, r := range rows {
		g.Add(r.Cells()...)
	}
	text := g.Text()
	for _, b := range bounds {
		text += b + "\n"
	}
	return text
}

// Markdown returns the page as the content of its file.
func Markdown[R Row](p Page, machine string, rows []R, bounds []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\nMade by `go run ./%s -write`, which says how it measures; do not edit.\n\n", p.Title,
		p.Package)
	fmt.Fprintf(&b, "On %s.\n\n%s| %s |\n|", machine, p.Intro, strings.Join(p.Heads, " | "))
	for i := range p.Heads {
		if p.left(i) {
			b.WriteString("---|")
		} else {
			b.WriteString("---:|")
		}
	}
	b.WriteByte('\n')
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(r.Cells(), " | "))
	}
	if len(bounds) > 0 {
		fmt.Fprintf(&b, "\n- %s\n", strings.Join(bounds, "\n- "))
	}
	b.WriteString("\n" + p.Notes)
	return b.String()
}

func (p Page) left(col int) bool {
	for _, i := range p.Left {
		if i == col {
			return true
		}
	}
	return false
}
