// Package report tells how notebooks ran, for those who were not there: JUnit XML for a CI server, and a page that
// leads to the results of several notebooks.
//
// It takes the executed notebook that papermill left, with the outputs, times and failures of its cells, and how the
// run as a whole ended. What the notebook does not say, such as that its kernel never started, becomes a case of its
// own, so that a run which failed never looks like one that passed.
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

// Passed is the word for a notebook of which all cells ran as they should.
const Passed = "passed"

// A Notebook is one notebook after its run.
type Notebook struct {
	Name  string // without folder and .ipynb
	Word  string // how it ended: Passed, or what is printed instead
	Took  time.Duration
	Cells []Cell // the code cells in order; none when the run left no notebook
	Chart string // the first picture of its outputs as a data URI, "" without one
}

// A Cell is one code cell of it.
type Cell struct {
	Number  int    // from 1, as in the lines that run prints
	Heading string // that it stands under
	State   State
	Seconds float64
	Words   string // of its failure
}

// position is the first line of what a compiler says of a cell; what is wrong stands in its last.
var position = regexp.MustCompile(`^Cell ?\[\d+\]: Line \d+$`)

// Headline gives the words of the failure in one line.
func (c Cell) Headline() string {
	lines := strings.Split(strings.TrimSpace(c.Words), "\n")
	if last := len(lines) - 1; last > 0 && position.MatchString(lines[0]) {
		return lines[0] + ": " + strings.TrimSpace(lines[last])
	}
	return lines[0]
}

// State is how a cell ended.
type State int

// The states of a cell. Empty cells are never run, nor are those after a failure.
const (
	NotRun State = iota
	Ran
	Failed
)

// Read reads an executed notebook.
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
				cell.State, cell.Words = Failed, strings.Join(o.Traceback, "\n")
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

// output is as much of a cell's output as is looked at.
type output struct {
	Kind      string                     `json:"output_type"`
	Traceback []string                   `json:"traceback"`
	Data      map[string]json.RawMessage `json:"data"`
}

// picture gives the output as a data URI, "" when it is no picture.
func (o output) picture() string {
	var text notebook.Text
	if json.Unmarshal(o.Data["image/svg+xml"], &text) == nil {
		return "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(text))
	}
	if json.Unmarshal(o.Data["image/png"], &text) == nil { // in base64 already, with line breaks
		return "data:image/png;base64," + strings.Join(strings.Fields(string(text)), "")
	}
	return ""
}
