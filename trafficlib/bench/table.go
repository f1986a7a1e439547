package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

// page is where the table stands, from the root of the checkout; what stands below its last line of dashes is written
// by hand and stays.
const (
	page = "trafficlib/model/rnn/BENCH.md"
	rule = "\n---\n"
)

var heads = []string{"row", "unit", "trafficlib", "peer", "", "ratio", "target"}

func (r row) cells() []string {
	target := ""
	if r.Target > 0 {
		target = fmt.Sprintf("≤ %.3g: %s", r.Target, benchkit.Met(r.Ratio <= r.Target))
	}
	return []string{r.Name, r.Unit, fmt.Sprintf("%.4g", r.Ours), r.Who, fmt.Sprintf("%.4g", r.Peer), fmt.Sprintf("%.2f", r.Ratio), target}
}

// text gives the table for a terminal.
func text(rows []row, machine string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "trafficlib/bench on %s\n", machine)
	for _, cells := range append([][]string{heads}, table(rows)...) {
		fmt.Fprintf(&b, "%-18s %-18s %10s  %-20s %10s %6s  %s\n", cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6])
	}
	return b.String()
}

func table(rows []row) (lines [][]string) {
	for _, r := range rows {
		lines = append(lines, r.cells())
	}
	return lines
}

// write puts the table into the page.
func write(rows []row, machine string, notes []string) error {
	old, err := os.ReadFile(page)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	_, hand, _ := strings.Cut(string(old), rule)
	return os.WriteFile(page, []byte(markdown(rows, machine)+strings.Join(notes, "")+rule+hand), 0o666)
}

func markdown(rows []row, machine string) string {
	var b strings.Builder
	b.WriteString("# A training step beside PyTorch, JAX and Keras\n\n" +
		"The table is made by `go run ./trafficlib/bench`, which says how it measures; do not edit it.\n\n")
	fmt.Fprintf(&b, "On %s.\n\n", machine)
	b.WriteString("| shape | cell | sequences | steps | features | units |\n|---|---|---:|---:|---:|---:|\n")
	for _, s := range shapes {
		steps := fmt.Sprint(s.T)
		if s.Decode > 0 {
			steps = fmt.Sprintf("%d, writes %d", s.T, s.Decode)
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %s | %d | %d |\n", s.Name, s.Cell, s.B, steps, s.F, s.H)
	}
	fmt.Fprintf(&b, "\n| %s |\n|---|---|---:|---|---:|---:|---|\n", strings.Join(heads, " | "))
	for _, cells := range table(rows) {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	b.WriteString("\nA ratio below 1 is in favour of trafficlib. The median and the processor time stand beside those of the peer with the\n" +
		"best step. Memory is the peak of the whole process, compiler and all.\n")
	return b.String()
}
