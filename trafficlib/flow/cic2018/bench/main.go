// Command bench measures how fast package cic2018 loads a large file of flows, and in how much
// memory, beside pandas, Polars and DuckDB, which do the same on the same machine in the same run:
//
//	go run ./trafficlib/flow/cic2018/bench [-rows N] [-rounds N] [-repeat N] [-file FILE] [-keep FILE] [-json] [-write]
//
// It makes a file like those of CSE-CIC-IDS2018 (package flowsim), or takes that of another run,
// and measures all sides on it. Each measurement is a process of its own, this one watches its
// memory, and the best of the rounds counts. Load reads the text, gives each column the smallest
// type that holds it, and writes an Arrow file; the peers are told which columns have fractions.
// Sort also sorts the rows by time. Again is a second load, which only maps the file. The text is
// in the cache of the system as far as there is room. With -keep, an interrupted run resumes, and a
// run of more rounds adds to the earlier ones. There is no table unless all sides agree on the
// number of rows and the sum of a column.
//
//	go run ./trafficlib/flow/cic2018/bench -make FOLDER [-rows N]
//
// makes the ten day files instead, with the defects of the published ones: headers in the middle,
// rows of 1970, infinities, and a tenth day of 84 columns.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

func main() {
	if len(os.Args) == 5 && os.Args[1] == "measure" { // started by measureOurs
		benchkit.Exit(benchkit.Print(ourWork(os.Args[2], os.Args[3], os.Args[4])))
		return
	}
	var b bench
	var out benchkit.Output
	flag.IntVar(&b.rows, "rows", 8284195, "rows of the file")
	flag.IntVar(&b.rounds, "rounds", 1, "how often each side reads it")
	flag.StringVar(&b.file, "file", "", "keep the CSV file under this name and make it if it is missing")
	flag.IntVar(&b.repeat, "repeat", 0, "also load the file repeated so many times, for the memory at that size")
	days := flag.String("make", "", "only make the ten day files in this folder; -rows counts those of the first nine")
	flag.StringVar(&b.keep, "keep", "", "keep the measurements of -file in this file, so that an interrupted "+
		"run resumes")
	out.Flags(page)
	flag.Parse()
	benchkit.Usage(b.rows >= 100 && b.rounds > 0)
	if *days != "" {
		benchkit.Exit(makeDays(*days, b.rows))
		return
	}
	benchkit.Exit(run(b, out))
}

// bench is one run of the benchmark.
type bench struct {
	rows, rounds, repeat int
	file, keep           string
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
	if b.file == "" {
		b.file = filepath.Join(dir, "flows.csv")
	}
	python, err := benchkit.NewPython(dir, "bench-flows", program, requirements)
	if err != nil {
		return err
	}
	versions, err := python.Versions("pandas", "Polars=polars", "DuckDB=duckdb", "pyarrow")
	if err != nil {
		return err
	}
	if _, err := os.Stat(b.file); err != nil {
		benchkit.Log("making %d rows", b.rows)
		if err := makeFile(b.file, b.rows, false); err != nil {
			return err
		}
	}
	rows, err := b.measure(python, dir)
	if err != nil {
		return err
	}
	return benchkit.Emit(out, page, benchkit.Machine(versions), rows, bounds(rows))
}

// work returns the path of our files without its extension. It is beside the kept measurements, if
// there are any: a resumed run of "again" opens the file of "load".
func (b bench) work(dir string) string {
	if b.keep != "" {
		return b.keep + ".trafficlib"
	}
	return filepath.Join(dir, "trafficlib")
}

// A side is a program and a piece of work that it does.
type side struct{ who, work string }

// sides are the measurements, in an order in which each finds what it needs.
var sides = []side{
	{benchkit.Ours, "load"}, {"pandas", "load"}, {"Polars", "load"}, {"DuckDB", "load"},
	{benchkit.Ours, "sort"}, {benchkit.Ours, "again"},
}

func (b bench) measure(python benchkit.Python, dir string) ([]row, error) {
	kept, err := openKept(b.keep)
	if err != nil {
		return nil, err
	}
	one := func(s side) (m measurement, err error) {
		cmd, err := benchkit.Self("measure", s.work, b.file, b.work(dir))
		if s.who != benchkit.Ours {
			dst := filepath.Join(dir, s.who+".arrow")
			defer os.Remove(dst)
			cmd = python.Command(s.who, b.file, dst)
		}
		if err != nil {
			return m, err
		}
		m.Memory, err = benchkit.Run(cmd, &m)
		return m, err
	}
	var ours measurement
	best, err := benchkit.Rounds(b.rounds, sides, func(round int, s side) (measurement, error) {
		benchkit.Log("round %d: %s, %s", round+1, s.who, s.work)
		m, err := kept.measure(fmt.Sprint(round, s), func() (measurement, error) { return one(s) })
		if s == sides[0] {
			ours = m
		}
		if err == nil && (m.Rows != ours.Rows || m.Sum != ours.Sum) {
			err = fmt.Errorf("%s: %d rows and a sum of %v, trafficlib %d and %v", s.who, m.Rows, m.Sum, ours.Rows,
				ours.Sum)
		}
		return m, err
	}, func(a, m measurement) measurement {
		m.Cost = a.Cost.Best(m.Cost)
		return m
	})
	if err != nil {
		return nil, err
	}
	all := sides
	if b.repeat > 0 {
		s := side{benchkit.Ours, fmt.Sprintf("load×%d", b.repeat)}
		benchkit.Log("%s, %s", s.who, s.work)
		m, err := kept.measure(s.work, func() (measurement, error) { return one(s) })
		if err != nil {
			return nil, err
		}
		best, all = append(best, m), append(slices.Clone(all), s)
	}
	var rows []row
	for i, s := range all {
		rows = append(rows, newRow(s.who, s.work, best[i], best[0]))
	}
	return rows, nil
}
