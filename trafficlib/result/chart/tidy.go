package chart

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
)

// tidy prepares gonum's SVG for a web page: it drops the XML declaration and redundant attributes,
// and fixes the widths of texts to those measured.
func tidy(svg []byte) []byte {
	text := string(svg)
	if at := strings.Index(text, "<svg"); at >= 0 {
		text = text[at:] // an XML declaration may not occur within a page
	}
	text = strings.NewReplacer(
		"font-variant:normal;", "", "font-weight:normal;", "", "font-style:normal;", "",
		"\n\tstyle=", " style=", "\n\txmlns", " xmlns",
	).Replace(text)
	return []byte(words.ReplaceAllStringFunc(text, sized))
}

var words = regexp.MustCompile(`style="font-family:Liberation Sans;(font-weight:bold;)?font-size:([0-9.]+)px;` +
	`([^"]*)">([^<]*)</text>`)

// sized adds to a text fonts of the same metrics, for viewers without the font it was measured
// with, and its width, for viewers with none of them. Otherwise names might be cut off, and labels
// might overlap the axis.
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
