// Command bench measures how package cicids loads a large file of flows, and in how much memory, beside pandas, Polars and
// DuckDB doing the same on the same machine in the same run:
//
//	go run ./trafficlib/flow/cic2018/bench [-rows N] [-rounds N] [-repeat N] [-file FILE] [-keep FILE] [-json] [-write]
//
// It makes a file of the shape of CSE-CIC-IDS2018's (package flowsim), or takes one of another run, and measures all
// sides on it, each measurement a process of its own of which this one watches the memory, the best of the rounds. Load is
// to read the text, give each column the smallest type that holds it, and write an Arrow file (the peers are told which
// columns have fractions); sort is the same in the order of time; again is a second load, of which only the map is made.
// The file is in the system's cache as far as there is room. With -keep a run that was broken off goes on where it was, and
// one of more rounds adds to those that are there. Where the sides count other rows, or have another sum of a column, there is no table.
//
//	go run ./trafficlib/flow/cic2018/bench -make FOLDER [-rows N]
//
// makes the ten day files instead, with the defects that the published ones have: headers in the middle, rows of 1970,
// infinities, and a tenth day of 84 columns.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

// page is where the table stands, from the root of the checkout.
const page = "trafficlib/flow/cic2018/BENCH.md"

func main() {
	if len(os.Args) == 5 && os.Args[1] == "measure" { // a process of ours
		exit(measureHere(os.Args[2], os.Args[3], os.Args[4]))
		return
	}
	var b bench
	flag.IntVar(&b.rows, "rows", 8284195, "rows of the file")
	flag.IntVar(&b.rounds, "rounds", 1, "how often each side reads it")
	flag.StringVar(&b.file, "file", "", "a file to keep: it is made where it is missing; none is a temporary one")
	flag.IntVar(&b.repeat, "repeat", 0, "load the file so many times over once, for the memory at that size; 0: not")
	days := flag.String("make", "", "make the ten day files in this folder, and nothing else; -rows counts those of the first nine")
	flag.StringVar(&b.keep, "keep", "", "a file that keeps what was measured of -file, so that a run that was broken off goes on")
	asJSON := flag.Bool("json", false, "print a line of JSON for each row")
	write := flag.Bool("write", false, "write the table to "+page)
	flag.Parse()
	if flag.NArg() > 0 || b.rows < 100 || b.rounds < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if *days != "" {
		exit(makeDays(*days, b.rows))
		return
	}
	exit(run(b, *asJSON, *write))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench is one run of the benchmark.
type bench struct {
	rows, rounds, repeat int
	file, keep           string
}

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
	if b.file == "" {
		b.file = filepath.Join(dir, "flows.csv")
	}
	peers, err := newPeers(dir)
	if err != nil {
		return err
	}
	if _, err := os.Stat(b.file); err != nil {
		fmt.Fprintf(os.Stderr, "making %d rows …\n", b.rows)
		if err := makeFile(b.file, b.rows, false); err != nil {
			return err
		}
	}
	rows, err := b.measure(peers, dir)
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
		fmt.Print(text(rows, benchkit.Machine(peers.versions)))
	}
	if write {
		return os.WriteFile(page, []byte(markdown(rows, benchkit.Machine(peers.versions))), 0o666)
	}
	return nil
}

// work is where our files go: beside what is kept, since "again" opens what "load" has left.
func (b bench) work(dir string) string {
	if b.keep != "" {
		return b.keep + ".trafficlib"
	}
	return filepath.Join(dir, "trafficlib")
}

// sides are who does what, in an order in which each finds what it needs.
var sides = [][2]string{{"trafficlib", "load"}, {"pandas", "load"}, {"Polars", "load"}, {"DuckDB", "load"}, {"trafficlib", "sort"}, {"trafficlib", "again"}}

func (b bench) measure(p peers, dir string) ([]row, error) {
	best := map[[2]string]measurement{}
	kept, err := openKept(b.keep)
	if err != nil {
		return nil, err
	}
	for round := range b.rounds {
		for _, side := range sides {
			fmt.Fprintf(os.Stderr, "round %d: %s, %s …\n", round+1, side[0], side[1])
			m, err := kept.measure(fmt.Sprint(round, side), func() (measurement, error) {
				if side[0] == "trafficlib" {
					return measureOurs(side[1], b.file, b.work(dir))
				}
				defer os.Remove(filepath.Join(dir, side[0]+".arrow"))
				return p.measure(side[0], b.file, filepath.Join(dir, side[0]+".arrow"))
			})
			if err != nil {
				return nil, err
			}
			if old, ok := best[side]; ok {
				m.Anon, m.Mapped = max(m.Anon, old.Anon), max(m.Mapped, old.Mapped)
				if old.CPU < m.CPU {
					m.Seconds, m.CPU = old.Seconds, old.CPU
				}
			}
			best[side] = m
			if our := best[sides[0]]; m.Rows != our.Rows || m.Sum != our.Sum {
				return nil, fmt.Errorf("%s: %d rows and a sum of %v, trafficlib %d and %v", side[0], m.Rows, m.Sum, our.Rows, our.Sum)
			}
		}
	}
	all := sides
	if b.repeat > 0 {
		side := [2]string{"trafficlib", fmt.Sprintf("load×%d", b.repeat)}
		fmt.Fprintf(os.Stderr, "%s, %s …\n", side[0], side[1])
		m, err := kept.measure(side[1], func() (measurement, error) { return measureOurs(side[1], b.file, b.work(dir)) })
		if err != nil {
			return nil, err
		}
		best[side], all = m, append(slices.Clone(all), side)
	}
	var rows []row
	for _, side := range all {
		rows = append(rows, newRow(side[0], side[1], best[side], best[sides[0]]))
	}
	return rows, nil
}
