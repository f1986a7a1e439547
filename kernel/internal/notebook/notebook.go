// Package notebook reads notebook files, as far as the kernel's command needs: their cells, with
// kind, source, tags and kept outputs. It refuses a file that is not JSON with cells; the rest is
// left to Jupyter.
package notebook

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// A Cell is a cell of a notebook.
type Cell struct {
	Kind   string // "code", "markdown" or "raw"
	Source string
	Tags   []string
	Plain  string // the plain text of the outputs that a code cell keeps, without charts
	Rich   string // their HTML, and the traces of errors
	Timed  bool   // the cell keeps the time at which it ran
}

// Read reads the cells of a notebook file.
func Read(path string) ([]Cell, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	var file struct {
		Cells []struct {
			Kind     string `json:"cell_type"`
			Source   Text   `json:"source"`
			Metadata struct {
				Tags      []string        `json:"tags"`
				Execution json.RawMessage `json:"execution"`
				Papermill json.RawMessage `json:"papermill"`
			} `json:"metadata"`
			Outputs []struct {
				Text Text `json:"text"`
				Data struct {
					Plain Text `json:"text/plain"`
					HTML  Text `json:"text/html"`
				} `json:"data"`
				Traceback []string `json:"traceback"`
			} `json:"outputs"`
		} `json:"cells"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("kernel: %s: not a notebook: %w", path, err)
	}
	if file.Cells == nil {
		return nil, fmt.Errorf("kernel: %s: not a notebook: no cells", path)
	}
	cells := make([]Cell, len(file.Cells))
	for i, c := range file.Cells {
		cells[i] = Cell{Kind: c.Kind, Source: string(c.Source), Tags: c.Metadata.Tags}
		cells[i].Timed = c.Metadata.Execution != nil || c.Metadata.Papermill != nil
		for _, o := range c.Outputs {
			cells[i].Plain += string(o.Text) + string(o.Data.Plain)
			cells[i].Rich += string(o.Data.HTML) + strings.Join(o.Traceback, "\n")
		}
	}
	return cells, nil
}

// Text is a string that a notebook may also store as a list of lines.
type Text string

// UnmarshalJSON reads either form.
func (t *Text) UnmarshalJSON(data []byte) error {
	var lines []string
	if json.Unmarshal(data, &lines) == nil {
		*t = Text(strings.Join(lines, ""))
		return nil
	}
	return json.Unmarshal(data, (*string)(t))
}

// Headings returns the headings of a text cell, with their number signs. Fenced code has none.
func Headings(source string) []string {
	var found []string
	fenced := false
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if !fenced && strings.HasPrefix(line, "#") && strings.Contains(line, "# ") {
			found = append(found, line)
		}
	}
	return found
}

// Tagged returns the first cell with a tag.
func Tagged(cells []Cell, tag string) (Cell, bool) {
	i := slices.IndexFunc(cells, func(c Cell) bool { return slices.Contains(c.Tags, tag) })
	if i < 0 {
		return Cell{}, false
	}
	return cells[i], true
}

// GoSource returns the source of a cell as a Go file with the same line numbers: lines for GoNB or
// the shell are blank, and the package clause comes before the first line.
func GoSource(cell string) string {
	lines := strings.Split(cell, "\n")
	for i, line := range lines {
		if t := strings.TrimSpace(line); strings.HasPrefix(t, "%") || strings.HasPrefix(t, "!") {
			lines[i] = ""
		}
	}
	return "package cell;" + strings.Join(lines, "\n")
}
