// Package oneline shortens texts of several lines to one, for errors and lists.
package oneline

import "strings"

// First returns the first line of s, without the blank lines before it and the space around it.
func First(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(line)
}
