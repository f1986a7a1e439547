package paths

import (
	"os"
	"path/filepath"
	"testing"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestCheckout(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "go.mod"), "// the module\nmodule "+Module+" // here\n\ngo 1.26\n")
	write(t, filepath.Join(root, "notebooks", "deep", "go.mod"), "module example.com/other\n")
	write(t, filepath.Join(root, "fake", "go.mod"), "module "+Module+"/sub\n")
	for _, dir := range []string{"", "notebooks", "notebooks/deep", "fake", "missing/folder"} {
		got, err := Checkout(filepath.Join(root, dir))
		if err != nil || got != root {
			t.Errorf("%q: got %q, %v; want %q", dir, got, err, root)
		}
	}
	if got, err := Checkout(t.TempDir()); err == nil {
		t.Errorf("got %q for a folder outside of any checkout", got)
	}
}

func TestRecord(t *testing.T) {
	h := Home(t.TempDir())
	r, err := h.ReadRecord()
	if err != nil || len(r.Steps) != 0 || r.Steps == nil {
		t.Fatalf("without a file: %+v, %v", r, err)
	}
	r.Checkout, r.Steps["tools"] = "/c", "hash"
	if err := h.WriteRecord(r); err != nil {
		t.Fatal(err)
	}
	if got, err := h.ReadRecord(); err != nil || got.Checkout != "/c" || got.Steps["tools"] != "hash" {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, damaged := range []string{"", "{", `{"checkout": "/c"}`, `{"steps": 3}`, `{"steps": null}`} {
		write(t, h.record(), damaged)
		if got, err := h.ReadRecord(); err != nil || got.Steps == nil || len(got.Steps) != 0 {
			t.Errorf("%q: got %+v, %v; want an empty record", damaged, got, err)
		}
	}
	entries, _ := os.ReadDir(string(h))
	if len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestState(t *testing.T) {
	h := Home(t.TempDir())
	if got := h.State(); got != string(h) {
		t.Errorf("of one's own home: %s", got)
	}
	if got := Home(filepath.Join(string(h), "not yet")); got.State() != string(got) {
		t.Errorf("of a home that is not there yet: %s", got.State())
	}
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	if os.Geteuid() == 0 {
		return // root may write anywhere; docker/test has the other users, and a root that cannot be written
	}
	if got, want := Home("/usr").State(), filepath.Join(cache, "trafficlab"); got != want {
		t.Errorf("of a home that is root's: %s, want %s", got, want)
	}
}
