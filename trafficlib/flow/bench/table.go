package main

import (
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

var page = benchkit.Page{
	Title:   "Flows at size",
	Package: "trafficlib/flow/bench",
	Path:    "trafficlib/flow/BENCH.md",
	Heads:   []string{"who", "work", "packets", "flows", "file MB", "s", "CPU s", "k packets/CPU s", "peak MB"},
	Left:    []int{0, 1},
	Notes: `flows and cic make tables of all flows; stream keeps none. The time of Python is that of its processes after
their imports. The time of scores includes reading the packets, the flow table, the features and the model,
but not compiling the graphs before the first packet, which takes some seconds.
`,
}

// A row is one line of the table.
type row struct {
	Who     string  `json:"who"`
	Work    string  `json:"work"`
	Packets int64   `json:"packets"`
	Flows   int64   `json:"flows"`
	FileMB  float64 `json:"file_mb"`
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_seconds"`
	PerCPU  float64 `json:"packets_per_cpu_second"`
	PeakMB  float64 `json:"peak_mb"`
}

// newRows makes a row for each side; size returns the bytes of a capture.
func newRows(best []measurement, size func(capture string) int64) (rows []row) {
	for i, s := range sides {
		m := best[i]
		rows = append(rows, row{
			Who: s.who, Work: s.work, Packets: m.Count[0], Flows: m.Count[1],
			FileMB:  float64(size(s.capture)) / benchkit.MB,
			Seconds: m.Seconds, CPU: m.CPU, PerCPU: m.rate(), PeakMB: float64(m.Peak) / benchkit.MB,
		})
	}
	return rows
}

// rate returns packets per second of processor time.
func (m measurement) rate() float64 { return float64(m.Count[0]) / m.CPU }

func (r row) Cells() []string {
	return []string{
		r.Who, r.Work, fmt.Sprint(r.Packets), fmt.Sprint(r.Flows), fmt.Sprintf("%.1f", r.FileMB),
		fmt.Sprintf("%.3f", r.Seconds), fmt.Sprintf("%.3f", r.CPU),
		fmt.Sprintf("%.1f", r.PerCPU/1000), fmt.Sprintf("%.0f", r.PeakMB),
	}
}

// bounds compares the measurements, in the order of sides, with the targets.
func bounds(best []measurement) []string {
	ours, nfstream, scores, stream := best[0], best[1], best[3], best[4]
	return []string{
		fmt.Sprintf("flows: %.1f times the packets of NFStream per second of processor time, "+
			"with the same packets, flows and bytes; at least 10 wanted: %s",
			ours.rate()/nfstream.rate(), benchkit.Met(ours.rate() >= 10*nfstream.rate())),
		fmt.Sprintf("scores: %.0f k packets per second of processor time, %.0f k per second; at least 100 "+
			"wanted: %s. %s",
			scores.rate()/1e3, float64(scores.Count[0])/scores.Seconds/1e3, benchkit.Met(scores.rate() >= 1e5),
			scores.Note),
		fmt.Sprintf("stream: %.0f MB at most, whatever the size of the capture. %s",
			float64(stream.Peak)/benchkit.MB, stream.Note),
	}
}
