package bench

import (
	"fmt"
	"os"
	"strings"
)

// Page is the page with the tables, relative to the root of the checkout. The part below its last
// line of dashes is written by hand and kept.
const (
	Page = "kernel/BENCH.md"
	rule = "\n---\n"
)

var heads = []string{"", "trafficlab", "GoNB", "ipykernel", "GoNB / ours", "limit", ""}

// cells returns the cells of a row of times.
func (r Row) cells() []string {
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
	return append(r.figures("%.3f"), ratio, limit, met)
}

// figures returns the name and each kernel's figure.
func (r Row) figures(format string) []string {
	out := []string{r.Name}
	for _, kernel := range Kernels {
		figure := "–"
		if t := r.Times[kernel]; t != nil {
			figure = fmt.Sprintf(format, *t)
		}
		out = append(out, figure)
	}
	return out
}

// cells returns the cells of a row of loops.
func (l Loop) cells() []string {
	return []string{l.Name, fmt.Sprintf("%.3f", l.Session), fmt.Sprintf("%.3f", l.Program),
		fmt.Sprintf("%.2f", l.Session/l.Program)}
}

var (
	memoryHeads = []string{"MB", "trafficlab", "GoNB", "ipykernel"}
	loopHeads   = []string{"", "in a session, with checks", "as a program", "ratio"}
)

// Text returns the tables for a terminal.
func (r *Report) Text(machine string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "seconds, median of %d rounds, on %s\n", r.Rows[0].Round, machine)
	line := func(c []string) {
		fmt.Fprintf(&b, "%-56s", c[0])
		for _, cell := range c[1:] {
			fmt.Fprintf(&b, " %10s", cell)
		}
		b.WriteString("\n")
	}
	line(heads)
	for _, row := range r.Rows {
		line(row.cells())
	}
	line(memoryHeads)
	for _, row := range r.Memory {
		line(row.figures("%.1f"))
	}
	line([]string{"", "session", "program", "ratio"})
	for _, l := range r.Loops {
		line(l.cells())
	}
	return b.String()
}

// Write writes the tables into a page.
func (r *Report) Write(page, machine string) error {
	old, err := os.ReadFile(page)
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("kernel: %w", err)
	}
	_, hand, _ := strings.Cut(string(old), rule)
	if err := os.WriteFile(page, []byte(r.markdown(machine)+rule+hand), 0o666); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	return nil
}

func (r *Report) markdown(machine string) string {
	var b strings.Builder
	b.WriteString("# Waiting at a notebook\n\n" +
		"The tables are made by `go run ./kernel/test/bench`; do not edit them. " +
		"`kernel/test/internal/client/python/bench.py`\n" +
		"describes the rows.\n\n")
	fmt.Fprintf(&b, "On %s. Seconds, median of %d rounds, in which the kernels take turns.\n\n",
		machine, r.Rows[0].Round)
	table := func(heads []string, right int) {
		rule := strings.Repeat("---:|", right) + strings.Repeat("---|", len(heads)-1-right)
		fmt.Fprintf(&b, "| %s |\n|---|%s\n", strings.Join(heads, " | "), rule)
	}
	row := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	table(heads, 5)
	for _, x := range r.Rows {
		row(x.cells())
	}
	b.WriteString("\nGoNB is the pinned version alone, as its own kernelspec starts it, with this checkout in its " +
		"workspace and without\n" +
		"the network, for which it would wait in each cell. Every cell is a new program, unless its row says " +
		"\"again\". A dash\n" +
		"means that a kernel cannot do it: ipykernel has no GoMLX, and GoNB does not answer on the control channel. " +
		"Cells\n" +
		"that train run in a new kernel; in ours the first of them opens XLA and compiles the model's graph, which " +
		"later\n" +
		"cells reuse.\n\n")
	table(memoryHeads, 3)
	for _, x := range r.Memory {
		row(x.figures("%.1f"))
	}
	b.WriteString("\nMemory after the cells of a round, without gopls. PSS divides a shared page among the " +
		"processes that share it.\n\n")
	table(loopHeads, 3)
	for _, l := range r.Loops {
		row(l.cells())
	}
	b.WriteString("\nThe checks make it possible to stop a loop or a recursion in a cell. These functions do " +
		"nothing else. The figures\n" +
		"are CPU seconds.\n")
	return b.String()
}
