package main

import (
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

var page = benchkit.Page{
	Title:   "Session files at size",
	Package: "trafficlib/data/seq/bench",
	Path:    "trafficlib/data/seq/BENCH.md",
	Heads: []string{
		"who", "stage", "file MB", "s", "CPU s", "MB/s", "batches/s", "anon MB", "mapped MB", "ratio", "CPU ratio",
	},
	Left: []int{0, 1},
	Notes: fmt.Sprintf(`A batch is %d sessions of %d packets, shuffled. The peer makes it from the text, by the offsets of its index,
and again from the file that it converted, mapped by numpy. Ours reuses the memory of earlier batches
(Batch.Release), on all cores. Convert writes all values, synced to the disk, and the SHA-256 of the text on
both sides. Ratios are trafficlib's rate divided by the peer's on the same file. Memory is the most that was
seen of the process: what belongs to it alone (RssAnon), and the mapped parts of files, which the system may
take back.
`, batchSize, steps),
}

// A row is one line of the table.
type row struct {
	Who      string  `json:"who"`
	Stage    string  `json:"stage"`
	FileMB   float64 `json:"file_mb,omitempty"` // of the session file; 0 for batches
	Seconds  float64 `json:"seconds"`
	CPU      float64 `json:"cpu_seconds"`
	MBPerS   float64 `json:"mb_per_s,omitempty"`
	BatchesS float64 `json:"batches_per_s,omitempty"`
	AnonMB   float64 `json:"peak_anon_mb"`
	MappedMB float64 `json:"peak_mapped_mb"`
	Ratio    float64 `json:"ratio,omitempty"`     // trafficlib's rate divided by this side's, on the same file
	CPURatio float64 `json:"cpu_ratio,omitempty"` // the same by processor time, which other programs disturb less
}

func newRow(who, stage string, m measurement) row {
	r := row{
		Who: who, Stage: stage, Seconds: m.Seconds, CPU: m.CPU,
		AnonMB: float64(m.Anon) / mb, MappedMB: float64(m.Mapped) / mb,
	}
	if m.Bytes > 0 {
		r.FileMB, r.MBPerS = float64(m.Bytes)/mb, m.rate()/mb
	} else {
		r.BatchesS = m.rate()
	}
	return r
}

// The bounds on the rows: on reading text against the peer, on batches against those that the peer
// makes from its converted file, and on our memory at any size.
const (
	boundRatio   = 20
	boundBatches = 1
	boundAnonMB  = 256
)

// bounds compares the rows with the bounds.
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
			out = append(out, fmt.Sprintf("%s: %.1f times the peer's throughput (%.1f by processor time), at least "+
				"%v wanted: %s",
				r.Stage, r.Ratio, r.CPURatio, bound, benchkit.Met(r.Ratio >= bound)))
		}
		if r.Who == benchkit.Ours {
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
		out = append(out, fmt.Sprintf("index of the large file: %.0f %% of the speed at which the machine reads "+
			"its bytes "+
			"(the row memory), the most that anything that finds lines can reach", 100*index/roof))
	}
	return append(out, fmt.Sprintf("anonymous memory of ours: at most %.0f MB, %d allowed: %s",
		anon, boundAnonMB, benchkit.Met(anon <= boundAnonMB)))
}

func (r row) Cells() []string {
	number := benchkit.Number
	return []string{
		r.Who, r.Stage, number("%.0f", r.FileMB), fmt.Sprintf("%.3f", r.Seconds), fmt.Sprintf("%.3f", r.CPU),
		number("%.0f", r.MBPerS), number("%.1f", r.BatchesS), number("%.0f", r.AnonMB), number("%.0f", r.MappedMB),
		number("%.1f", r.Ratio), number("%.1f", r.CPURatio),
	}
}
