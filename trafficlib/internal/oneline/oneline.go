// Package oneline shortens texts of several lines to one, for errors: a notebook shows an error as
// a line.
package oneline

import "strings"

// First returns the first line of s, without its newline.
func First(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// Join joins the lines of s that are not blank by "; ".
func Join(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}
