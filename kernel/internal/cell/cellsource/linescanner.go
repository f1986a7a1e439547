package cellsource

import "strings"

// A lineScanner reads lines of Go and knows whether the next line begins inside a raw string or a
// comment, where the beginning of a line has no special meaning.
type lineScanner struct{ end string } // what ends the string or comment; "" outside

// inside reports whether the next line begins inside a raw string or a comment.
func (s *lineScanner) inside() bool { return s.end != "" }

// next reads a line.
func (s *lineScanner) next(text string) {
	for text != "" {
		if s.end != "" {
			_, rest, found := strings.Cut(text, s.end)
			if !found {
				return
			}
			s.end, text = "", rest
			continue
		}
		i := strings.IndexAny(text, "`\"'/")
		if i < 0 {
			return
		}
		c := text[i]
		text = text[i+1:]
		switch {
		case c == '`':
			s.end = "`"
		case c == '/' && strings.HasPrefix(text, "/"):
			return
		case c == '/' && strings.HasPrefix(text, "*"):
			s.end, text = "*/", text[1:]
		case c == '"', c == '\'':
			for text != "" && text[0] != c {
				if text[0] == '\\' && len(text) > 1 {
					text = text[1:]
				}
				text = text[1:]
			}
			text = strings.TrimPrefix(text, string(c))
		}
	}
}
