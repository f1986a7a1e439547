// Command bench measures how fast package seq reads session files, and in how much memory, beside
// Python's json and numpy, which do the same on the same machine in the same run:
//
//	go run ./trafficlib/data/seq/bench [-size MB] [-slice MB] [-rounds N] [-json] [-write]
//
// It makes a session file of simulated TLS sessions in a temporary folder and measures our side on
// it. The ratios come from a slice that Python finishes within seconds: the sides take turns, and
// the best of the rounds counts. Every measurement is a process of its own, and this one watches
// its memory. The files are in the cache of the system.
//
// Both sides report counts, and there is no table unless the counts agree. -write puts the table
// into trafficlib/data/seq/BENCH.md, -json prints a line for each row. The environment of the peer,
// which holds numpy alone, is made once, in the folder that setup uses.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

func main() {
	if len(os.Args) == 5 && os.Args[1] == "measure" { // started by measureOurs
		benchkit.Exit(benchkit.Print(ourStage(os.Args[2], os.Args[3], os.Args[4])))
		return
	}
	var b bench
	var out benchkit.Output
	flag.Int64Var(&b.size, "size", 1000, "MB of the session file")
	flag.Int64Var(&b.slice, "slice", 100, "MB of the slice that both sides read")
	flag.IntVar(&b.rounds, "rounds", 3, "how often each side reads the slice")
	out.Flags(page)
	flag.Parse()
	benchkit.Usage(b.size > 0 && b.slice > 0 && b.slice <= b.size && b.rounds > 0)
	benchkit.Exit(run(b, out))
}

func run(b bench, out benchkit.Output) error {
	if out.Write {
		if err := benchkit.AtRoot(filepath.Dir(page.Path)); err != nil {
			return err
		}
	}
	dir, err := os.MkdirTemp("", "trafficlab-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b.dir = dir
	if b.python, err = benchkit.NewPython(dir, "bench-venv", program, requirements); err != nil {
		return err
	}
	versions, err := b.python.Versions("numpy")
	if err != nil {
		return err
	}
	rows, err := b.rows()
	if err != nil {
		return err
	}
	return benchkit.Emit(out, page, benchkit.Machine(versions), rows, bounds(rows))
}

// bench is one run of the benchmark.
type bench struct {
	size, slice int64 // MB
	rounds      int
	dir         string
	python      benchkit.Python
}

// ours and theirs are the stages of each side, in an order in which each finds what it needs. The
// peer makes batches twice: from the text, as the published experiment does, and from the file that
// its conversion made.
var (
	ours   = []string{"index", "read", "convert", "batches"}
	theirs = []string{"index", "read", "convert", "batches", ofConverted}
)

const (
	ofConverted = "batches of converted"
	ofBytes     = "bytes"
)

func (b bench) rows() ([]row, error) {
	big, small := filepath.Join(b.dir, "big.csv"), filepath.Join(b.dir, "slice.csv")
	benchkit.Log("making %d MB of sessions", b.size)
	if err := makeSessions(big, b.size*mb); err != nil {
		return nil, err
	}
	if err := makeSessions(small, b.slice*mb); err != nil {
		return nil, err
	}
	var rows []row
	for _, stage := range ours {
		benchkit.Log("trafficlib: %s of %d MB", stage, b.size)
		m, err := measureOurs(stage, big, filepath.Join(b.dir, "big"))
		if err != nil {
			return nil, err
		}
		rows = append(rows, newRow(benchkit.Ours, stage, m))
	}
	roof, err := b.roof(big)
	if err != nil {
		return nil, err
	}
	rows = append(rows, roof)
	best := map[string]measurement{}
	for round := range b.rounds {
		for _, stage := range theirs {
			benchkit.Log("both sides: %s of %d MB, round %d", stage, b.slice, round+1)
			for range times(stage) {
				if err := b.both(stage, small, best); err != nil {
					return nil, err
				}
			}
		}
	}
	for _, stage := range ours {
		rows = append(rows, newRow(benchkit.Ours, stage, best[stage]))
	}
	for _, stage := range theirs {
		r := newRow("json + numpy", stage, best["peer "+stage])
		our := best[strings.TrimSuffix(stage, " of converted")]
		their := best["peer "+stage]
		r.Ratio = our.rate() / their.rate()
		r.CPURatio = (our.work() / our.CPU) / (their.work() / their.CPU)
		rows = append(rows, r)
	}
	return rows, nil
}

// roof measures a lower bound for any index: reading the bytes of the mapped file, on all cores.
func (b bench) roof(path string) (row, error) {
	best := map[string]measurement{}
	for range b.rounds {
		m, err := measureOurs(ofBytes, path, filepath.Join(b.dir, "big"))
		if err != nil {
			return row{}, err
		}
		keepBest(best, ofBytes, m)
	}
	return newRow("memory", ofBytes, best[ofBytes]), nil
}

// times returns how often a stage is measured in a round. An index takes milliseconds, so that a
// single measurement might hit a disturbance.
func times(stage string) int {
	if stage == "index" {
		return 10
	}
	return 1
}

// both measures a stage of the peer and, if we have that stage too, of ours.
func (b bench) both(stage, path string, best map[string]measurement) error {
	var their measurement
	cmd := b.python.Command(stage, path, filepath.Join(b.dir, "peer"), fmt.Sprint(batchSize), fmt.Sprint(steps))
	var err error
	if their.Memory, err = benchkit.Run(cmd, &their); err != nil {
		return err
	}
	keepBest(best, "peer "+stage, their)
	if !slices.Contains(ours, stage) {
		return nil
	}
	our, err := measureOurs(stage, path, filepath.Join(b.dir, "slice"))
	if err != nil {
		return err
	}
	keepBest(best, stage, our)
	if our.Count != their.Count {
		return fmt.Errorf("%s: trafficlib counts %d, Python %d", stage, our.Count, their.Count)
	}
	return nil
}

func keepBest(best map[string]measurement, key string, m measurement) {
	if old, ok := best[key]; ok {
		memory := m.Memory.Max(old.Memory)
		if old.rate() > m.rate() {
			m = old
		}
		m.Memory = memory
	}
	best[key] = m
}
