package flowtable

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// A Report lists what reading flows changed, and what was left out.
type Report struct {
	Notes    []string       `json:"notes,omitempty"` // lines that the reader adds
	Files    []FileReport   `json:"files,omitempty"`
	Rows     int64          `json:"rows"`               // in the table
	Read     int64          `json:"read"`               // in the files: the rows of the table and those left out
	Before   int64          `json:"before,omitempty"`   // left out as earlier than asked for
	Dropped  int64          `json:"dropped,omitempty"`  // left out for a missing or infinite value
	Missing  map[string]int `json:"missing,omitempty"`  // per column, missing values, without those of Before
	Infinite map[string]int `json:"infinite,omitempty"` // per column, infinities, without those of Before
	Cut      map[string]int `json:"cut,omitempty"`      // per column of integers, fractions cut off, less than 0.01 in sum
	Attempts int64          `json:"attempts,omitempty"` // attacks marked as attempted
	Labels   []string       `json:"labels,omitempty"`   // labels that the files spell otherwise
	Twelve   bool           `json:"twelve,omitempty"`   // the clock seems to have twelve hours without AM and PM
	Repaired bool           `json:"repaired,omitempty"` // clocks of twelve hours were repaired
	Odd      []OddFile      `json:"odd,omitempty"`      // files that were left out
	Absent   []string       `json:"absent,omitempty"`   // columns that no file has: they are 0, the time counts rows

	MissingPolicy  table.Policy `json:"missing_policy"`
	InfinitePolicy table.Policy `json:"infinite_policy"`
}

// An OddFile is a file that was left out beside others, and why.
type OddFile struct {
	Source
	Why string `json:"why"`
}

// A FileReport is the report on one file.
type FileReport struct {
	Name    string `json:"name"` // without folders
	Rows    int64  `json:"rows"` // without repeated headers and empty lines
	Headers int    `json:"headers,omitempty"`
	Lines   []int  `json:"lines,omitempty"`   // of the first thousand repeated headers, from 1
	Bad     int    `json:"bad,omitempty"`     // rows left out that cannot be read
	BadAt   []int  `json:"bad_at,omitempty"`  // the lines of the first thousand
	BadWhy  string `json:"bad_why,omitempty"` // what is wrong with the first
	Empty   int    `json:"empty,omitempty"`   // lines without a value, such as those of commas alone
	Moved   int64  `json:"moved,omitempty"`   // rows moved to the afternoon, by a clock of twelve hours

	Unlabeled int      `json:"unlabeled,omitempty"` // rows left out without a label
	Columns   int      `json:"columns"`
	Out       []string `json:"out,omitempty"`   // columns left out: names, and those that most files lack
	Twice     []string `json:"twice,omitempty"` // columns that are there twice, under their new names
}

// String returns the report in a few lines.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d rows read", r.Read)
	if len(r.Files) > 1 {
		fmt.Fprintf(&b, " from %d files", len(r.Files))
	}
	if r.Before > 0 {
		fmt.Fprintf(&b, "; %d dropped as too early", r.Before)
	}
	if r.Dropped > 0 {
		fmt.Fprintf(&b, "; %d dropped for a missing or infinite value", r.Dropped)
	}
	fmt.Fprintf(&b, "; %d rows\n", r.Rows)
	for _, note := range r.Notes {
		b.WriteString(note + "\n")
	}
	moved := int64(0)
	for _, f := range r.Odd {
		fmt.Fprintf(&b, "%s: left out: %s\n", f.Name, f.Why)
	}
	if len(r.Absent) > 0 {
		fmt.Fprintf(&b, "no column %s", strings.Join(r.Absent, ", "))
		if slices.Contains(r.Absent, Timestamp) {
			b.WriteString(": the order of the rows stands for the time")
		}
		b.WriteByte('\n')
	}
	for _, f := range r.Files {
		if f.Unlabeled > 0 {
			fmt.Fprintf(&b, "%s: %d rows without a label left out\n", f.Name, f.Unlabeled)
		}
		moved += f.Moved
		if f.Headers > 0 {
			fmt.Fprintf(&b, "%s: %d repeated headers dropped (%s)\n", f.Name, f.Headers, lines(f.Lines, f.Headers))
		}
		if f.Bad > 0 {
			fmt.Fprintf(&b, "%s: %d rows skipped that cannot be read (%s), the first: %s\n",
				f.Name, f.Bad, lines(f.BadAt, f.Bad), f.BadWhy)
		}
		if f.Empty > 0 {
			fmt.Fprintf(&b, "%s: %d lines without a value\n", f.Name, f.Empty)
		}
		if len(f.Out) > 0 {
			fmt.Fprintf(&b, "%s: %d columns, left out: %s\n", f.Name, f.Columns, strings.Join(f.Out, ", "))
		}
		if len(f.Twice) > 0 {
			fmt.Fprintf(&b, "%s: columns that are there twice: %s\n", f.Name, strings.Join(f.Twice, ", "))
		}
	}
	did := map[table.Policy]string{table.Keep: "kept", table.Skip: "dropped with their rows",
		table.Clip: "clipped to the column's bounds",
		table.Fill: "filled with the column's smallest, less one"}
	for _, part := range []struct {
		what string
		of   map[string]int
		did  string
	}{
		{"missing values", r.Missing, did[r.MissingPolicy]}, {"infinities", r.Infinite, did[r.InfinitePolicy]},
		{"fractions", r.Cut, "cut off"},
	} {
		for _, name := range slices.Sorted(maps.Keys(part.of)) {
			fmt.Fprintf(&b, "column %q: %d %s %s\n", name, part.of[name], part.what, part.did)
		}
	}
	if len(r.Labels) > 0 {
		fmt.Fprintf(&b, "labels spelled otherwise in the files: %s\n", strings.Join(r.Labels, ", "))
	}
	if r.Attempts > 0 {
		fmt.Fprintf(&b, "%d attacks without payload marked as attempted\n", r.Attempts)
	}
	switch {
	case moved > 0:
		fmt.Fprintf(&b, "hours 1 to 7 were read as those of the afternoon: %d rows\n", moved)
	case r.Twelve:
		b.WriteString("the hours go from 1 to 12 without AM or PM, so sorting by time mixes morning and afternoon: " +
			"Options.Afternoon repairs it\n")
	}
	return b.String()
}

// lines lists the first of n line numbers.
func lines(at []int, n int) string {
	const most = 5
	word, rest := "lines", ""
	if n == 1 {
		word = "line"
	}
	if n > most {
		rest = fmt.Sprintf(" and %d more", n-most)
	}
	return word + " " + strings.ReplaceAll(strings.Trim(fmt.Sprint(at[:min(most, len(at))]), "[]"), " ", ", ") + rest
}
