package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a", "b.txt")
	if err := Write(path, func(w io.Writer) error { _, err := io.WriteString(w, "one"); return err }); err != nil {
		t.Fatal(err)
	}
	cut := errors.New("cut")
	err := Write(path, func(w io.Writer) error { io.WriteString(w, "tw"); return cut })
	if !errors.Is(err, cut) {
		t.Fatalf("got %v, want the error of fill", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "one" {
		t.Errorf("after a failed write the file holds %q, want the old %q", got, "one")
	}
	if left := names(t, filepath.Dir(path)); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWriteDir(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "step-000001")
	put := func(text string, fail error) error {
		return WriteDir(path, func(d string) error {
			if err := os.WriteFile(filepath.Join(d, "x"), []byte(text), 0o666); err != nil {
				return err
			}
			return fail
		})
	}
	if err := put("one", nil); err != nil {
		t.Fatal(err)
	}
	if err := put("two", nil); err != nil {
		t.Fatal(err)
	}
	cut := errors.New("cut")
	if err := put("three", cut); !errors.Is(err, cut) {
		t.Fatalf("got %v, want the error of fill", err)
	}
	if got, _ := os.ReadFile(filepath.Join(path, "x")); string(got) != "two" {
		t.Errorf("the folder holds %q, want %q", got, "two")
	}
	if left := names(t, dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}
