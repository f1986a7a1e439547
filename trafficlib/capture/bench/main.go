// Command bench measures how fast captures are read, beside tshark, scapy, gopacket and pyshark doing the same on the same
// machine in the same run:
//
//	go run ./trafficlib/capture/bench [-packets N] [-slice N] [-tls N] [-rounds N] [-json] [-write]
//
// It makes captures in a temporary folder out of the bundled ones, repeated with other addresses and times: packets are
// headers of a made-up network and whole TLS sessions, mixed; tls the TLS sessions alone. Then all sides work in turn, each
// measurement in a process of its own, the best of the rounds by processor time. tshark and trafficlib read the slice, scapy
// and pyshark a tenth of it, since they would take minutes; rates are compared. Ours is measured on a large capture as well.
//
//   - table: a table of 11 columns of each packet; ours in memory, tshark's as text, scapy's as lists. gopacket's
//     DecodingLayerParser and our reader decode alone, without a table.
//   - tls: the features of TLS sessions. Ours writes session files; tshark prints the fields that these need, and pyshark
//     gives them to Python, as the published extraction does.
//
// All sides tell what they counted, and where they do not agree there is no table. -write puts it into
// trafficlib/capture/BENCH.md, -json prints a line for each row. The Python peers' environment is made once in the folder
// that setup uses; tshark is the machine's.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/internal/capturesim"
)

func main() {
	if len(os.Args) == 4 && os.Args[1] == "measure" { // a process of ours
		exit(measureHere(os.Args[2], os.Args[3]))
		return
	}
	var b bench
	flag.IntVar(&b.packets, "packets", 3_000_000, "packets of the large capture")
	flag.IntVar(&b.slice, "slice", 300_000, "packets of the capture that all sides read")
	flag.IntVar(&b.tls, "tls", 100_000, "packets of the capture of TLS sessions")
	flag.IntVar(&b.rounds, "rounds", 3, "how often each side reads")
	asJSON := flag.Bool("json", false, "print a line of JSON for each row")
	write := flag.Bool("write", false, "write the table to "+page)
	flag.Parse()
	if flag.NArg() > 0 || b.packets < 1 || b.slice < 1 || b.tls < 1 || b.rounds < 1 {
		flag.Usage()
		os.Exit(2)
	}
	exit(run(b, *asJSON, *write))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// page is where the table stands, from the root of the checkout, and bundled where the captures are.
const (
	page    = "trafficlib/capture/BENCH.md"
	bundled = "notebooks/data"
)

func run(b bench, asJSON, write bool) error {
	if _, err := os.Stat(bundled); err != nil {
		return fmt.Errorf("%w (run this from the root of the checkout)", err)
	}
	dir, err := os.MkdirTemp("", "trafficlab-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p, err := newPeers(dir)
	if err != nil {
		return err
	}
	b.dir, b.peers = dir, p
	rows, err := b.rows()
	if err != nil {
		return err
	}
	if asJSON {
		out := json.NewEncoder(os.Stdout)
		for _, r := range rows {
			if err := out.Encode(r); err != nil {
				return err
			}
		}
	} else {
		fmt.Print(text(rows, benchkit.Machine(p.versions)))
	}
	if write {
		return os.WriteFile(page, []byte(markdown(rows, benchkit.Machine(p.versions))), 0o666)
	}
	return nil
}

// bench is one run of the benchmark.
type bench struct {
	packets, slice, tls, rounds int
	dir                         string
	peers                       peers
}

// side is one that does a work on a capture.
type side struct {
	who, work string
	capture   string // its name
	bound     float64
}

const ours = "trafficlib"

// sides are what is measured, in the order of the table. A bound is how many times as fast ours is to be.
var sides = []side{
	{who: ours, work: "decode", capture: "large"},
	{who: ours, work: "table", capture: "large"},
	{who: ours, work: "decode", capture: "slice"},
	{who: "gopacket", work: "decode", capture: "slice"},
	{who: ours, work: "table", capture: "slice"},
	{who: "tshark", work: "table", capture: "slice", bound: 20},
	{who: "scapy", work: "table", capture: "tenth", bound: 50},
	{who: ours, work: "tls", capture: "tls"},
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
		fmt.Fprintf(os.Stderr, "making %d packets …\n", c.packets)
		if err := capturesim.OneByOne(b.path(name), c.packets, c.from...); err != nil {
			return nil, err
		}
	}
	best := make([]measurement, len(sides))
	for round := range b.rounds {
		for i, s := range sides {
			fmt.Fprintf(os.Stderr, "round %d: %s, %s of %s …\n", round+1, s.who, s.work, s.capture)
			m, err := b.measure(s)
			if err != nil {
				return nil, err
			}
			m.Peak = max(m.Peak, best[i].Peak)
			if round == 0 || m.CPU < best[i].CPU {
				best[i] = m
			} else {
				best[i].Peak = m.Peak
			}
		}
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

// oursFor gives what a peer is compared with: ours of the same work, on the slice or the TLS sessions.
func oursFor(s side, best []measurement) *measurement {
	if s.who == ours {
		return nil
	}
	for i, o := range sides {
		if o.who == ours && o.work == s.work && (o.capture == "slice" || o.capture == "tls") {
			return &best[i]
		}
	}
	return nil
}

// agree says whether all that read the same captures counted the same.
func agree(best []measurement) error {
	for i, s := range sides {
		for k, o := range sides[:i] {
			if s.capture == o.capture && s.work == o.work && best[i].Count != best[k].Count {
				return fmt.Errorf("%s of %s: %s counts %v, %s %v", s.work, s.capture, o.who, best[k].Count, s.who, best[i].Count)
			}
		}
	}
	return nil
}
