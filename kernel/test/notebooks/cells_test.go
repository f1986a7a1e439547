package notebooks

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/notebook"
	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

// Notebooks with some of the cells of the checkout's notebooks, for runs to which the other cells
// add nothing.

// A part is a notebook of the checkout from which some cells are taken.
type part struct {
	t     *testing.T
	file  map[string]any // everything but its cells
	code  []map[string]any
	cells []any // the cells taken
}

func openPart(t *testing.T, name string) *part {
	t.Helper()
	data, err := os.ReadFile(kerneltest.Checkout(t, "notebooks", name))
	if err != nil {
		t.Fatal(err)
	}
	p := &part{t: t}
	if err := json.Unmarshal(data, &p.file); err != nil {
		t.Fatal(err)
	}
	for _, c := range p.file["cells"].([]any) {
		if cell := c.(map[string]any); cell["cell_type"] == "code" {
			cell["outputs"], cell["execution_count"] = []any{}, nil
			p.code = append(p.code, cell)
		}
	}
	return p
}

func source(cell map[string]any) string {
	if lines, ok := cell["source"].([]any); ok {
		var b strings.Builder
		for _, line := range lines {
			b.WriteString(line.(string))
		}
		return b.String()
	}
	return cell["source"].(string)
}

func tags(cell map[string]any) []any {
	tags, _ := cell["metadata"].(map[string]any)["tags"].([]any)
	return tags
}

// take takes a copy of a cell with other tags, and returns its index among the code cells.
func (p *part) take(source string, tags ...any) int {
	p.cells = append(p.cells, map[string]any{"cell_type": "code", "id": fmt.Sprint("cell-", len(p.cells)),
		"source":   source,
		"metadata": map[string]any{"tags": append([]any{}, tags...)}, "outputs": []any{}, "execution_count": nil})
	return len(p.cells) - 1
}

// declares reports whether a cell is needed by all others: the parameters or the imports.
func declares(cell map[string]any) bool {
	return slices.Contains(tags(cell), any("parameters")) || strings.HasPrefix(source(cell), "import ")
}

// write writes the notebook of the cells taken to a folder that has the data beside it, as in the
// checkout.
func (p *part) write(name string) (path string) {
	p.t.Helper()
	p.file["cells"] = p.cells
	data, err := json.Marshal(p.file)
	if err != nil {
		p.t.Fatal(err)
	}
	dir := p.t.TempDir()
	if err := os.Symlink(kerneltest.Checkout(p.t, "notebooks", "data"), filepath.Join(dir, "data")); err != nil {
		p.t.Fatal(err)
	}
	path = filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		p.t.Fatal(err)
	}
	return path
}

// runCells runs a notebook of the checkout like runNotebook, but without the cells that only draw.
func runCells(t *testing.T, name string, env []string, args ...string) []string {
	t.Helper()
	return outputs(t, execute(t, withoutPictures(t, name), env, args...))
}

// withoutPictures writes a notebook of the checkout without the cells that only draw: cells with
// charts that neither train nor contain any of the texts to keep. The full run on the bundled data
// has them all.
func withoutPictures(t *testing.T, name string, keep ...string) (path string) {
	t.Helper()
	p := openPart(t, name)
	for _, cell := range p.code {
		s := source(cell)
		kept := slices.ContainsFunc(append(keep, "fit.", "ROC AUC"), func(k string) bool {
			return strings.Contains(s,
				k)
		})
		if strings.Contains(s, "chart.") && !kept && !declares(cell) {
			continue
		}
		p.take(s, tags(cell)...)
	}
	return p.write(name)
}

// folder sets the parameters of most refusals.
const folder = `var data string = "DIR"`

// oneFile makes a folder with one file.
func oneFile(t *testing.T, name, text string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A refusal is a case in which a notebook gets data that it cannot use.
type refusal struct {
	what   string
	params string // Go source that sets parameters; DIR stands for the folder of files
	files  map[string]string
	in     string // a text of the cell that refuses
	want   string // the error, in one line
}

// refusals runs all cases in one notebook, each with the cells up to the one that refuses. That
// cell must report the error in one line; the cells before it must pass.
func refusals(t *testing.T, name string, env []string, cases []refusal) {
	t.Helper()
	p := openPart(t, name)
	for _, cell := range p.code {
		if declares(cell) {
			p.take(source(cell), tags(cell)...)
		}
	}
	at := make([]int, len(cases))
	for i, c := range cases {
		dir := t.TempDir()
		for name, text := range c.files {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		params := strings.ReplaceAll(c.params, "DIR", dir) + "\n\n" // at the head of the first cell
		for _, cell := range p.code {
			s := source(cell)
			if strings.Contains(s, c.in) {
				at[i] = p.take(params+s, "raises-exception")
				break
			}
			if !declares(cell) && !strings.Contains(s, `"backend:"`) && !strings.Contains(s, "chart.") {
				p.take(params + s)
				params = ""
			}
		}
		if at[i] == 0 {
			t.Fatalf("%s: no cell has %q", c.what, c.in)
		}
	}
	cells, err := notebook.Read(execute(t, p.write(name), env))
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		t.Run(c.what, func(t *testing.T) {
			oneError(t, cells[at[i]].Plain+"\n"+cells[at[i]].Rich, c.want)
		})
	}
}

// oneError checks that the output has exactly one error, in one line that contains want.
func oneError(t *testing.T, output, want string) {
	t.Helper()
	var errors []string
	for line := range strings.Lines(output) {
		if strings.Contains(line, "error: ") {
			errors = append(errors, strings.TrimSpace(line))
		}
	}
	errors = slices.Compact(errors)
	if len(errors) != 1 || !strings.Contains(errors[0], want) {
		t.Errorf("errors %q, want one line with %q; output:\n%s", errors, want, output)
	}
}
