// Package report writes the results of notebook runs: JUnit XML for CI servers, and a page that
// links the results of several notebooks.
//
// It takes the executed notebook that papermill wrote, with the outputs, times and failures of its
// cells, and the result of the run as a whole. A failure that the notebook does not show, such as a
// kernel that never started, becomes a case of its own, so that a failed run never looks like one
// that passed.
package report

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/notebook"
)

// Passed is the word for a notebook whose cells all ran as expected.
const Passed = "passed"

// A Notebook is a notebook after its run.
type Notebook struct {
	Name   string // without folder and extension
	Status string // the result: Passed, or what is printed instead
	Took   time.Duration
	Cells  []Cell // the code cells in order; nil if the run wrote no notebook
	Chart  string // the first picture among its outputs as a data URI; "" if there is none
}

// A Cell is a code cell of a notebook.
type Cell struct {
	Number  int    // from 1, as in the lines that run prints
	Heading string // the heading above it
	State   State
	Seconds float64
	Failure string // of its failure
}

// position matches the first line of a compiler error; the error itself is in its last line.
var position = regexp.MustCompile(`^Cell ?\[\d+\]: Line \d+$`)

// Headline returns the failure in one line.
func (c Cell) Headline() string {
	lines := strings.Split(strings.TrimSpace(c.Failure), "\n")
	if last := len(lines) - 1; last > 0 && position.MatchString(lines[0]) {
		return lines[0] + ": " + strings.TrimSpace(lines[last])
	}
	return lines[0]
}

// A State is how a cell ended.
type State int

// The states of a cell. Empty cells never run, and neither do those after a failure.
const (
	NotRun State = iota
	Ran
	Failed
)

// Read reads an executed notebook. Chart is the first picture among its outputs as a data URI.
func Read(path string) (cells []Cell, chart string, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, "", fmt.Errorf("kernel: %w", err)
	}
	var file struct {
		Cells []struct {
			Kind     string        `json:"cell_type"`
			Source   notebook.Text `json:"source"`
			Metadata struct {
				Papermill struct {
					Status    string  `json:"status"`
					Duration  float64 `json:"duration"`
					Exception bool    `json:"exception"`
				} `json:"papermill"`
			} `json:"metadata"`
			Outputs []output `json:"outputs"`
		} `json:"cells"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, "", fmt.Errorf("kernel: %s: not a notebook: %w", path, err)
	}
	heading := ""
	for _, c := range file.Cells {
		if all := notebook.Headings(string(c.Source)); c.Kind == "markdown" && len(all) > 0 {
			heading = strings.TrimSpace(strings.TrimLeft(all[len(all)-1], "#"))
		}
		if c.Kind != "code" {
			continue
		}
		cell := Cell{Number: len(cells) + 1, Heading: heading, Seconds: c.Metadata.Papermill.Duration}
		if c.Metadata.Papermill.Status == "completed" && strings.TrimSpace(string(c.Source)) != "" {
			cell.State = Ran
		}
		for _, o := range c.Outputs {
			if o.Kind == "error" {
				cell.State, cell.Failure = Failed, strings.Join(o.Traceback, "\n")
			}
			if chart == "" {
				chart = o.picture()
			}
		}
		if c.Metadata.Papermill.Exception {
			cell.State = Failed
		}
		cells = append(cells, cell)
	}
	return cells, chart, nil
}

// output holds the parts of a cell's output that are used here.
type output struct {
	Kind      string                     `json:"output_type"`
	Traceback []string                   `json:"traceback"`
	Data      map[string]json.RawMessage `json:"data"`
}

// picture returns the output as a data URI, or "" if it is no picture.
func (o output) picture() string {
	var text notebook.Text
	if json.Unmarshal(o.Data["image/svg+xml"], &text) == nil {
		return "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(text))
	}
	if json.Unmarshal(o.Data["image/png"], &text) == nil { // already in base64, with line breaks
		return "data:image/png;base64," + strings.Join(strings.Fields(string(text)), "")
	}
	return ""
}
