// Package grid lays rows of short texts out for showing: as aligned plain text and as an HTML table.
//
// Everything that the library shows as a table goes through here, so that all of it looks alike and is escaped in one
// place. The HTML holds no script, no style sheet and no link: it shows the same with no network.
package grid

import (
	"html"
	"strings"
	"unicode/utf8"
)

// A Grid is a header and rows of as many cells. The zero value is an empty grid.
type Grid struct {
	Title  string // a line above; "" for none
	Header []string
	Rows   [][]string
	Right  []bool // per column: align to the right, as numbers are; columns past its end align to the left
	Note   string // a line below, such as "… 12 more rows"; "" for none
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

// Text gives the grid with aligned columns, two spaces between them, each line ending with a newline.
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

// HTML gives the grid as one table element, every text escaped.
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
			b.WriteString("<" + tag + ` style="text-align:` + align + `">` + html.EscapeString(printable(cell)) + "</" + tag + ">")
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

// MIME gives both forms, by MIME type.
func (g *Grid) MIME() (map[string]any, error) {
	return map[string]any{"text/plain": g.Text(), "text/html": g.HTML()}, nil
}
