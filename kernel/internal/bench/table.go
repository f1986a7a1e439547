package bench

import (
	"fmt"
	"os"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/probe"
)

// Page is where the table stands, from the root of the checkout; what stands below its last line of dashes is written by
// hand and stays.
const (
	Page = "kernel/BENCH.md"
	rule = "\n---\n"
)

var heads = []string{"", "trafficlab", "GoNB", "ipykernel", "GoNB / ours", "limit", ""}

func (r Row) cells() []string {
	time := func(kernel string) string {
		if t := r.Times[kernel]; t != nil {
			return fmt.Sprintf("%.3f", *t)
		}
		return "–"
	}
	ratio, limit, met := "", "", ""
	if r.Ratio > 0 {
		ratio = fmt.Sprintf("%.1f", r.Ratio)
	}
	if r.Limit > 0 {
		limit, met = fmt.Sprintf("%.2f", r.Limit), "NOT met"
		if *r.Met {
			met = "met"
		}
	}
	return []string{r.Name, time(probe.Ours), time(probe.GoNB), time(probe.IPyKernel), ratio, limit, met}
}

// Text gives the table for a terminal.
func Text(rows []Row, machine string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "seconds, median of %d rounds, on %s\n", rows[0].Round, machine)
	line := func(c []string) {
		fmt.Fprintf(&b, "%-36s %10s %8s %10s %12s %6s  %s\n", c[0], c[1], c[2], c[3], c[4], c[5], c[6])
	}
	line(heads)
	for _, r := range rows {
		line(r.cells())
	}
	return b.String()
}

// Write puts the table into a page.
func Write(page string, rows []Row, machine string) error {
	old, err := os.ReadFile(page)
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("kernel: %w", err)
	}
	_, hand, _ := strings.Cut(string(old), rule)
	if err := os.WriteFile(page, []byte(markdown(rows, machine)+rule+hand), 0o666); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	return nil
}

func markdown(rows []Row, machine string) string {
	var b strings.Builder
	b.WriteString("# What is waited for at a notebook\n\n" +
		"The table is made by `go run ./kernel bench`; do not edit it. `kernel/internal/probe/python/bench.py` says what each row is.\n\n")
	fmt.Fprintf(&b, "On %s. Seconds, median of %d rounds in which all kernels take turns.\n\n", machine, rows[0].Round)
	fmt.Fprintf(&b, "| %s |\n|---|---:|---:|---:|---:|---:|---|\n", strings.Join(heads, " | "))
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(r.cells(), " | "))
	}
	b.WriteString("\nGoNB is the pinned one alone, as its own kernelspec starts it, with this checkout in its workspace and without the\n" +
		"network, for which it would wait in each cell. Every cell is another program than those before, but where its row\n" +
		"says again. A dash is where a kernel does not do it: ipykernel has no GoMLX, and GoNB does not answer on the control\n" +
		"channel.\n")
	return b.String()
}
