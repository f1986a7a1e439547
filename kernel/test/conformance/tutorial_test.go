package conformance

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/test/internal/kerneltest"
)

// elsewhere are words of cells of GoNB's tutorial that do not run here, with the reason.
var elsewhere = map[string]string{
	"progressbar": "a module that the checkout does not require", "gofract": "likewise", "margaid": "likewise", "plotly": "likewise", "testify": "likewise",
	"widgets.Slider": "waits for somebody to move a slider", "!pwd": "lists a folder of its author's", "!*pwd": "likewise",
	"!*go mod edit": "changes modules", "!*rm -f go.work": "likewise", "sleep 1": "takes five seconds", "%help": "GoNB's page",
}

// varying are parts of outputs that differ from run to run.
var varying = regexp.MustCompile(`=\s*\d+`)

// A tutorialCell is a code cell with what it left: its text on standard output, and the MIME types and HTML that it showed.
type tutorialCell struct {
	source, text string
	shown        []string
}

// TestTutorial runs the cells of GoNB's own tutorial, which lies in GoNB's module. Each has to leave what its author kept.
func TestTutorial(t *testing.T) {
	h := kerneltest.Machine(t)
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/janpfeifer/gonb")
	list.Dir = kerneltest.Checkout(t)
	dir, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []tutorialCell
	var run []map[string]any
	for _, c := range tutorialCells(t, filepath.Join(strings.TrimSpace(string(dir)), "examples", "tutorial.ipynb")) {
		if slices.ContainsFunc(slices.Collect(maps.Keys(elsewhere)), func(word string) bool { return strings.Contains(c.source, word) }) {
			continue
		}
		want = append(want, c)
		run = append(run, kerneltest.Code(c.source))
	}
	if len(want) < 18 {
		t.Fatalf("only %d cells of the tutorial are left", len(want))
	}
	out := t.TempDir()
	said, status := kerneltest.Command(t, ".", nil, h.Program(), "run", kerneltest.Write(t, "tutorial.ipynb", run...), "--out", out)
	if status != 0 {
		t.Fatalf("status %d:\n%s", status, said)
	}
	got := tutorialCells(t, filepath.Join(out, "tutorial.ipynb"))
	for i, w := range want {
		g := got[i]
		if a, b := varying.ReplaceAllString(g.text, "=N"), varying.ReplaceAllString(w.text, "=N"); a != b {
			t.Errorf("%s\nprinted %q, want %q", w.source, a, b)
		}
		if !slices.Equal(g.shown, w.shown) {
			t.Errorf("%s\nshowed %q, want %q", w.source, g.shown, w.shown)
		}
	}
}

// tutorialCells reads the code cells of a notebook.
func tutorialCells(t *testing.T, path string) []tutorialCell {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var nb struct {
		Cells []struct {
			Kind    string `json:"cell_type"`
			Source  []string
			Outputs []struct {
				Name string
				Text []string
				Data map[string]any
			}
		}
	}
	if err := json.Unmarshal(data, &nb); err != nil {
		t.Fatal(err)
	}
	var cells []tutorialCell
	for _, c := range nb.Cells {
		if c.Kind != "code" {
			continue
		}
		one := tutorialCell{source: strings.Join(c.Source, "")}
		for _, o := range c.Outputs {
			if o.Name == "stdout" {
				one.text += strings.Join(o.Text, "")
			}
			for _, mime := range slices.Sorted(maps.Keys(o.Data)) {
				if mime != "text/plain" {
					one.shown = append(one.shown, mime)
				}
			}
		}
		cells = append(cells, one)
	}
	return cells
}
