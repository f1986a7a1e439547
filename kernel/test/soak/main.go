// Command soak runs the kernel for a quarter of an hour, reports what was left behind, lost or
// grown, and writes kernel/SOAK.md.
//
//	go run ./kernel/test/soak
//
// Run it in the root of the checkout. Its tests do the same for some minutes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/trafficlab/trafficlab/kernel/test/internal/client"
	"github.com/trafficlab/trafficlab/kernel/test/internal/soak"
)

func main() {
	w := soak.Full
	flag.IntVar(&w.Rounds, "rounds", w.Rounds, "how many kernels to start and end")
	flag.IntVar(&w.Shown, "shown", w.Shown, "how many cells show a hundred outputs each")
	flag.IntVar(&w.Cells, "cells", w.Cells, "how many cells to run in one kernel, each a program of its own")
	flag.IntVar(&w.Living, "living", w.Living, "how many cells to run in living sessions")
	flag.IntVar(&w.Resets, "resets", w.Resets, "how often to reset a session")
	flag.IntVar(&w.Kills, "kills", w.Kills, "how often to kill the host of a session")
	flag.Parse()
	if flag.NArg() > 0 || min(w.Rounds, w.Shown, w.Cells, w.Living, w.Resets, w.Kills) < 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, w); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w soak.Work) error {
	sandbox, checkout, err := client.SetUp(ctx)
	if err != nil {
		return err
	}
	defer sandbox.Close()
	r, err := soak.Run(ctx, sandbox, client.Ours, w, func(line string) { fmt.Println(line) })
	if err != nil {
		return err
	}
	fmt.Print(r.Text())
	if w == soak.Full { // a smaller run must not replace the numbers of a full one
		page := filepath.Join(checkout, "kernel", "SOAK.md")
		if err := os.WriteFile(page, []byte(r.Page(sandbox.Machine(ctx))), 0o666); err != nil {
			return fmt.Errorf("soak: %w", err)
		}
	}
	if r.Failed() {
		return errors.New("soak: not all requirements were met")
	}
	return nil
}
