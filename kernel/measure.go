package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/kernel/internal/bench"
	"github.com/trafficlab/trafficlab/kernel/internal/probe"
	"github.com/trafficlab/trafficlab/kernel/internal/setup"
	"github.com/trafficlab/trafficlab/kernel/internal/soak"
)

// measured sets up, and gives a stand and the checkout.
func measured(ctx context.Context) (*probe.Stand, string, error) {
	h, checkout, err := places()
	if err != nil {
		return nil, "", err
	}
	s := setup.Setup{Home: h, Checkout: checkout, Out: os.Stderr}
	if err := s.Run(ctx); err != nil {
		return nil, "", err
	}
	stand, err := probe.New(ctx, h, checkout)
	return stand, checkout, err
}

// benchKernel measures the kernel beside others; a whole run writes kernel/BENCH.md.
func benchKernel(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	rounds := flags.Int("rounds", 7, "")
	asJSON := flags.Bool("json", false, "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 || *rounds < 1 {
		return usageError("kernel: usage: go run ./kernel bench [--rounds N] [--json]")
	}
	stand, checkout, err := measured(ctx)
	if err != nil {
		return err
	}
	defer stand.Close()
	r, err := bench.Run(ctx, stand, *rounds, func(line string) { fmt.Fprintln(os.Stderr, line) })
	if err != nil {
		return err
	}
	machine := stand.Machine(ctx)
	if *asJSON {
		out := json.NewEncoder(os.Stdout)
		var lines []any
		for _, row := range append(r.Rows, r.Memory...) {
			lines = append(lines, row)
		}
		for _, l := range r.Loops {
			lines = append(lines, l)
		}
		for _, l := range lines {
			if err := out.Encode(l); err != nil {
				return err
			}
		}
		return nil
	}
	fmt.Print(r.Text(machine))
	return r.Write(filepath.Join(checkout, filepath.FromSlash(bench.Page)), machine)
}

// soakKernel keeps the kernel at work for long and writes kernel/SOAK.md.
func soakKernel(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	w := soak.Full
	flags.IntVar(&w.Rounds, "rounds", w.Rounds, "")
	flags.IntVar(&w.Shown, "shown", w.Shown, "")
	flags.IntVar(&w.Cells, "cells", w.Cells, "")
	flags.IntVar(&w.Living, "living", w.Living, "")
	flags.IntVar(&w.Resets, "resets", w.Resets, "")
	flags.IntVar(&w.Kills, "kills", w.Kills, "")
	err := flags.Parse(args)
	if err != nil || flags.NArg() > 0 || min(w.Rounds, w.Shown, w.Cells, w.Living, w.Resets, w.Kills) < 0 {
		return usageError("kernel: usage: go run ./kernel soak [--rounds N] [--shown N] [--cells N] " +
			"[--living N] [--resets N] [--kills N]")
	}
	stand, checkout, err := measured(ctx)
	if err != nil {
		return err
	}
	defer stand.Close()
	r, err := soak.Run(ctx, stand, probe.Ours, w, func(line string) { fmt.Println(line) })
	if err != nil {
		return err
	}
	fmt.Print(r.Text())
	if w == soak.Full { // a smaller run would replace the numbers of a whole one
		page := filepath.Join(checkout, "kernel", "SOAK.md")
		if err := os.WriteFile(page, []byte(r.Page(stand.Machine(ctx))), 0o666); err != nil {
			return fmt.Errorf("kernel: %w", err)
		}
	}
	if r.Failed() {
		return errFindings
	}
	return nil
}
