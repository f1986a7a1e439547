package test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// first is the first notebook.
const first = "1-tls-next-packet.ipynb"

func checkout(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// skip skips a test for what is missing, or fails it where nothing may be.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("TRAFFICLAB_ALL") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// long skips a test of what takes minutes or asks the network under -short.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: it builds or fetches for minutes; go test without it does")
	}
}

// wants fails the test for each of the words that is not in the text.
func wants(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s lacks %q:\n%s", what, w, text)
		}
	}
}

// writeNotebook makes a notebook of code cells in a new folder.
func writeNotebook(t *testing.T, name string, sources ...string) (path string) {
	t.Helper()
	var cells []map[string]any
	for i, source := range sources {
		cells = append(cells, map[string]any{"cell_type": "code", "id": fmt.Sprint("cell-", i), "metadata": map[string]any{},
			"source": source, "outputs": []any{}, "execution_count": nil})
	}
	data, err := json.Marshal(map[string]any{
		"cells": cells, "nbformat": 4, "nbformat_minor": 5,
		"metadata": map[string]any{
			"kernelspec":    map[string]any{"name": "trafficlab", "display_name": "Go (trafficlab)", "language": "go"},
			"language_info": map[string]any{"name": "go"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// executed is what of an executed notebook is looked at: of each code cell its text and its seconds.
type executed struct {
	text    []string
	seconds []float64
}

func readNotebook(t *testing.T, path string) executed {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var nb struct {
		Cells []struct {
			Kind     string `json:"cell_type"`
			Metadata struct{ Papermill struct{ Duration float64 } }
			Outputs  []struct{ Text any }
		}
	}
	if err := json.Unmarshal(data, &nb); err != nil {
		t.Fatal(err)
	}
	var e executed
	for _, c := range nb.Cells {
		if c.Kind != "code" {
			continue
		}
		var b strings.Builder
		for _, o := range c.Outputs {
			lines, ok := o.Text.([]any) // a text may also be a list of its lines
			if !ok && o.Text != nil {
				lines = []any{o.Text}
			}
			for _, line := range lines {
				fmt.Fprint(&b, line)
			}
		}
		e.text, e.seconds = append(e.text, b.String()), append(e.seconds, c.Metadata.Papermill.Duration)
	}
	return e
}
