package table

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Report lists what reading a file changed.
type Report struct {
	Rows     int            // in the file, without its header
	Left     int            // rows that Options.Rows refused
	Skipped  []int          // the lines of rows that were left out, from 1
	Clipped  map[string]int // per column, infinities that became its largest or smallest finite value
	Filled   map[string]int // per column, missing and infinite values that became its smallest finite value, less one
	Kept     map[string]int // per column, missing and infinite values that were kept
	Replaced map[string]int // per column, texts in which bytes that are not UTF-8 became U+FFFD
}

// Empty reports whether nothing was changed, kept or left out. Rows that Options.Rows refused do
// not count.
func (r Report) Empty() bool {
	return len(r.Skipped)+len(r.Clipped)+len(r.Filled)+len(r.Kept)+len(r.Replaced) == 0
}

// String returns the report in one line.
func (r Report) String() string {
	s := fmt.Sprintf("%d rows read", r.Rows)
	if r.Left > 0 {
		s += fmt.Sprintf("; %d of another kind left out", r.Left)
	}
	if n := len(r.Skipped); n > 0 {
		const most = 5
		lines := strings.Trim(fmt.Sprint(r.Skipped[:min(n, most)]), "[]")
		s += fmt.Sprintf("; %d skipped (lines %s", n, strings.ReplaceAll(lines, " ", ", "))
		if n > most {
			s += fmt.Sprintf(" and %d more", n-most)
		}
		s += ")"
	}
	for _, part := range []struct {
		what string
		of   map[string]int
	}{
		{"infinities clipped", r.Clipped}, {"missing or infinite values filled", r.Filled},
		{"missing or infinite values kept", r.Kept}, {"texts not in UTF-8 repaired", r.Replaced},
	} {
		for _, name := range slices.Sorted(maps.Keys(part.of)) {
			s += fmt.Sprintf("; column %q: %d %s", name, part.of[name], part.what)
		}
	}
	return s
}
