// Package kit is what the tests of the kernel share: they make notebooks, run them by the command that setup has
// installed, and look at what is left.
package kerneltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/setup"
	"github.com/trafficlab/trafficlab/kernel/test/waits"
)

// First is the first notebook of the checkout.
const First = "1-tls-next-packet.ipynb"

// Checkout gives a place in the checkout that the tests are run from.
func Checkout(t *testing.T, elem ...string) string {
	t.Helper()
	checkout, err := paths.Checkout(".")
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(append([]string{checkout}, elem...)...)
}

// Artifacts gives a folder for what a person may want to look at afterwards: one of the test below what
// TRAFFICLAB_ARTIFACTS names, which is empty at first, or one that ends with the test.
func Artifacts(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("TRAFFICLAB_ARTIFACTS")
	if dir == "" {
		return t.TempDir()
	}
	dir = filepath.Join(dir, t.Name())
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Machine returns the folder that setup filled from this checkout, or skips the test: where setup has not run, and under
// -short.
func Machine(t *testing.T) paths.Home {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: it starts what setup installed; go test without it does")
	}
	h, err := paths.UserHome()
	if err != nil {
		t.Fatal(err)
	}
	s := setup.Setup{Home: h, Checkout: Checkout(t)}
	todo, err := s.Missing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(todo) > 0 {
		Skip(t, "not set up: "+strings.Join(todo, "; ")+" (run: go run ./kernel setup)")
	}
	return h
}

// Skip skips a test for what is missing, or fails it where nothing may be.
func Skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("TRAFFICLAB_ALL") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// Code and text make cells. The tags of a code cell follow its source.
func Code(source string, tags ...string) map[string]any {
	meta := map[string]any{}
	if len(tags) > 0 {
		meta["tags"] = tags
	}
	return map[string]any{"cell_type": "code", "metadata": meta, "source": source, "outputs": []any{}, "execution_count": nil}
}

func Text(source string) map[string]any {
	return map[string]any{"cell_type": "markdown", "metadata": map[string]any{}, "source": source}
}

// Write makes a notebook of cells in a new folder.
func Write(t *testing.T, name string, cells ...map[string]any) (path string) {
	t.Helper()
	for i, c := range cells {
		c["id"] = "cell-" + string(rune('a'+i))
	}
	data, err := json.Marshal(map[string]any{
		"cells": cells, "nbformat": 4, "nbformat_minor": 5,
		"metadata": map[string]any{
			"kernelspec":    map[string]any{"name": paths.KernelName, "display_name": "Go (trafficlab)", "language": "go"},
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

// Outputs gives, for each code cell of a notebook file, the text of all its outputs.
func Outputs(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var nb struct {
		Cells []struct {
			Kind    string `json:"cell_type"`
			Outputs []struct {
				Text      any   `json:"text"`
				Traceback []any `json:"traceback"`
			} `json:"outputs"`
		} `json:"cells"`
	}
	if err := json.Unmarshal(data, &nb); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range nb.Cells {
		if c.Kind != "code" {
			continue
		}
		var b strings.Builder
		for _, o := range c.Outputs {
			lines, ok := o.Text.([]any)
			if !ok && o.Text != nil {
				lines = []any{o.Text}
			}
			for _, line := range lines {
				b.WriteString(line.(string))
			}
			for _, line := range o.Traceback {
				b.WriteString(line.(string) + "\n")
			}
		}
		all = append(all, b.String())
	}
	return all
}

// Command runs a program in dir and gives all that it printed and its exit status.
func Command(t *testing.T, dir string, env []string, name string, args ...string) (string, int) {
	t.Helper()
	cmd := exec.CommandContext(waits.Context(t), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out.String())
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// Wants fails the test for each of the words that is not in the text.
func Wants(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s lacks %q:\n%s", what, w, text)
		}
	}
}

// Imports is the import cell of most notebooks that a test makes.
const Imports = "import (\n\t\"fmt\"\n\t\"os\"\n\t\"path/filepath\"\n\t\"time\"\n)"
