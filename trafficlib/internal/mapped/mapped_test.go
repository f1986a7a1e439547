package mapped

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	for _, text := range []string{"", "some text"} {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(f.Bytes()) != text || f.Path() != path {
			t.Errorf("%q: got %q of %q", text, f.Bytes(), f.Path())
		}
		for range 2 { // the second time does nothing
			if err := f.Close(); err != nil || f.Bytes() != nil {
				t.Errorf("closing: %v", err)
			}
		}
	}
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Open(path + "-absent"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an absent file: %v", err)
	}
}

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, make([]byte, 1<<20), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Truncate(path, 10); err != nil {
		t.Fatal(err)
	}
	var sum byte
	last := func(data []byte) error { sum += data[len(data)-1]; return nil }
	if err := f.Read(last); err == nil || !strings.Contains(err.Error(), "became shorter") {
		t.Errorf("reading a page that is gone: %v", err)
	}
	mine := errors.New("mine")
	if err := f.Read(func([]byte) error { return mine }); err != mine {
		t.Errorf("got %v, want the error of read", err)
	}
	defer func() {
		if r := recover(); r != "mine" {
			t.Errorf("recovered %v, want the panic of read", r)
		}
	}()
	f.Read(func([]byte) error { panic("mine") })
}
