package rewrite

import (
	"cmp"
	"slices"
	"strings"
)

// An edit replaces the bytes from..to of a text.
type edit struct {
	from, to int
	text     string
}

// A span is a range of bytes.
type span struct{ from, to int }

// edits are the edits of one text. An edit within the range of an earlier one is dropped.
type edits []edit

func (e *edits) replace(from, to int, text string) { *e = append(*e, edit{from, to, text}) }

func (e *edits) insert(at int, text string) { e.replace(at, at, text) }

// apply returns the bytes from..to of a text after their edits. Insertions at the same place keep
// their order.
func (e edits) apply(text string, from, to int) string {
	in := make(edits, 0, len(e))
	for _, x := range e {
		if x.from >= from && x.to <= to {
			in = append(in, x)
		}
	}
	slices.SortStableFunc(in, func(a, b edit) int {
		if a.from == b.from && (a.to == a.from) != (b.to == b.from) {
			return cmp.Compare(a.to, b.to) // insert before the text that is replaced here
		}
		return cmp.Compare(a.from, b.from)
	})
	var b strings.Builder
	at := from
	for _, x := range in {
		if x.from < at {
			continue
		}
		b.WriteString(text[at:x.from])
		b.WriteString(x.text)
		at = x.to
	}
	b.WriteString(text[at:to])
	return b.String()
}
