package chart

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
)

// tidy makes gonum's SVG fit to stand in a page: without an XML declaration and what says nothing, and with texts that
// are as wide as they were measured.
func tidy(svg []byte) []byte {
	text := string(svg)
	if at := strings.Index(text, "<svg"); at >= 0 {
		text = text[at:] // a notebook puts the picture into a page, where an XML declaration may not stand
	}
	text = strings.NewReplacer(
		"font-variant:normal;", "", "font-weight:normal;", "", "font-style:normal;", "",
		"\n\tstyle=", " style=", "\n\txmlns", " xmlns",
	).Replace(text)
	return []byte(words.ReplaceAllStringFunc(text, sized))
}

var words = regexp.MustCompile(`style="font-family:Liberation Sans;(font-weight:bold;)?font-size:([0-9.]+)px;([^"]*)">([^<]*)</text>`)

// sized names fonts of the same widths for readers without the one that a text was measured with, and its width for
// those who have none of them, so that a name is not cut and a label stays beside its axis.
func sized(text string) string {
	part := words.FindStringSubmatch(text)
	size, err := strconv.ParseFloat(part[2], 64)
	if err != nil || part[4] == "" {
		return text
	}
	width := textStyle(vg.Points(size), part[1] != "").Width(html.UnescapeString(part[4]))
	return fmt.Sprintf(`textLength="%.4g" lengthAdjust="spacingAndGlyphs" `+
		`style="font-family:'Liberation Sans',Arial,Helvetica,sans-serif;%sfont-size:%spx;%s">%s</text>`,
		width.Points(), part[1], part[2], part[3], part[4])
}
