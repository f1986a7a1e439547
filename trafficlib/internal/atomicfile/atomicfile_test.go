package atomicfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
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

// TestWriteAt writes more than is flushed at once, and overwrites a part of it.
func TestWriteAt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	want := bytes.Repeat([]byte("0123456789abcdef"), 3<<20/2)
	err := Write(path, func(w io.Writer) error {
		for part := range slices.Chunk(want, 1<<20) {
			if _, err := w.Write(part); err != nil {
				return err
			}
		}
		_, err := w.(io.WriterAt).WriteAt([]byte("late"), 7)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	copy(want[7:], "late")
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v, want %d others", len(got), err, len(want))
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
