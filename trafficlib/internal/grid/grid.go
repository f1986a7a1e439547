// Package grid formats tables of short texts, as aligned plain text and as HTML.
//
// All tables that the library shows go through this package, so that they look alike and are
// escaped in one place. The HTML has no scripts, style sheets or links, so that it shows without a
// network.
package grid

import (
	"html"
	"strings"
	"unicode/utf8"
)

// A Grid is a table: a header, and rows with as many cells. The zero value is an empty table.
type Grid struct {
	Title  string // line above the table; "" for none
	Header []string
	Rows   [][]string
	Right  []bool // per column: right-aligned, as numbers are; further columns are left-aligned
	Note   string // line below the table, such as "… 12 more rows"; "" for none
}

// Add appends a row.
func (g *Grid) Add(cells ...string) { g.Rows = append(g.Rows, cells) }

func (g *Grid) right(col int) bool { return col < len(g.Right) && g.Right[col] }

// printable replaces control characters, such as newlines, by spaces: a cell is one line.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// Text returns the table as plain text, with two spaces between columns and a newline after each
// line.
func (g *Grid) Text() string {
	width := make([]int, len(g.Header))
	for _, row := range append([][]string{g.Header}, g.Rows...) {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(printable(cell)))
		}
	}
	var b strings.Builder
	if g.Title != "" {
		b.WriteString(g.Title + "\n")
	}
	line := func(row []string) {
		var l strings.Builder
		for i, cell := range row {
			cell = printable(cell)
			if i > 0 {
				l.WriteString("  ")
			}
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if g.right(i) {
				l.WriteString(pad + cell)
			} else {
				l.WriteString(cell + pad)
			}
		}
		b.WriteString(strings.TrimRight(l.String(), " ") + "\n")
	}
	if len(g.Header) > 0 {
		line(g.Header)
	}
	for _, row := range g.Rows {
		line(row)
	}
	if g.Note != "" {
		b.WriteString(g.Note + "\n")
	}
	return b.String()
}

// HTML returns the table as an HTML table element, with all texts escaped.
func (g *Grid) HTML() string {
	var b strings.Builder
	b.WriteString("<table>")
	if g.Title != "" {
		b.WriteString("<caption>" + html.EscapeString(g.Title) + "</caption>")
	}
	line := func(tag string, row []string) {
		b.WriteString("<tr>")
		for i, cell := range row {
			align := "left"
			if g.right(i) {
				align = "right"
			}
			text := html.EscapeString(printable(cell))
			b.WriteString("<" + tag + ` style="text-align:` + align + `">` + text + "</" + tag + ">")
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("<thead>")
	line("th", g.Header)
	b.WriteString("</thead>\n<tbody>\n")
	for _, row := range g.Rows {
		line("td", row)
	}
	b.WriteString("</tbody></table>")
	if g.Note != "" {
		b.WriteString("<p>" + html.EscapeString(g.Note) + "</p>")
	}
	return b.String()
}

// MIME returns both forms by MIME type.
func (g *Grid) MIME() (map[string]any, error) {
	return map[string]any{"text/plain": g.Text(), "text/html": g.HTML()}, nil
}
