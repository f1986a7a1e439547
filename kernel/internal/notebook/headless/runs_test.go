package headless

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

func TestNewRunKeepsTheLast(t *testing.T) {
	h := paths.Home(t.TempDir())
	for _, old := range []string{"2020-01-01-000000-1", "2020-01-02-000000-2", "mine"} {
		if err := os.MkdirAll(filepath.Join(h.Runs(), old), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	var last string
	for range keep {
		var err error
		if last, err = newRun(h); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(h.Runs())
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != keep+1 { // other folders are kept
		t.Errorf("%d folders are left, want %d: %v", len(entries), keep+1, entries)
	}
	if _, err := os.Stat(last); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(h.Runs(), "mine")); err != nil {
		t.Error(err)
	}
}

func TestFind(t *testing.T) {
	checkout := t.TempDir()
	if _, err := find(nil, checkout); err == nil {
		t.Error("no error for a checkout without notebooks")
	}
	for _, name := range []string{"notebooks/a.ipynb", "other/a.ipynb", "other/b.txt", "other/index.ipynb"} {
		path := filepath.Join(checkout, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	a, b := filepath.Join(checkout, "notebooks", "a.ipynb"), filepath.Join(checkout, "other", "a.ipynb")
	if got, err := find(nil, checkout); err != nil || len(got) != 1 || got[0] != a {
		t.Errorf("got %v, %v", got, err)
	}
	for _, names := range [][]string{{a, b}, {a, a}, {a, filepath.Join(checkout, "other", "index.ipynb")},
		{filepath.Join(checkout, "other", "b.txt")}, {filepath.Join(checkout, "other")}, {"none.ipynb"}} {
		if got, err := find(names, checkout); err == nil {
			t.Errorf("%v: no error, got %v", names, got)
		}
	}
}
