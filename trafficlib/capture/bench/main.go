// Command bench measures how fast captures are read, beside tshark, scapy, gopacket and pyshark,
// which do the same on the same machine in the same run:
//
//	go run ./trafficlib/capture/bench [-packets N] [-slice N] [-tls N] [-rounds N] [-json] [-write]
//
// It makes captures in a temporary folder from the bundled ones, repeated with other addresses and
// times. Most mix the headers of a simulated network with complete TLS sessions; the capture tls
// holds TLS sessions alone. The sides take turns, each measurement in a process of its own, and the
// best of the rounds by processor time counts. tshark and trafficlib read the slice; scapy and
// pyshark, which would take minutes, read a tenth of it, and rates are compared. trafficlib reads a
// large capture as well.
//
//   - table makes a table of 11 columns from each packet: ours in memory, tshark's as text, scapy's
//     as lists. decode is gopacket's DecodingLayerParser and our reader, without a table.
//   - tls computes the features of TLS sessions. Ours writes session files; tshark prints the
//     fields that the features need, and pyshark hands them to Python, as the published extraction
//     does.
//
// All sides report counts, and there is no table unless the counts agree. -write puts the table
// into trafficlib/capture/BENCH.md, -json prints a line for each row. The environment of the Python
// peers is made once, in the folder that setup uses; tshark is that of the machine.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/internal/capturesim"
)

func main() {
	if len(os.Args) == 4 && os.Args[1] == "measure" { // started by measure, see peers.go
		benchkit.Exit(benchkit.Print(measureHere(os.Args[2], os.Args[3])))
		return
	}
	var b bench
	var out benchkit.Output
	flag.IntVar(&b.packets, "packets", 3_000_000, "packets of the large capture")
	flag.IntVar(&b.slice, "slice", 300_000, "packets of the capture that all sides read")
	flag.IntVar(&b.tls, "tls", 100_000, "packets of the capture of TLS sessions")
	flag.IntVar(&b.rounds, "rounds", 3, "how often each side reads")
	out.Flags(page)
	flag.Parse()
	benchkit.Usage(b.packets > 0 && b.slice > 0 && b.tls > 0 && b.rounds > 0)
	benchkit.Exit(run(b, out))
}

// bundled is the folder of the captures, from the root of the checkout.
const bundled = "notebooks/data"

func run(b bench, out benchkit.Output) error {
	if err := benchkit.AtRoot(bundled); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "trafficlab-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b.dir = dir
	if b.peers, err = newPeers(dir); err != nil {
		return err
	}
	rows, err := b.rows()
	if err != nil {
		return err
	}
	return benchkit.Emit(out, page, benchkit.Machine(b.peers.versions), rows, bounds(rows))
}

// bench is one run of the benchmark.
type bench struct {
	packets, slice, tls, rounds int
	dir                         string
	peers                       peers
}

// side is a program that does a piece of work on a capture.
type side struct {
	who, work string
	capture   string  // its name
	bound     float64 // how many times as fast ours must be; 0 means no bound
}

// sides are the measurements in the order of the table.
var sides = []side{
	{who: benchkit.Ours, work: "decode", capture: "large"},
	{who: benchkit.Ours, work: "table", capture: "large"},
	{who: benchkit.Ours, work: "decode", capture: "slice"},
	{who: "gopacket", work: "decode", capture: "slice"},
	{who: benchkit.Ours, work: "table", capture: "slice"},
	{who: "tshark", work: "table", capture: "slice", bound: 20},
	{who: "scapy", work: "table", capture: "tenth", bound: 50},
	{who: benchkit.Ours, work: "tls", capture: "tls"},
	{who: "tshark", work: "tls", capture: "tls", bound: 20},
	{who: "pyshark", work: "tls", capture: "tls tenth", bound: 20},
}

func (b bench) rows() ([]row, error) {
	for name, c := range map[string]struct {
		packets int
		from    []string
	}{
		"large": {b.packets, mixed}, "slice": {b.slice, mixed}, "tenth": {b.slice / 10, mixed},
		"tls": {b.tls, onlyTLS}, "tls tenth": {b.tls / 10, onlyTLS},
	} {
		benchkit.Log("making %d packets", c.packets)
		if err := capturesim.OneByOne(b.path(name), c.packets, c.from...); err != nil {
			return nil, err
		}
	}
	best, err := benchkit.Rounds(b.rounds, sides, func(round int, s side) (measurement, error) {
		benchkit.Log("round %d: %s, %s of %s", round+1, s.who, s.work, s.capture)
		return b.measure(s)
	}, func(a, m measurement) measurement {
		m.Cost = a.Cost.Best(m.Cost)
		return m
	})
	if err != nil {
		return nil, err
	}
	if err := agree(best); err != nil {
		return nil, err
	}
	var rows []row
	for i, s := range sides {
		rows = append(rows, newRow(s, best[i], b.size(s.capture), oursFor(s, best)))
	}
	return rows, nil
}

func (b bench) path(name string) string { return filepath.Join(b.dir, name+".pcap") }

func (b bench) size(name string) int64 {
	info, err := os.Stat(b.path(name))
	if err != nil {
		return 0
	}
	return info.Size()
}

// oursFor returns the measurement of ours that a peer is compared with: the same work on the slice
// or on the TLS sessions.
func oursFor(s side, best []measurement) *measurement {
	if s.who == benchkit.Ours {
		return nil
	}
	for i, o := range sides {
		if o.who == benchkit.Ours && o.work == s.work && (o.capture == "slice" || o.capture == "tls") {
			return &best[i]
		}
	}
	return nil
}

// agree returns an error unless all sides that read the same capture report the same counts.
func agree(best []measurement) error {
	for i, s := range sides {
		for k, o := range sides[:i] {
			if s.capture == o.capture && s.work == o.work && best[i].Count != best[k].Count {
				return fmt.Errorf("%s of %s: %s counts %v, %s %v",
					s.work, s.capture, o.who, best[k].Count, s.who, best[i].Count)
			}
		}
	}
	return nil
}
