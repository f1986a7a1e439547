package cellsource

import "strings"

// An inside follows lines of Go and knows whether the next one begins inside of a raw string or a
// comment, where nothing at the beginning of a line is special.
type inside struct{ end string } // what ends the string or the comment; "" outside

// open reports whether the next line begins inside.
func (in *inside) open() bool { return in.end != "" }

// line goes on by a line.
func (in *inside) line(text string) {
	for text != "" {
		if in.end != "" {
			_, rest, found := strings.Cut(text, in.end)
			if !found {
				return
			}
			in.end, text = "", rest
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
			in.end = "`"
		case c == '/' && strings.HasPrefix(text, "/"):
			return
		case c == '/' && strings.HasPrefix(text, "*"):
			in.end, text = "*/", text[1:]
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
