// Command bench measures a training step of package rnn beside the same step in PyTorch, JAX and
// Keras, on the same machine in the same run:
//
//	go run ./trafficlib/bench [-only NAME] [-rounds N] [-backend NAME] [-sessions FILE] [-json] [-write]
//
// A step computes the output, the mean squared error and the gradients of all weights, and sets
// each weight w to w - 0.1·gradient. Weights and data are the same numbers on all sides, and there
// is no table unless the losses agree. Each side is a process of its own; they take turns of some
// steps each.
//
// It also measures how the time to compile grows with the length, what bucketing saves on sessions
// of different lengths, training on conversations beside the loop of notebook 2's original, what
// package device saves by keeping memory, the pure-Go backend against XLA and where its time goes,
// and GoMLX's own LSTM, which unrolls its steps.
//
// -write, which needs all rows, writes the table to trafficlib/model/rnn/BENCH.md; -json prints a
// line for each row instead of the table. The environment of the peers takes some gigabytes and is
// made once, in the folder that setup uses.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "work" { // started by sides, see process.go
		benchkit.Exit(work(os.Args[2]))
		return
	}
	var o options
	var out benchkit.Output
	flag.StringVar(&o.only, "only", "", "measure this `row` alone: "+strings.Join(names(), ", "))
	flag.IntVar(&o.rounds, "rounds", 5, "how often each side takes its turn")
	flag.StringVar(&o.backend, "backend", "", "the backend of our side, as device.Open takes it")
	flag.StringVar(&o.sessions, "sessions", "",
		"take the TLS sessions of this `file` for the row buckets, not simulated ones")
	out.Flags(page)
	flag.Parse()
	benchkit.Usage(o.rounds > 0 && (o.only == "" || !out.Write))
	benchkit.Exit(run(o, out))
}

type options struct {
	only     string
	rounds   int
	backend  string
	sessions string
}

// part is one measurement, of one or more rows.
type part struct {
	name string
	rows func(b *bench) ([]row, error)
}

// bench is one run of the benchmark.
type bench struct {
	options
	dir   string
	sides []side
	notes []string // Markdown below the table
}

func parts() (all []part) {
	for _, s := range shapes {
		all = append(all, part{s.Name, func(b *bench) ([]row, error) {
			ms, err := measure(s, b.sides, b.rounds)
			if err != nil {
				return nil, err
			}
			return s.rows(ms), nil
		}})
	}
	return append(all, part{"compile", compiling}, part{"buckets", bucketing}, part{"original", original},
		part{"kept", keptMemory},
		part{"go", pureGo}, part{"gomlx", unrolled})
}

func names() (all []string) {
	for _, p := range parts() {
		all = append(all, p.name)
	}
	return all
}

func run(o options, out benchkit.Output) error {
	if err := benchkit.AtRoot("trafficlib/model/rnn"); o.only == "" && err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "trafficlab-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{options: o, dir: dir}
	var versions string
	if b.sides, versions, err = sides(dir, o.backend); err != nil {
		return err
	}
	var rows []row
	found := false
	for _, p := range parts() {
		if o.only != "" && p.name != o.only {
			continue
		}
		found = true
		more, err := p.rows(b)
		if err != nil {
			return err
		}
		rows = append(rows, more...)
	}
	if !found {
		return fmt.Errorf("-only %s: no such row; want one of %s", o.only, strings.Join(names(), ", "))
	}
	machine := benchkit.Machine(versions)
	if err := benchkit.Emit(benchkit.Output{JSON: out.JSON}, page, machine, rows, nil); err != nil {
		return err
	}
	if !out.JSON {
		fmt.Print(strings.Join(b.notes, ""))
	}
	if out.Write {
		return write(rows, machine, b.notes)
	}
	return nil
}
