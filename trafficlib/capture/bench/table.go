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
	Packets  int64   `json:"packets"`
	FileMB   float64 `json:"file_mb"`
	Seconds  float64 `json:"seconds"`
	CPU      float64 `json:"cpu_seconds"`
	PerCPU   float64 `json:"packets_per_cpu_second"`
	PeakMB   float64 `json:"peak_mb"`
	Ratio    float64 `json:"ratio,omitempty"`     // trafficlib's packets per second through this one's
	CPURatio float64 `json:"cpu_ratio,omitempty"` // the same by processor time, which other programs disturb less
	bound    float64
}

func newRow(s side, m measurement, size int64, our *measurement) row {
	r := row{Who: s.who, Work: s.work, Packets: m.Packets, FileMB: float64(size) / mb, Seconds: m.Seconds, CPU: m.CPU,
		PerCPU: float64(m.Packets) / m.CPU, PeakMB: float64(m.Peak) / mb, bound: s.bound}
	if our != nil {
		r.Ratio = float64(our.Packets) / our.Seconds / (float64(m.Packets) / m.Seconds)
		r.CPURatio = float64(our.Packets) / our.CPU / r.PerCPU
	}
	return r
}

// least is how many packets a processor second must make into a table, on the large capture.
const least = 3e6

// bounds says how the rows stand to the bounds.
func bounds(rows []row) []string {
	var out []string
	for i, r := range rows {
		switch {
		case i == 1:
			out = append(out, fmt.Sprintf("table: %.1f M packets per second of processor time, at least %.0f wanted: %s", r.PerCPU/1e6, least/1e6, benchkit.Met(r.PerCPU >= least)))
		case r.bound > 0:
			out = append(out, fmt.Sprintf("%s: %.0f times the packets of %s per second of processor time (%.0f per second), at least %v wanted: %s",
				r.Work, r.CPURatio, r.Who, r.Ratio, r.bound, benchkit.Met(r.CPURatio >= r.bound)))
		}
	}
	return out
}

var heads = []string{"who", "work", "packets", "file MB", "s", "CPU s", "k packets/CPU s", "peak MB", "ratio", "CPU ratio"}

func (r row) cells() []string {
	ratio := func(v float64) string {
		if v == 0 {
			return ""
		}
		return fmt.Sprintf("%.1f", v)
	}
	return []string{r.Who, r.Work, fmt.Sprint(r.Packets), fmt.Sprintf("%.1f", r.FileMB), fmt.Sprintf("%.3f", r.Seconds), fmt.Sprintf("%.3f", r.CPU),
		fmt.Sprintf("%.1f", r.PerCPU/1000), fmt.Sprintf("%.0f", r.PeakMB), ratio(r.Ratio), ratio(r.CPURatio)}
}

// text gives the table for a terminal.
func text(rows []row, machine string) string {
	var b strings.Builder
	line := func(cells []string) {
		fmt.Fprintf(&b, "%-11s %-7s", cells[0], cells[1])
		for i, c := range cells[2:] {
			fmt.Fprintf(&b, " %*s", max(9, len(heads[i+2])), c)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "trafficlib/capture/bench on %s\n", machine)
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
	b.WriteString("# Captures at size\n\nMade by `go run ./trafficlib/capture/bench -write`, which says how it measures; do not edit.\n\n")
	fmt.Fprintf(&b, "On %s.\n\n", machine)
	fmt.Fprintf(&b, "| %s |\n|---|---|%s\n", strings.Join(heads, " | "), strings.Repeat("---:|", len(heads)-2))
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(r.cells(), " | "))
	}
	fmt.Fprintf(&b, "\n- %s\n\n", strings.Join(bounds(rows), "\n- "))
	b.WriteString(`decode goes through the packets, table makes a table of 11 columns of each (tshark prints them, scapy keeps lists), tls makes the
146 features of TLS sessions and writes session files (tshark prints the fields that they need, pyshark gives them to Python).
gopacket is its DecodingLayerParser, which is why the headers are decoded by hand here: it is what a program in Go would take.
Python's and tshark's time is that of their whole processes' work, tshark's with its start, a quarter of a second or so. Ratios
are trafficlib's packets per second through the peer's; memory is the most that was resident, with what is mapped of the file.
`)
	return b.String()
}
