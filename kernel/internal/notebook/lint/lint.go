// Package lint checks notebooks against the rules that keep them fast and readable.
//
// A cell becomes a program, so every later cell pays for what it declares. Readers find the same
// steps under the same headings in every notebook. Outputs that are kept must not change because
// somebody else ran the notebook. The package takes the cells of a notebook and returns findings,
// each with the cell, the rule and what to write instead.
package lint

import (
	"fmt"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/notebook"
)

// A Finding is a place where a notebook breaks a rule.
type Finding struct {
	Cell   int    // from 1; 0 for the whole notebook
	Under  string // the heading above the cell
	Rule   string // its name, one word
	Advice string // what is wrong, and what to write instead
}

func (f Finding) String() string {
	if f.Cell == 0 {
		return fmt.Sprintf("%s: %s", f.Rule, f.Advice)
	}
	where := fmt.Sprintf("cell %d", f.Cell)
	if f.Under != "" {
		where += " (" + f.Under + ")"
	}
	return fmt.Sprintf("%s: %s: %s", where, f.Rule, f.Advice)
}

// Headings lists the steps of every notebook, in order, as second-level headings.
var Headings = []string{"Load", "Encode", "Sequences", "Model", "Train", "Snapshot", "Score", "Plot"}

// tags lists the tags that the kernel's command knows.
var tags = []string{"parameters", "injected-parameters", "raises-exception"}

// Check returns what is wrong with a notebook, in order.
func Check(cells []notebook.Cell) []Finding {
	var found []Finding
	under := ""
	imports, parameters := 0, 0
	for i, c := range cells {
		report := func(rule, format string, args ...any) {
			found = append(found, Finding{i + 1, under, rule, fmt.Sprintf(format, args...)})
		}
		if c.Kind != "code" {
			if h := lastHeading(c.Source); h != "" {
				under = h
			}
			continue
		}
		if i == 0 || cells[i-1].Kind != "markdown" || !hasSentence(cells[i-1].Source) {
			report("sentence", "no text before it: write a sentence on what the cell does, in a text cell")
		}
		checkTags(c, report)
		if tagged(c, "parameters") {
			parameters++
		}
		if checkGo(c, report) {
			imports++
		}
		checkKept(c, report)
	}
	whole := func(rule, format string, args ...any) {
		found = append(found, Finding{Rule: rule, Advice: fmt.Sprintf(format, args...)})
	}
	if imports != 1 {
		whole("imports", "%d cells import: put all imports into one cell, before the first step; unused imports "+
			"cost a cell nothing", imports)
	}
	if parameters != 1 {
		whole("parameters", "%d cells with the tag \"parameters\": want one, with the settings as typed variables",
			parameters)
	}
	if got := steps(cells); strings.Join(got, " · ") != strings.Join(Headings, " · ") {
		whole("headings", "the steps are %s: want ## %s", orNone(got), strings.Join(Headings, " · "))
	}
	return found
}

func orNone(s []string) string {
	if len(s) == 0 {
		return "missing"
	}
	return strings.Join(s, " · ")
}
