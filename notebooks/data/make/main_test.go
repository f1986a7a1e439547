package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFilesAreCurrent makes all files again and compares them with those beside the notebook.
func TestFilesAreCurrent(t *testing.T) {
	dir, kept := t.TempDir(), filepath.Join("..", "tls")
	if err := build(dir); err != nil {
		t.Fatal(err)
	}
	files, total := 0, 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		want, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(filepath.Join(kept, name))
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the program makes: run go run ./notebooks/data/make", name)
		}
		files, total = files+1, total+len(got)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files != parts+2 || total > 2<<20 {
		t.Errorf("%d files, %d bytes: want %d files below 2 MiB", files, total, parts+2)
	}
}

func TestWrongFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	err := build(defaultDest)
	if err == nil || !strings.Contains(err.Error(), "root of the checkout") {
		t.Errorf("got %v, want advice on where to run it", err)
	}
}
