// Command bench measures how fast flows are computed, beside NFStream, which does the same on the
// same machine in the same run, and how fast packets are scored as they arrive:
//
//	go run ./trafficlib/flow/bench [-slice N] [-gb N] [-rounds N] [-json] [-write]
//
// It makes captures in a temporary folder from the bundled ones, repeated with other addresses and
// times: a slice that both sides read, in turn and in processes of their own, the best of the
// rounds by processor time, and a large one.
//
//   - flows makes a table of flows with NFStream's columns, by flow.Read. Both sides must count the
//     same packets, flows and bytes, or there is no table. NFStream works without dissection.
//   - cic makes the same with CICFlowMeter's columns.
//   - stream computes the flows of the large capture one at a time, in one thread, with a table of
//     open flows that is too small for it, so that flows are evicted. It shows the memory of that.
//   - scores scores each packet as it arrives (package stream) with an LSTM of 32 units, in one
//     thread of Go, on the processor.
//
// -write puts the table into trafficlib/flow/BENCH.md, -json prints a line for each row. The
// environment of NFStream is made once, in the folder that setup uses.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/internal/capturesim"
)

//go:embed peer.py
var program []byte

//go:embed requirements.txt
var requirements []byte

// bundled are the captures that the benchmark repeats, from the root of the checkout.
var bundled = []string{"notebooks/data/tcp", "notebooks/data/tls"}

func main() {
	if len(os.Args) == 4 && os.Args[1] == "measure" { // started by measure
		benchkit.Exit(benchkit.Print(measureHere(os.Args[2], os.Args[3])))
		return
	}
	var b bench
	var out benchkit.Output
	flag.IntVar(&b.slice, "slice", 300_000, "packets of the capture that both sides read")
	flag.Float64Var(&b.gb, "gb", 2, "size of the large capture")
	flag.IntVar(&b.rounds, "rounds", 3, "how often each side reads")
	out.Flags(page)
	flag.Parse()
	benchkit.Usage(b.slice > 0 && b.rounds > 0 && b.gb >= 0)
	benchkit.Exit(run(b, out))
}

// bench is one run of the benchmark.
type bench struct {
	slice, rounds int
	gb            float64
	dir           string
	python        benchkit.Python
}

// A measurement is the result of one side.
type measurement struct {
	benchkit.Cost
	Count [3]int64 `json:"count"` // packets, flows, and bytes; for stream evicted flows in place of bytes
	Note  string   `json:"note"`
}

// side is a program that does a piece of work on a capture.
type side struct{ who, work, capture string }

// sides are the measurements in the order of the table.
var sides = []side{
	{benchkit.Ours, "flows", "slice"},
	{"NFStream", "flows", "slice"},
	{benchkit.Ours, "cic", "slice"},
	{benchkit.Ours, "scores", "slice"},
	{benchkit.Ours, "stream", "large"},
}

func run(b bench, out benchkit.Output) error {
	if err := benchkit.AtRoot(bundled[0]); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "trafficlab-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b.dir = dir
	if b.python, err = benchkit.NewPython(dir, "bench-flow", program, requirements); err != nil {
		return err
	}
	versions, err := b.python.Versions("NFStream=nfstream")
	if err != nil {
		return err
	}
	if err := capturesim.OneByOne(b.path("slice"), b.slice, bundled...); err != nil {
		return err
	}
	// A tenth of a second between the copies of the bundled captures, so that thousands of flows
	// are open.
	err = capturesim.SideBySide(b.path("large"), int64(b.gb*1e9), 100*time.Millisecond, bundled...)
	if err != nil {
		return err
	}
	var large measurement
	best, err := benchkit.Rounds(b.rounds, sides, func(round int, s side) (measurement, error) {
		if s.capture == "large" && round > 0 { // once is enough to see its memory
			return large, nil
		}
		benchkit.Log("round %d: %s, %s of %s", round+1, s.who, s.work, s.capture)
		m, err := b.measure(s)
		if s.capture == "large" {
			large = m
		}
		return m, err
	}, func(a, m measurement) measurement {
		m.Cost = a.Cost.Best(m.Cost)
		return m
	})
	if err != nil {
		return err
	}
	if best[0].Count != best[1].Count {
		return fmt.Errorf("packets, flows and bytes: trafficlib counts %v, NFStream %v", best[0].Count, best[1].Count)
	}
	rows := newRows(best, func(capture string) int64 {
		info, err := os.Stat(b.path(capture))
		if err != nil {
			return 0
		}
		return info.Size()
	})
	return benchkit.Emit(out, page, benchkit.Machine(versions), rows, bounds(best))
}

func (b bench) path(name string) string { return filepath.Join(b.dir, name+".pcap") }

// measure runs one side in a process of its own.
func (b bench) measure(s side) (m measurement, err error) {
	cmd, err := benchkit.Self("measure", s.work, b.path(s.capture))
	if s.who != benchkit.Ours {
		cmd = b.python.Command(b.path(s.capture))
	}
	if err != nil {
		return m, err
	}
	m.Memory, err = benchkit.Run(cmd, &m)
	return m, err
}
