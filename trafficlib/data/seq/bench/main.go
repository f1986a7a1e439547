// Command bench measures how fast package seq reads session files, and in how much memory, beside Python's json and
// numpy doing the same on the same machine in the same run:
//
//	go run ./trafficlib/data/seq/bench [-size MB] [-slice MB] [-rounds N] [-json] [-write]
//
// It makes a session file of simulated TLS sessions in a temporary folder and measures our side on it. The ratios come
// from a slice of it that Python ends within seconds, both sides in turn, the best of the rounds on each. Every
// measurement is a process of its own, of which this one watches the memory; the files are in the system's cache.
//
// Both sides tell what they counted, and where they do not agree there is no table. -write puts it into
// trafficlib/data/seq/BENCH.md, -json prints a line for each row. The peer's environment, numpy alone, is made once in the
// folder that setup uses.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

func main() {
	if len(os.Args) == 5 && os.Args[1] == "measure" { // a process of ours, see ours
		exit(measureHere(os.Args[2], os.Args[3], os.Args[4]))
		return
	}
	var b bench
	flag.Int64Var(&b.size, "size", 1000, "MB of the session file")
	flag.Int64Var(&b.slice, "slice", 100, "MB of the slice that both sides read")
	flag.IntVar(&b.rounds, "rounds", 3, "how often each side reads the slice")
	asJSON := flag.Bool("json", false, "print a line of JSON for each row")
	write := flag.Bool("write", false, "write the table to "+page)
	flag.Parse()
	if flag.NArg() > 0 || b.size < 1 || b.slice < 1 || b.slice > b.size || b.rounds < 1 {
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

// page is where the table stands, from the root of the checkout.
const page = "trafficlib/data/seq/BENCH.md"

func run(b bench, asJSON, write bool) error {
	if write {
		if _, err := os.Stat(filepath.Dir(page)); err != nil {
			return fmt.Errorf("%w (run this from the root of the checkout)", err)
		}
	}
	dir, err := os.MkdirTemp("", "trafficlab-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	peer, err := newPeer(dir)
	if err != nil {
		return err
	}
	b.dir, b.peer = dir, peer
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
		fmt.Print(text(rows, benchkit.Machine(peer.versions)))
	}
	if write {
		return os.WriteFile(page, []byte(markdown(rows, benchkit.Machine(peer.versions))), 0o666)
	}
	return nil
}

// bench is one run of the benchmark.
type bench struct {
	size, slice int64 // MB
	rounds      int
	dir         string
	peer        peer
}

// ours and theirs are what each side measures, in an order in which each finds what it needs. Their batches are made
// twice: out of the text, as the published experiment does it, and out of the file that their conversion made.
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
	fmt.Fprintf(os.Stderr, "making %d MB of sessions …\n", b.size)
	if err := makeSessions(big, b.size*mb); err != nil {
		return nil, err
	}
	if err := makeSessions(small, b.slice*mb); err != nil {
		return nil, err
	}
	var rows []row
	for _, stage := range ours {
		fmt.Fprintf(os.Stderr, "trafficlib: %s of %d MB …\n", stage, b.size)
		m, err := measureOurs(stage, big, filepath.Join(b.dir, "big"))
		if err != nil {
			return nil, err
		}
		rows = append(rows, newRow("trafficlib", stage, m))
	}
	roof, err := b.roof(big)
	if err != nil {
		return nil, err
	}
	rows = append(rows, roof)
	best := map[string]measurement{}
	for round := range b.rounds {
		for _, stage := range theirs {
			fmt.Fprintf(os.Stderr, "both sides: %s of %d MB, round %d …\n", stage, b.slice, round+1)
			for range times(stage) {
				if err := b.both(stage, small, best); err != nil {
					return nil, err
				}
			}
		}
	}
	for _, stage := range ours {
		rows = append(rows, newRow("trafficlib", stage, best[stage]))
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

// roof measures what no index can be faster than: reading the bytes of the mapped file, on all cores.
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

// times says how often a stage is measured in a round: an index takes milliseconds, in which a machine does other things
// too.
func times(stage string) int {
	if stage == "index" {
		return 10
	}
	return 1
}

// both measures a stage of the peer and, where it is one of ours too, of ours.
func (b bench) both(stage, path string, best map[string]measurement) error {
	their, err := b.peer.measure(stage, path, filepath.Join(b.dir, "peer"))
	if err != nil {
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
		// Memory is what it was at most in any round.
		m.Anon, m.Mapped = max(m.Anon, old.Anon), max(m.Mapped, old.Mapped)
		if old.rate() > m.rate() {
			m.Seconds, m.CPU, m.Batches, m.Bytes = old.Seconds, old.CPU, old.Batches, old.Bytes
		}
	}
	best[key] = m
}
