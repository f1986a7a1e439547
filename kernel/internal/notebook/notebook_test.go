package notebook

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "n.ipynb")
	const text = `{"cells": [
		{"cell_type": "markdown", "metadata": {}, "source": ["# A\n", "b"]},
		{"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": "var n int",
			"outputs": [{"text": ["one\n", "two\n"]}, {"data": {"text/plain": "three", "image/svg+xml": "<svg/>", "application/json": {}}}]},
		{"cell_type": "code", "metadata": {"execution": {}}, "source": ""}
	], "metadata": {}, "nbformat": 4}`
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	cells, err := Read(path)
	want := []Cell{
		{Kind: "markdown", Source: "# A\nb"},
		{Kind: "code", Source: "var n int", Tags: []string{"parameters"}, Plain: "one\ntwo\nthree"},
		{Kind: "code", Timed: true},
	}
	if err != nil || !reflect.DeepEqual(cells, want) {
		t.Errorf("got %v, %v", cells, err)
	}
	if c, ok := Tagged(cells, "parameters"); !ok || c.Source != "var n int" {
		t.Errorf("got %v, %v", c, ok)
	}
	if _, ok := Tagged(cells, "other"); ok {
		t.Error("found a tag that does not exist")
	}
	for _, damaged := range []string{"", "[]", "{}", text[:60], `{"cells": 1}`, `{"cells": [{"source": 5}]}`} {
		if err := os.WriteFile(path, []byte(damaged), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path); err == nil {
			t.Errorf("%q: no error", damaged)
		}
	}
}

func TestGoSourceKeepsLines(t *testing.T) {
	got := GoSource("%noautoget\nimport \"fmt\"\n  !ls\nvar x = 5 % 2")
	if want := "package cell;\nimport \"fmt\"\n\nvar x = 5 % 2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
