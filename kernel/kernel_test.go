package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/place"
	"github.com/trafficlab/trafficlab/kernel/internal/setup"
)

// The tests of this package run notebooks on the kernel that setup has installed, through the installed command.

// machine gives the folder that setup filled from this checkout, or skips the test.
func machine(t *testing.T) place.Home {
	t.Helper()
	h, err := place.UserHome()
	if err != nil {
		t.Fatal(err)
	}
	checkout, err := place.Checkout(".")
	if err != nil {
		t.Fatal(err)
	}
	s := setup.Setup{Home: h, Checkout: checkout}
	todo, err := s.Missing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(todo) > 0 {
		skip(t, "not set up: "+strings.Join(todo, "; ")+" (run: go run ./kernel setup)")
	}
	return h
}

// skip skips a test for what is missing, or fails it where nothing may be.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("TRAFFICLAB_ALL") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// code and text make cells. The tags of a code cell follow its source.
func code(source string, tags ...string) map[string]any {
	meta := map[string]any{}
	if len(tags) > 0 {
		meta["tags"] = tags
	}
	return map[string]any{"cell_type": "code", "metadata": meta, "source": source, "outputs": []any{}, "execution_count": nil}
}

func text(source string) map[string]any {
	return map[string]any{"cell_type": "markdown", "metadata": map[string]any{}, "source": source}
}

// write makes a notebook of cells in a new folder.
func write(t *testing.T, name string, cells ...map[string]any) (path string) {
	t.Helper()
	for i, c := range cells {
		c["id"] = "cell-" + string(rune('a'+i))
	}
	data, err := json.Marshal(map[string]any{
		"cells": cells, "nbformat": 4, "nbformat_minor": 5,
		"metadata": map[string]any{
			"kernelspec":    map[string]any{"name": place.KernelName, "display_name": "Go (trafficlab)", "language": "go"},
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

// outputs gives, for each code cell of a notebook file, the text of all its outputs.
func outputs(t *testing.T, path string) []string {
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

// command runs a program in dir and gives all that it printed and its exit status.
func command(t *testing.T, dir string, env []string, name string, args ...string) (string, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
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

// wants fails the test for each of the words that is not in the text.
func wants(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s lacks %q:\n%s", what, w, text)
		}
	}
}

const imports = "import (\n\t\"fmt\"\n\t\"os\"\n\t\"path/filepath\"\n\t\"time\"\n)"
