package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
)

var page = benchkit.Page{
	Title:   "A training step beside PyTorch, JAX and Keras",
	Package: "trafficlib/bench",
	Path:    "trafficlib/model/rnn/BENCH.md",
	Intro:   intro(),
	Heads:   []string{"row", "unit", "trafficlib", "peer", "", "ratio", "target"},
	Left:    []int{0, 1, 3, 6},
	Notes: `A ratio below 1 is in favor of trafficlib. The median and the processor time stand beside those of the peer
with the best step. Memory is the peak of the whole process, compiler included.
`,
}

// rule separates the measured part of the file from the text below it, which is written by hand and
// stays.
const rule = "\n---\n"

// intro returns a table of the shapes.
func intro() string {
	var b strings.Builder
	b.WriteString("| shape | cell | sequences | steps | features | units |\n|---|---|---:|---:|---:|---:|\n")
	for _, s := range shapes {
		steps := fmt.Sprint(s.T)
		if s.Decode > 0 {
			steps = fmt.Sprintf("%d, writes %d", s.T, s.Decode)
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %s | %d | %d |\n", s.Name, s.Cell, s.B, steps, s.F, s.H)
	}
	return b.String() + "\n"
}

func (r row) Cells() []string {
	target := ""
	if r.Target > 0 {
		target = fmt.Sprintf("≤ %.3g: %s", r.Target, benchkit.Met(r.Ratio <= r.Target))
	}
	return []string{
		r.Name, r.Unit, fmt.Sprintf("%.4g", r.Ours), r.Who, fmt.Sprintf("%.4g", r.Peer), fmt.Sprintf("%.2f",
			r.Ratio), target,
	}
}

// write replaces the measured part of the page.
func write(rows []row, machine string, notes []string) error {
	old, err := os.ReadFile(page.Path)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	_, hand, _ := strings.Cut(string(old), rule)
	text := benchkit.Markdown(page, machine, rows, nil) + strings.Join(notes, "") + rule + hand
	return os.WriteFile(page.Path, []byte(text), 0o666)
}
