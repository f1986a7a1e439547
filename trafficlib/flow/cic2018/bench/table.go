package main

import (
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

const mb = benchkit.MB

var page = benchkit.Page{
	Title:   "Flows at size",
	Package: "trafficlib/flow/cic2018/bench",
	Path:    "trafficlib/flow/cic2018/BENCH.md",
	Heads: []string{
		"who", "work", "rows", "CSV MB", "Arrow MB", "s", "CPU s", "k rows/s", "k rows/CPU s", "anon MB", "mapped MB",
		"ratio", "CPU ratio",
	},
	Left: []int{0, 1},
	Notes: `Load turns the text into an Arrow file, synced to the disk, with each column in the smallest type that holds
it. DuckDB cannot do that; it stores floats as float32 and leaves integers as they are. The peers are told
which columns have fractions, which saves them a pass over the text; ours finds out, and hashes the text too.
Sort also sorts the rows by time. Again is a second load of ours, which maps the file. load×N sorts the file
repeated N times, for the memory at that size. Each is the best of the rounds by processor time. Ratios are
trafficlib's rows per second divided by the peer's. Memory is the most that was seen of the process: what
belongs to it alone (RssAnon), and the mapped parts of files, which the system may take back.
`,
}

// A row is one line of the table.
type row struct {
	Who      string  `json:"who"`
	Work     string  `json:"work"`
	Rows     int64   `json:"rows"`
	FileMB   float64 `json:"file_mb"`
	ArrowMB  float64 `json:"arrow_mb"`
	Seconds  float64 `json:"seconds"`
	CPU      float64 `json:"cpu_seconds"`
	PerSec   float64 `json:"rows_per_second"`
	PerCPU   float64 `json:"rows_per_cpu_second"`
	AnonMB   float64 `json:"peak_anon_mb"`
	MappedMB float64 `json:"peak_mapped_mb"`
	Ratio    float64 `json:"ratio,omitempty"`     // trafficlib's rows per second divided by this side's
	CPURatio float64 `json:"cpu_ratio,omitempty"` // the same by processor time, which other programs disturb less
}

func newRow(who, work string, m, our measurement) row {
	r := row{
		Who: who, Work: work, Rows: m.Rows, FileMB: float64(m.Bytes) / mb, ArrowMB: float64(m.Held) / mb,
		Seconds: m.Seconds, CPU: m.CPU, PerSec: float64(m.Rows) / m.Seconds, PerCPU: float64(m.Rows) / m.CPU,
		AnonMB: float64(m.Anon) / mb, MappedMB: float64(m.Mapped) / mb,
	}
	if who != benchkit.Ours {
		r.Ratio, r.CPURatio = m.Seconds/our.Seconds, m.CPU/our.CPU
	}
	return r
}

// The bounds on our side.
const (
	minRows = 300_000 // per second of processor time, without the sort
	maxAnon = 1000    // MB
)

// bounds compares the rows with the bounds.
func bounds(rows []row) []string {
	var out []string
	anon := 0.0
	for _, r := range rows {
		if r.Who != benchkit.Ours {
			continue
		}
		anon = max(anon, r.AnonMB)
		switch r.Work {
		case "load":
			out = append(out, fmt.Sprintf("load: %.0f k rows of 80 columns per second of processor time, at least "+
				"%d k wanted: %s",
				r.PerCPU/1000, minRows/1000, benchkit.Met(r.PerCPU >= minRows)))
		case "again":
			out = append(out, fmt.Sprintf("again: %.1f ms", r.Seconds*1000))
		}
	}
	return append(out, fmt.Sprintf("anonymous memory of ours: at most %.0f MB, %d allowed: %s",
		anon, maxAnon, benchkit.Met(anon <= maxAnon)))
}

func (r row) Cells() []string {
	cells := []string{
		r.Who, r.Work, fmt.Sprint(r.Rows), fmt.Sprintf("%.0f", r.FileMB), fmt.Sprintf("%.0f", r.ArrowMB),
		fmt.Sprintf("%.3f", r.Seconds), fmt.Sprintf("%.3f", r.CPU),
		fmt.Sprintf("%.0f", r.PerSec/1000), fmt.Sprintf("%.0f", r.PerCPU/1000),
		fmt.Sprintf("%.0f", r.AnonMB), fmt.Sprintf("%.0f", r.MappedMB),
		benchkit.Number("%.2f", r.Ratio), benchkit.Number("%.2f", r.CPURatio),
	}
	if r.Work == "again" { // it reads no rows
		cells[7], cells[8] = "", ""
	}
	return cells
}
