package kerneltest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/notebook"
)

// First is the file name of the checkout's first notebook.
const First = "1-tls-next-packet.ipynb"

// Imports is the import cell of most notebooks that tests write.
const Imports = "import (\n\t\"fmt\"\n\t\"os\"\n\t\"path/filepath\"\n\t\"time\"\n)"

// Code returns a code cell.
func Code(source string, tags ...string) map[string]any {
	meta := map[string]any{}
	if len(tags) > 0 {
		meta["tags"] = tags
	}
	return map[string]any{"cell_type": "code", "metadata": meta, "source": source, "outputs": []any{},
		"execution_count": nil}
}

// Text returns a Markdown cell.
func Text(source string) map[string]any {
	return map[string]any{"cell_type": "markdown", "metadata": map[string]any{}, "source": source}
}

// Write writes a notebook of cells to a new folder, and returns its path.
func Write(t *testing.T, name string, cells ...map[string]any) (path string) {
	t.Helper()
	for i, c := range cells {
		c["id"] = fmt.Sprint("cell-", i)
	}
	data, err := json.Marshal(map[string]any{
		"cells": cells, "nbformat": 4, "nbformat_minor": 5,
		"metadata": map[string]any{
			"kernelspec": map[string]any{"name": paths.KernelName, "display_name": "Go (trafficlab)",
				"language": "go"},
			"language_info": map[string]any{"name": "go"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// An Executed is a code cell of an executed notebook.
type Executed struct {
	Source  string
	Stdout  string   // the text of its standard output
	Text    string   // the text of all its streams and error traces
	Shown   []string // the MIME types of its rich outputs, without text/plain
	Seconds float64  // as papermill measured them
}

// Read returns the code cells of a notebook file.
func Read(t *testing.T, path string) []Executed {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cells []struct {
			Kind     string        `json:"cell_type"`
			Source   notebook.Text `json:"source"`
			Metadata struct{ Papermill struct{ Duration float64 } }
			Outputs  []struct {
				Name      string
				Text      notebook.Text
				Data      map[string]any
				Traceback []string
			}
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	var all []Executed
	for _, c := range file.Cells {
		if c.Kind != "code" {
			continue
		}
		e := Executed{Source: string(c.Source), Seconds: c.Metadata.Papermill.Duration}
		for _, o := range c.Outputs {
			if o.Name == "stdout" {
				e.Stdout += string(o.Text)
			}
			e.Text += string(o.Text)
			for _, line := range o.Traceback {
				e.Text += line + "\n"
			}
			for _, mime := range slices.Sorted(maps.Keys(o.Data)) {
				if mime != "text/plain" {
					e.Shown = append(e.Shown, mime)
				}
			}
		}
		all = append(all, e)
	}
	return all
}

// Outputs returns the text of each code cell of a notebook file, see [Executed].
func Outputs(t *testing.T, path string) []string {
	t.Helper()
	var all []string
	for _, e := range Read(t, path) {
		all = append(all, e.Text)
	}
	return all
}
