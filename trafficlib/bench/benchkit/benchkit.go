// Package benchkit holds what the benchmark programs of this module share: it runs the sides of a
// comparison as processes, measures their time and memory, and prints the table.
//
// Each side is a process of its own that does one piece of work and prints its measurement as JSON.
// Run watches its memory meanwhile. Rounds has the sides take turns and keeps the best measurement
// of each. A Page turns the results into a table for the terminal, lines of JSON or the file
// BENCH.md. Python makes the environment of peers written in Python. The package does not know what
// is measured.
package benchkit

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// Ours is the name of the side that is measured against its peers.
const Ours = "trafficlib"

// MB is the unit of sizes in the tables.
const MB = 1_000_000

// Exit ends the program with status 1 and prints err, unless err is nil.
func Exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// Usage prints the usage of the program and exits with status 2 unless ok. There may be no
// arguments besides the flags.
func Usage(ok bool) {
	if !ok || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
}

// AtRoot returns an error unless path exists, which is relative to the root of the checkout.
func AtRoot(path string) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("%w (run this from the root of the checkout)", err)
	}
	return nil
}

// Log prints a line about the progress of the benchmark.
func Log(format string, args ...any) { fmt.Fprintf(os.Stderr, format+" …\n", args...) }

// Quiet returns a context whose progress is not reported: printing it would be measured too.
func Quiet() context.Context {
	return progress.With(context.Background(), progress.Discard)
}

// Rounds measures the sides in turn, so that a disturbance of the machine does not hit one side
// alone, and returns for each side the measurement that best chooses: it is called with that of the
// rounds before and the new one.
func Rounds[S, M any](
	rounds int, sides []S, measure func(round int, side S) (M, error), best func(a, b M) M,
) ([]M, error) {
	all := make([]M, len(sides))
	for round := range rounds {
		for i, s := range sides {
			m, err := measure(round, s)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				m = best(all[i], m)
			}
			all[i] = m
		}
	}
	return all, nil
}

// Met returns the word for whether a bound is met.
func Met(met bool) string {
	if met {
		return "met"
	}
	return "NOT met"
}

// Number formats v for a table, where 0 is left out.
func Number(format string, v float64) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf(format, v)
}
