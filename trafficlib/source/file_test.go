package source_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/source"
)

func TestSaveOpen(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a_1.csv", "b.csv", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	roles := []source.Role{{Name: "normal", Pattern: "a_*"}, {Name: "attack", Pattern: "z*", Optional: true},
		{Name: "other", Pattern: "b*"}}
	picked, err := source.Pick(dir, roles)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "files.json")
	if err := picked.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := source.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != picked.String() {
		t.Errorf("came back as\n%s\nwant\n%s", got, picked)
	}
	if !slices.Equal(got.Of("normal"), []string{filepath.Join(dir, "a_1.csv")}) {
		t.Errorf("normal is played by %v", got.Of("normal"))
	}
	if played := got.Played("normal", "attack", "other"); !slices.Equal(played, []string{"normal", "other"}) {
		t.Errorf("played are %v", played)
	}
}

func TestOpenDamaged(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{"": "unexpected end", "{}": `format ""`,
		`{"format":"other"}`: `format "other"`} {
		path := filepath.Join(dir, "files.json")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := source.Open(path); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
