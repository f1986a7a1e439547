package bench

import (
	"fmt"
	"os"
	"strings"
)

// Page is where the table stands, from the root of the checkout; what stands below its last line of dashes is written by
// hand and stays.
const (
	Page = "kernel/BENCH.md"
	rule = "\n---\n"
)

var heads = []string{"", "trafficlab", "GoNB", "ipykernel", "GoNB / ours", "limit", ""}

// cells are those of a row of times.
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

// figures are the name and the figure of each kernel.
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

// cells are those of a row of loops.
func (l Loop) cells() []string {
	return []string{l.Name, fmt.Sprintf("%.3f", l.Session), fmt.Sprintf("%.3f", l.Program),
		fmt.Sprintf("%.2f", l.Session/l.Program)}
}

var (
	memoryHeads = []string{"MB", "trafficlab", "GoNB", "ipykernel"}
	loopHeads   = []string{"", "in a session, with checks", "as a program", "ratio"}
)

// Text gives the tables for a terminal.
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

// Write puts the tables into a page.
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
	b.WriteString("# What is waited for at a notebook\n\n" +
		"The tables are made by `go run ./kernel/test/bench`; do not edit them. `kernel/test/internal/client/python/bench.py`\n" +
		"says what each row is.\n\n")
	fmt.Fprintf(&b, "On %s. Seconds, median of %d rounds in which all kernels take turns.\n\n",
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
	b.WriteString("\nGoNB is the pinned one alone, as its own kernelspec starts it, with this checkout in its workspace and without the\n" +
		"network, for which it would wait in each cell. Every cell is another program than those before, but where its row\n" +
		"says again. A dash is where a kernel does not do it: ipykernel has no GoMLX, and GoNB does not answer on the control\n" +
		"channel. Cells that train are those of a kernel just started; in ours the first one opens XLA and compiles the model's\n" +
		"graph, which a later one finds.\n\n")
	table(memoryHeads, 3)
	for _, x := range r.Memory {
		row(x.figures("%.1f"))
	}
	b.WriteString("\nMemory after the cells of a round, without gopls. PSS counts a page that several processes share in parts.\n\n")
	table(loopHeads, 3)
	for _, l := range r.Loops {
		row(l.cells())
	}
	b.WriteString("\nThe checks let a loop or a recursion in a cell be stopped. These functions do nothing else. The figures are\n" +
		"CPU seconds.\n")
	return b.String()
}
