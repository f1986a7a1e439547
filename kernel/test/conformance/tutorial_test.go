package conformance

import (
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

// elsewhere lists words of tutorial cells that cannot run here, with the reason.
var elsewhere = map[string]string{
	"progressbar": "a module that the checkout does not require", "gofract": "likewise", "margaid": "likewise",
	"plotly": "likewise", "testify": "likewise",
	"widgets.Slider": "waits for somebody to move a slider", "!pwd": "lists a folder of its " +
		"author's", "!*pwd": "likewise",
	"!*go mod edit": "changes modules", "!*rm -f go.work": "likewise", "sleep 1": "takes five " +
		"seconds", "%help": "GoNB's page",
}

// varying matches parts of outputs that differ from run to run.
var varying = regexp.MustCompile(`=\s*\d+`)

// TestTutorial runs the cells of GoNB's own tutorial, which is in GoNB's module, and compares their
// outputs with those that its author kept.
func TestTutorial(t *testing.T) {
	h := kerneltest.Machine(t)
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/janpfeifer/gonb")
	list.Dir = kerneltest.Checkout(t)
	dir, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []kerneltest.Executed
	var run []map[string]any
	for _, c := range kerneltest.Read(t, filepath.Join(strings.TrimSpace(string(dir)), "examples", "tutorial.ipynb")) {
		if slices.ContainsFunc(slices.Collect(maps.Keys(elsewhere)),
			func(word string) bool { return strings.Contains(c.Source, word) }) {
			continue
		}
		want = append(want, c)
		run = append(run, kerneltest.Code(c.Source))
	}
	if len(want) < 18 {
		t.Fatalf("only %d cells of the tutorial are left", len(want))
	}
	out := t.TempDir()
	output, status := kerneltest.Command(t, ".", nil, h.Program(), "run", kerneltest.Write(t, "tutorial.ipynb", run...),
		"--out", out)
	if status != 0 {
		t.Fatalf("status %d:\n%s", status, output)
	}
	got := kerneltest.Read(t, filepath.Join(out, "tutorial.ipynb"))
	for i, w := range want {
		g := got[i]
		if a, b := varying.ReplaceAllString(g.Stdout, "=N"), varying.ReplaceAllString(w.Stdout, "=N"); a != b {
			t.Errorf("%s\nprinted %q, want %q", w.Source, a, b)
		}
		if !slices.Equal(g.Shown, w.Shown) {
			t.Errorf("%s\nshowed %q, want %q", w.Source, g.Shown, w.Shown)
		}
	}
}
