// Command bench measures a training step of package rnn beside the same step in PyTorch, JAX and Keras, on the same
// machine in the same run:
//
//	go run ./trafficlib/bench [-only NAME] [-rounds N] [-backend NAME] [-sessions FILE] [-json]
//
// A step is forward, the mean squared error, the gradients of all weights, and w - 0.1·gradient; weights and data are
// the same numbers on all sides, and where the losses differ there is no table. Each side is a process of its own; they
// take turns, some steps each. Besides, it measures how long compiling takes at which length, what bucketing saves on
// sessions of different lengths, training on conversations beside the loop of notebook 2's original, what package device
// saves by keeping memory, the pure-Go backend against XLA and where its time goes, and GoMLX's own LSTM, which is
// unrolled.
//
// A run of all rows writes the table to trafficlib/model/rnn/BENCH.md; -json prints a line for each row instead of the table.
// The peers' environment, some gigabytes, is made once in the folder that setup uses.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "work" { // a process of ours, see process.go
		exit(work(os.Args[2]))
		return
	}
	var o options
	flag.StringVar(&o.only, "only", "", "measure this `row` alone: "+strings.Join(names(), ", "))
	flag.IntVar(&o.rounds, "rounds", 5, "how often each side has its turn")
	flag.StringVar(&o.backend, "backend", "", "ours runs on this, as device.Open takes it")
	flag.StringVar(&o.sessions, "sessions", "", "take the TLS sessions of this `file` for the row buckets, in place of simulated ones")
	asJSON := flag.Bool("json", false, "print a line of JSON for each row")
	flag.Parse()
	if flag.NArg() > 0 || o.rounds < 1 {
		flag.Usage()
		os.Exit(2)
	}
	exit(run(o, *asJSON))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	only     string
	rounds   int
	backend  string
	sessions string
}

// part is one thing to measure.
type part struct {
	name string
	rows func(b *bench) ([]row, error)
}

// bench is one run.
type bench struct {
	options
	dir   string
	sides []side
	notes []string // that stand below the table, as Markdown
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
	return append(all, part{"compile", compiling}, part{"buckets", bucketing}, part{"original", original}, part{"kept", keptMemory},
		part{"go", pureGo}, part{"gomlx", unrolled})
}

func names() (all []string) {
	for _, p := range parts() {
		all = append(all, p.name)
	}
	return all
}

func run(o options, asJSON bool) error {
	if o.only == "" {
		if _, err := os.Stat("trafficlib/model/rnn"); err != nil {
			return fmt.Errorf("%w (run this from the root of the checkout)", err)
		}
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
		if asJSON {
			out := json.NewEncoder(os.Stdout)
			for _, r := range more {
				if err := out.Encode(r); err != nil {
					return err
				}
			}
		}
	}
	if !found {
		return fmt.Errorf("-only %s: there is no such row; want one of %s", o.only, strings.Join(names(), ", "))
	}
	if !asJSON {
		fmt.Print(text(rows, benchkit.Machine(versions)), strings.Join(b.notes, ""))
	}
	if o.only == "" {
		return write(rows, benchkit.Machine(versions), b.notes)
	}
	return nil
}
