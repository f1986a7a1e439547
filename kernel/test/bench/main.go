// Command bench measures what users of the kernel wait for, together with GoNB alone and ipykernel,
// and writes kernel/BENCH.md.
//
//	go run ./kernel/test/bench [-rounds N] [-json]
//
// Run it in the root of the checkout.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/trafficlab/trafficlab/kernel/test/internal/bench"
	"github.com/trafficlab/trafficlab/kernel/test/internal/client"
)

func main() {
	rounds := flag.Int("rounds", 7, "how often to measure each row")
	asJSON := flag.Bool("json", false, "print the rows as JSON, one per line, and do not write the page")
	flag.Parse()
	if flag.NArg() > 0 || *rounds < 1 {
		fmt.Fprintln(os.Stderr, "usage: go run ./kernel/test/bench [-rounds N] [-json]")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *rounds, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int, asJSON bool) error {
	sandbox, checkout, err := client.SetUp(ctx)
	if err != nil {
		return err
	}
	defer sandbox.Close()
	r, err := bench.Run(ctx, sandbox, rounds, func(line string) { fmt.Fprintln(os.Stderr, line) })
	if err != nil {
		return err
	}
	machine := sandbox.Machine(ctx)
	if asJSON {
		return printJSON(r)
	}
	fmt.Print(r.Text(machine))
	return r.Write(filepath.Join(checkout, filepath.FromSlash(bench.Page)), machine)
}

func printJSON(r *bench.Report) error {
	out := json.NewEncoder(os.Stdout)
	for _, row := range append(r.Rows, r.Memory...) {
		if err := out.Encode(row); err != nil {
			return err
		}
	}
	for _, l := range r.Loops {
		if err := out.Encode(l); err != nil {
			return err
		}
	}
	return nil
}
