package main

import (
	"fmt"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

// A row is one line of the table.
type row struct {
	Who      string  `json:"who"`
	Stage    string  `json:"stage"`
	FileMB   float64 `json:"file_mb,omitempty"` // of the session file, of index and convert
	Seconds  float64 `json:"seconds"`
	CPU      float64 `json:"cpu_seconds"`
	MBPerS   float64 `json:"mb_per_s,omitempty"`
	BatchesS float64 `json:"batches_per_s,omitempty"`
	AnonMB   float64 `json:"peak_anon_mb"`
	MappedMB float64 `json:"peak_mapped_mb"`
	Ratio    float64 `json:"ratio,omitempty"`     // trafficlib's rate through this one, on the same file
	CPURatio float64 `json:"cpu_ratio,omitempty"` // the same by processor time, which other programs disturb less
}

func newRow(who, stage string, m measurement) row {
	r := row{Who: who, Stage: stage, Seconds: m.Seconds, CPU: m.CPU, AnonMB: float64(m.Anon) / mb, MappedMB: float64(m.Mapped) / mb}
	if m.Bytes > 0 {
		r.FileMB, r.MBPerS = float64(m.Bytes)/mb, m.rate()/mb
	} else {
		r.BatchesS = m.rate()
	}
	return r
}

// The bounds that the rows are held against: text against the peer's, batches against those that the peer makes of its
// own converted file, and our memory at any size.
const (
	boundRatio   = 20
	boundBatches = 1
	boundAnonMB  = 256
)

// bounds says how the rows stand to the bounds.
func bounds(rows []row) []string {
	var out []string
	anon, index, roof := 0.0, 0.0, 0.0 // MB, and MB/s on the large file
	for _, r := range rows {
		bound := 0.0
		switch {
		case r.Ratio > 0 && r.MBPerS > 0:
			bound = boundRatio
		case r.Stage == ofConverted:
			bound = boundBatches
		}
		if bound > 0 {
			out = append(out, fmt.Sprintf("%s: %.1f times the peer's throughput (%.1f by processor time), at least %v wanted: %s",
				r.Stage, r.Ratio, r.CPURatio, bound, benchkit.Met(r.Ratio >= bound)))
		}
		if r.Who == "trafficlib" {
			anon = max(anon, r.AnonMB)
		}
		switch {
		case r.Stage == ofBytes:
			roof = r.MBPerS
		case r.Stage == "index" && index == 0:
			index = r.MBPerS
		}
	}
	if roof > 0 {
		out = append(out, fmt.Sprintf("index of the large file: %.0f %% of the speed at which the machine looks at its bytes (the row memory), which nothing that finds lines can exceed", 100*index/roof))
	}
	return append(out, fmt.Sprintf("anonymous memory of ours: at most %.0f MB, %d allowed: %s", anon, boundAnonMB, benchkit.Met(anon <= boundAnonMB)))
}

var heads = []string{"who", "stage", "file MB", "s", "CPU s", "MB/s", "batches/s", "anon MB", "mapped MB", "ratio", "CPU ratio"}

func (r row) cells() []string {
	number := func(format string, v float64) string {
		if v == 0 {
			return ""
		}
		return fmt.Sprintf(format, v)
	}
	return []string{r.Who, r.Stage, number("%.0f", r.FileMB), fmt.Sprintf("%.3f", r.Seconds), fmt.Sprintf("%.3f", r.CPU), number("%.0f", r.MBPerS),
		number("%.1f", r.BatchesS), number("%.0f", r.AnonMB), number("%.0f", r.MappedMB), number("%.1f", r.Ratio),
		number("%.1f", r.CPURatio)}
}

// text gives the table for a terminal.
func text(rows []row, machine string) string {
	var b strings.Builder
	line := func(cells []string) {
		fmt.Fprintf(&b, "%-13s %-21s", cells[0], cells[1])
		for _, c := range cells[2:] {
			fmt.Fprintf(&b, " %9s", c)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "trafficlib/data/seq/bench on %s\n", machine)
	line(heads)
	for _, r := range rows {
		line(r.cells())
	}
	b.WriteString(strings.Join(bounds(rows), "\n") + "\n")
	return b.String()
}

// markdown gives the page that -write leaves.
func markdown(rows []row, machine string) string {
	var b strings.Builder
	b.WriteString("# Session files at size\n\nMade by `go run ./trafficlib/data/seq/bench -write`, which says how it measures; do not edit.\n\n")
	fmt.Fprintf(&b, "On %s.\n\n", machine)
	fmt.Fprintf(&b, "| %s |\n|---|---|%s\n", strings.Join(heads, " | "), strings.Repeat("---:|", len(heads)-2))
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(r.cells(), " | "))
	}
	fmt.Fprintf(&b, "\n- %s\n\n", strings.Join(bounds(rows), "\n- "))
	fmt.Fprintf(&b, "A batch is %d sessions of %d packets, shuffled. The peer makes it out of the text, by the offsets of its index, and\n"+
		"once more out of the file that it converted, mapped by numpy. Ours is made of memory that earlier ones gave back\n"+
		"(Batch.Release), on all cores. Convert writes all values, synced to the disk, and the SHA-256 of the text on both\n"+
		"sides. Ratios are trafficlib's rate through the peer's on the same file; memory is the most that was seen of the process, what belongs to it alone (RssAnon) and what it maps of\n"+
		"files and the system may take back.\n", batchSize, steps)
	return b.String()
}
