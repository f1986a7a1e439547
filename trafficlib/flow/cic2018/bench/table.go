package main

import (
	"fmt"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

const mb = 1_000_000

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
	Ratio    float64 `json:"ratio,omitempty"`     // trafficlib's rows per second through this one's
	CPURatio float64 `json:"cpu_ratio,omitempty"` // the same by processor time, which other programs disturb less
}

func newRow(who, work string, m, our measurement) row {
	r := row{Who: who, Work: work, Rows: m.Rows, FileMB: float64(m.Bytes) / mb, ArrowMB: float64(m.Held) / mb, Seconds: m.Seconds, CPU: m.CPU,
		PerSec: float64(m.Rows) / m.Seconds, PerCPU: float64(m.Rows) / m.CPU, AnonMB: float64(m.Anon) / mb, MappedMB: float64(m.Mapped) / mb}
	if who != "trafficlib" {
		r.Ratio, r.CPURatio = m.Seconds/our.Seconds, m.CPU/our.CPU
	}
	return r
}

// The bounds that ours is held against.
const (
	leastRows = 300_000 // for a second of processor time, without the sort
	mostAnon  = 1000    // MB
)

// bounds says how the rows stand to the bounds.
func bounds(rows []row) []string {
	var out []string
	anon := 0.0
	for _, r := range rows {
		if r.Who != "trafficlib" {
			continue
		}
		anon = max(anon, r.AnonMB)
		switch r.Work {
		case "load":
			out = append(out, fmt.Sprintf("load: %.0f k rows of 80 columns per second of processor time, at least %d k wanted: %s", r.PerCPU/1000, leastRows/1000, benchkit.Met(r.PerCPU >= leastRows)))
		case "again":
			out = append(out, fmt.Sprintf("again: %.1f ms", r.Seconds*1000))
		}
	}
	return append(out, fmt.Sprintf("anonymous memory of ours: at most %.0f MB, %d allowed: %s", anon, mostAnon, benchkit.Met(anon <= mostAnon)))
}

var heads = []string{"who", "work", "rows", "CSV MB", "Arrow MB", "s", "CPU s", "k rows/s", "k rows/CPU s", "anon MB", "mapped MB", "ratio", "CPU ratio"}

func (r row) cells() []string {
	ratio := func(v float64) string {
		if v == 0 {
			return ""
		}
		return fmt.Sprintf("%.2f", v)
	}
	cells := []string{r.Who, r.Work, fmt.Sprint(r.Rows), fmt.Sprintf("%.0f", r.FileMB), fmt.Sprintf("%.0f", r.ArrowMB), fmt.Sprintf("%.3f", r.Seconds), fmt.Sprintf("%.3f", r.CPU),
		fmt.Sprintf("%.0f", r.PerSec/1000), fmt.Sprintf("%.0f", r.PerCPU/1000), fmt.Sprintf("%.0f", r.AnonMB), fmt.Sprintf("%.0f", r.MappedMB), ratio(r.Ratio), ratio(r.CPURatio)}
	if r.Work == "again" { // nothing is read
		cells[7], cells[8] = "", ""
	}
	return cells
}

// text gives the table for a terminal.
func text(rows []row, machine string) string {
	var b strings.Builder
	line := func(cells []string) {
		fmt.Fprintf(&b, "%-11s %-6s", cells[0], cells[1])
		for i, c := range cells[2:] {
			fmt.Fprintf(&b, " %*s", max(8, len(heads[i+2])), c)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "trafficlib/flow/cic2018/bench on %s\n", machine)
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
	b.WriteString("# Flows at size\n\nMade by `go run ./trafficlib/flow/cic2018/bench -write`, which says how it measures; do not edit.\n\n")
	fmt.Fprintf(&b, "On %s.\n\n", machine)
	fmt.Fprintf(&b, "| %s |\n|---|---|%s\n", strings.Join(heads, " | "), strings.Repeat("---:|", len(heads)-2))
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(r.cells(), " | "))
	}
	fmt.Fprintf(&b, "\n- %s\n\n", strings.Join(bounds(rows), "\n- "))
	b.WriteString(`Load is the text to an Arrow file, synced to the disk, each column in the smallest type that holds it (DuckDB, which has no
such thing, makes floats float32 and leaves its integers). The peers are told which columns have fractions, which spares them
a look at all of the text before they read it; ours finds it out, and hashes the text too. Sort is load in the order of time,
again a second load of ours, which maps the file that is there, and load×N sorts the file N times over, for the memory at that
size. Each is the best of the rounds by processor time. Ratios are trafficlib's rows per second through the peer's; memory is
the most that was seen of the process, what belongs to it alone (RssAnon) and what it maps of files and the system may take
back.
`)
	return b.String()
}
