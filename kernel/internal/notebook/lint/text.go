package lint

import (
	"slices"
	"strings"
	"unicode"

	"github.com/trafficlab/trafficlab/kernel/internal/notebook"
)

// lastHeading returns the text of the last heading of a text cell.
func lastHeading(source string) string {
	all := notebook.Headings(source)
	if len(all) == 0 {
		return ""
	}
	return strings.TrimLeft(all[len(all)-1], "# ")
}

// steps returns the second-level headings of a notebook that name a step.
func steps(cells []notebook.Cell) []string {
	var found []string
	for _, c := range cells {
		if c.Kind != "markdown" {
			continue
		}
		for _, h := range notebook.Headings(c.Source) {
			if name, ok := strings.CutPrefix(h, "## "); ok && slices.Contains(Headings, name) {
				found = append(found, name)
			}
		}
	}
	return found
}

// hasSentence reports whether a text cell has text besides headings.
func hasSentence(source string) bool {
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "#") && strings.ContainsFunc(line, unicode.IsLetter) &&
			strings.Contains(line, " ") {
			return true
		}
	}
	return false
}
