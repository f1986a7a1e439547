// Command bench measures how fast flows are made, beside NFStream making the same on the same machine in the same run, and
// how fast packets are scored as they come:
//
//	go run ./trafficlib/flow/bench [-slice N] [-gb N] [-rounds N] [-write]
//
// It makes captures in a temporary folder out of the bundled ones, repeated with other addresses and times: one that both
// sides read, in turn and in processes of their own, the best of the rounds by processor time, and a large one.
//
//   - flows: a table of flows in NFStream's columns, as flow.Read makes it. Both sides must count the same packets, flows and
//     bytes, or there is no table. NFStream does without dissection.
//   - cic: the same in CICFlowMeter's columns.
//   - stream: the flows of the large capture one by one, in one thread, with a table that is too small for it, so that
//     flows are evicted: what memory that takes. The capture is written where the temporary folder is.
//   - scores: an LSTM of 32 units scores each packet as it comes (package stream), in one thread of Go, on the processor.
//
// -write puts the table into trafficlib/flow/BENCH.md. NFStream's environment is made once in the folder that setup uses.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/internal/capturesim"
	"github.com/trafficlab/trafficlab/trafficlib/internal/pyenv"
)

//go:embed peer.py
var program []byte

//go:embed requirements.txt
var requirements []byte

const (
	page = "trafficlib/flow/BENCH.md" // from the root of the checkout
	ours = "trafficlib"
)

// bundled are the captures that those of the benchmark are made of, from there too.
var bundled = []string{"notebooks/data/tcp", "notebooks/data/tls"}

func main() {
	if len(os.Args) == 4 && os.Args[1] == "measure" { // a process of ours
		exit(measureHere(os.Args[2], os.Args[3]))
		return
	}
	var b bench
	flag.IntVar(&b.slice, "slice", 300_000, "packets of the capture that both sides read")
	flag.Float64Var(&b.gb, "gb", 2, "size of the large capture")
	flag.IntVar(&b.rounds, "rounds", 3, "how often each side reads")
	write := flag.Bool("write", false, "write the table to "+page)
	flag.Parse()
	if flag.NArg() > 0 || b.slice < 1 || b.rounds < 1 || b.gb < 0 {
		flag.Usage()
		os.Exit(2)
	}
	exit(run(b, *write))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench is one run of the benchmark.
type bench struct {
	slice, rounds int
	gb            float64
	dir, python   string
}

// A measurement is what a side needed.
type measurement struct {
	Seconds float64  `json:"seconds"`
	CPU     float64  `json:"cpu"`   // seconds of processor time, of the process and of those it started
	Count   [3]int64 `json:"count"` // packets, flows, bytes; of stream the flows that were evicted in place of bytes
	Note    string   `json:"note"`
	peak    int64    // bytes, the most of the process
}

// side is one that does a work on a capture.
type side struct{ who, work, capture string }

var sides = []side{
	{ours, "flows", "slice"},
	{"NFStream", "flows", "slice"},
	{ours, "cic", "slice"},
	{ours, "scores", "slice"},
	{ours, "stream", "large"},
}

func run(b bench, write bool) error {
	if _, err := os.Stat(bundled[0]); err != nil {
		return fmt.Errorf("%w (run this from the root of the checkout)", err)
	}
	dir, err := os.MkdirTemp("", "trafficlab-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b.dir = dir
	if b.python, err = pyenv.Make("bench-flow", requirements); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "peer.py"), program, 0o666); err != nil {
		return err
	}
	if err := capturesim.OneByOne(b.path("slice"), b.slice, bundled...); err != nil {
		return err
	}
	// A tenth of a second between one copy of the bundled captures and the next: thousands of flows are open at once.
	if err := capturesim.SideBySide(b.path("large"), int64(b.gb*1e9), 100*time.Millisecond, bundled...); err != nil {
		return err
	}
	best := make([]measurement, len(sides))
	for round := range b.rounds {
		for i, s := range sides {
			if s.capture == "large" && round > 0 {
				continue
			}
			fmt.Fprintf(os.Stderr, "round %d: %s, %s of %s …\n", round+1, s.who, s.work, s.capture)
			m, err := b.measure(s)
			if err != nil {
				return err
			}
			m.peak = max(m.peak, best[i].peak)
			if round > 0 && m.CPU >= best[i].CPU {
				m = best[i]
			}
			best[i] = m
		}
	}
	if best[0].Count != best[1].Count {
		return fmt.Errorf("packets, flows and bytes: trafficlib counts %v, NFStream %v", best[0].Count, best[1].Count)
	}
	versions, err := pyenv.Output(b.python, "-c", "import sys; from importlib.metadata import version as v; print('Python %d.%d.%d' % sys.version_info[:3] + ', NFStream ' + v('nfstream'))")
	if err != nil {
		return err
	}
	text := b.page(best, versions)
	fmt.Print(text)
	if write {
		return os.WriteFile(page, []byte(text), 0o666)
	}
	return nil
}

func (b bench) path(name string) string { return filepath.Join(b.dir, name+".pcap") }

// measure has a side do its work in a process.
func (b bench) measure(s side) (m measurement, err error) {
	self, err := os.Executable()
	if err != nil {
		return m, err
	}
	cmd := exec.Command(self, "measure", s.work, b.path(s.capture))
	if s.who != ours {
		cmd = exec.Command(b.python, filepath.Join(b.dir, "peer.py"), b.path(s.capture))
		cmd.Env = pyenv.Alone()
	}
	memory, err := benchkit.Run(cmd, &m)
	m.peak = memory.Peak
	return m, err
}

// page gives the table and how it stands to the targets.
func (b bench) page(best []measurement, versions string) string {
	var t strings.Builder
	t.WriteString("# Flows at size\n\nMade by `go run ./trafficlib/flow/bench -write`, which says how it measures; do not edit.\n\n")
	fmt.Fprintf(&t, "On %s.\n\n", benchkit.Machine(versions))
	t.WriteString("| who | work | packets | flows | file MB | s | CPU s | k packets/CPU s | peak MB |\n|---|---|---:|---:|---:|---:|---:|---:|---:|\n")
	rate := make([]float64, len(sides))
	for i, s := range sides {
		m := best[i]
		rate[i] = float64(m.Count[0]) / m.CPU
		size := int64(0)
		if info, err := os.Stat(b.path(s.capture)); err == nil {
			size = info.Size()
		}
		fmt.Fprintf(&t, "| %s | %s | %d | %d | %.1f | %.3f | %.3f | %.1f | %.0f |\n", s.who, s.work, m.Count[0], m.Count[1], float64(size)/1e6,
			m.Seconds, m.CPU, rate[i]/1000, float64(m.peak)/1e6)
	}
	fmt.Fprintf(&t, "\n- flows: %.1f times the packets of NFStream per second of processor time, with the same packets, flows and bytes; at least 10 wanted: %s\n",
		rate[0]/rate[1], benchkit.Met(rate[0] >= 10*rate[1]))
	fmt.Fprintf(&t, "- scores: %.0f k packets per second of processor time, %.0f k per second; at least 100 wanted: %s. %s\n", rate[3]/1e3,
		float64(best[3].Count[0])/best[3].Seconds/1e3, benchkit.Met(rate[3] >= 1e5), best[3].Note)
	fmt.Fprintf(&t, "- stream: %.0f MB at most, whatever the size of the capture. %s\n", float64(best[4].peak)/1e6, best[4].Note)
	t.WriteString(`
flows and cic make tables of all flows; stream keeps none. Python's time is that of its processes after their imports. The time of
scores has the reading of packets, the flow table, the features and the model in it, but not the compilation of its graphs before
the first packet, some seconds.
`)
	return t.String()
}
