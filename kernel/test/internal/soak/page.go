package soak

import (
	"fmt"
	"strings"
)

// Failed reports whether any verdict is negative.
func (r *Report) Failed() bool {
	for _, v := range r.Verdicts() {
		if !v.OK {
			return true
		}
	}
	return false
}

// Text returns the verdicts for a terminal.
func (r *Report) Text() string {
	var b strings.Builder
	for _, v := range r.Verdicts() {
		fmt.Fprintf(&b, "%-48s %-8s %s\n", v.What, word(v.OK), v.Saw)
	}
	return b.String()
}

func word(ok bool) string {
	if ok {
		return "met"
	}
	return "NOT met"
}

// Page returns the page for the checkout.
func (r *Report) Page(machine string) string {
	var b strings.Builder
	b.WriteString("# The kernel under long use\n\nMade by `go run ./kernel/test/soak`; do not edit.\n\n")
	fmt.Fprintf(&b, "On %s: %d lives of a kernel, each with a cell that succeeds, one that fails and one that is "+
		"interrupted, ended by\n"+
		"shutdown, kill and restart in turn; %d cells that show a hundred things each and print a hundred lines "+
		"between them, without\n"+
		"waiting at their ends; and %d different cells in one kernel, among them failing, interrupted and shell "+
		"cells,\n"+
		"completions and inspections.\n\n", machine, r.Work.Rounds, r.Work.Shown, r.Work.Cells)
	b.WriteString("| requirement | | result |\n|---|---|---|\n")
	for _, v := range r.Verdicts() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", v.What, word(v.OK), v.Saw)
	}
	if len(r.Samples) > 0 {
		b.WriteString("\n| cells | median s a cell | kernel MB | descriptors | host MB | descriptors | GoNB MB | " +
			"gopls MB | files |\n" +
			"|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n")
		for _, s := range r.Samples {
			k, h, g, p := s.Sizes["kernel"], s.Sizes["host"], s.Sizes["gonb"], s.Sizes["gopls"]
			fmt.Fprintf(&b, "| %d | %.3f | %.1f | %d | %.1f | %d | %.1f | %.1f | %d |\n", s.Cells, s.Median, k.MB,
				k.Descriptors, h.MB, h.Descriptors, g.MB, p.MB, s.Files)
		}
	}
	fmt.Fprintf(&b, "\nFlat means that the last quarter of the samples has at most %d MB or %.0f %%, and %d "+
		"descriptors, more than the second quarter.\n"+
		"Memory is the private memory of a process (RssAnon). The host is the process of the cells; GoNB runs only "+
		"when a cell needs it.\n"+
		"The memory of gopls, which is not ours, is only reported.\n", growMB, 100*growShare, growDescriptors)
	r.livingPage(&b)
	return b.String()
}
