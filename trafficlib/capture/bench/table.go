package main

import (
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

var page = benchkit.Page{
	Title:   "Captures at size",
	Package: "trafficlib/capture/bench",
	Path:    "trafficlib/capture/BENCH.md",
	Heads: []string{"who", "work", "packets", "file MB", "s", "CPU s", "k packets/CPU s", "peak MB", "ratio",
		"CPU ratio"},
	Left: []int{0, 1},
	Notes: `The work decode visits the packets. table makes a table of 11 columns from each; tshark prints the columns,
scapy keeps lists. tls computes the 146 features of TLS sessions and writes session files; tshark prints the
fields that they need, pyshark hands them to Python. gopacket is its DecodingLayerParser, the fastest decoder
that a Go program could use instead of ours, which decodes the headers itself. The time of Python is that of
the whole process; that of tshark includes its start, about a quarter of a second. Ratios are trafficlib's
packets per second divided by the peer's. Memory is the largest resident size, with the mapped parts of files.
`,
}

// A row is one line of the table.
type row struct {
	Who      string  `json:"who"`
	Work     string  `json:"work"`
	Packets  int64   `json:"packets"`
	FileMB   float64 `json:"file_mb"`
	Seconds  float64 `json:"seconds"`
	CPU      float64 `json:"cpu_seconds"`
	PerCPU   float64 `json:"packets_per_cpu_second"`
	PeakMB   float64 `json:"peak_mb"`
	Ratio    float64 `json:"ratio,omitempty"`     // trafficlib's packets per second divided by this side's
	CPURatio float64 `json:"cpu_ratio,omitempty"` // the same by processor time, which other programs disturb less
	bound    float64
}

// newRow makes a row; our is the measurement to compare with, or nil.
func newRow(s side, m measurement, size int64, our *measurement) row {
	r := row{
		Who: s.who, Work: s.work, Packets: m.Packets, FileMB: float64(size) / benchkit.MB,
		Seconds: m.Seconds, CPU: m.CPU, PerCPU: float64(m.Packets) / m.CPU,
		PeakMB: float64(m.Peak) / benchkit.MB, bound: s.bound,
	}
	if our != nil {
		r.Ratio = float64(our.Packets) / our.Seconds / (float64(m.Packets) / m.Seconds)
		r.CPURatio = float64(our.Packets) / our.CPU / r.PerCPU
	}
	return r
}

// minRate is how many packets of the large capture must become a table per second of processor
// time.
const minRate = 3e6

// bounds compares the rows with the bounds.
func bounds(rows []row) []string {
	var out []string
	for i, r := range rows {
		switch {
		case i == 1:
			out = append(out, fmt.Sprintf("table: %.1f M packets per second of processor time, at least %.0f "+
				"wanted: %s",
				r.PerCPU/1e6, minRate/1e6, benchkit.Met(r.PerCPU >= minRate)))
		case r.bound > 0:
			out = append(out, fmt.Sprintf(
				"%s: %.0f times the packets of %s per second of processor time (%.0f per second), at least %v "+
					"wanted: %s",
				r.Work, r.CPURatio, r.Who, r.Ratio, r.bound, benchkit.Met(r.CPURatio >= r.bound)))
		}
	}
	return out
}

func (r row) Cells() []string {
	return []string{
		r.Who, r.Work, fmt.Sprint(r.Packets), fmt.Sprintf("%.1f", r.FileMB), fmt.Sprintf("%.3f", r.Seconds),
		fmt.Sprintf("%.3f", r.CPU), fmt.Sprintf("%.1f", r.PerCPU/1000), fmt.Sprintf("%.0f", r.PeakMB),
		benchkit.Number("%.1f", r.Ratio), benchkit.Number("%.1f", r.CPURatio),
	}
}
