package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
)

// Unpacking a bundled archive needs no network code.
func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.GoMLX, deptest.XLA, deptest.GoNB, deptest.Plot, deptest.Arrow, deptest.HTTP)
}

func TestUnzip(t *testing.T) {
	pack := func(names ...string) string {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range names {
			h := &zip.FileHeader{Name: name, Method: zip.Deflate}
			if strings.HasSuffix(name, ".lnk") {
				h.SetMode(os.ModeSymlink | 0o777)
			}
			w, err := z.CreateHeader(h)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(name, "/") {
				io.WriteString(w, "text of "+name)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "a.zip")
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	dir := t.TempDir()
	names, err := Unzip(t.Context(), pack("days/", "days/a.csv", "b.csv"), dir)
	if got, _ := os.ReadFile(filepath.Join(dir, "days", "a.csv")); err != nil ||
		!slices.Equal(names, []string{"days/a.csv", "b.csv"}) || string(got) != "text of days/a.csv" {
		t.Errorf("%v, %v, %q", names, err, got)
	}
	for _, bad := range []string{"../x", "/x", "a/../../x", `..\x`, "x.lnk"} {
		into := filepath.Join(t.TempDir(), "in")
		if _, err := Unzip(t.Context(), pack("ok.csv", bad), into); err == nil {
			t.Errorf("%s: no error", bad)
		}
		if _, err := os.Stat(into); err == nil {
			t.Errorf("%s: something was unpacked", bad)
		}
	}
}

// TestUnzipAll unpacks two archives with files of the same name and passes a file through.
func TestUnzipAll(t *testing.T) {
	dir := t.TempDir()
	var archives []string
	for i := range 2 {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create("day.csv")
		if err == nil {
			fmt.Fprint(w, "text ", i)
			err = z.Close()
		}
		archives = append(archives, filepath.Join(dir, fmt.Sprint(i, ".zip")))
		if werr := os.WriteFile(archives[i], b.Bytes(), 0o666); err != nil || werr != nil {
			t.Fatal(err, werr)
		}
	}
	plain := filepath.Join(dir, "plain.csv")
	paths, err := UnzipAll(t.Context(), filepath.Join(dir, "out"), append(archives, plain)...)
	if err != nil || len(paths) != 3 || paths[2] != plain {
		t.Fatal(paths, err)
	}
	for i, path := range paths[:2] {
		if text, err := os.ReadFile(path); err != nil || string(text) != fmt.Sprint("text ", i) {
			t.Errorf("%s: %q, %v", path, text, err)
		}
	}
}

// TestLying unpacks an entry whose header understates its size.
func TestLying(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "day.csv", Method: zip.Store, CompressedSize64: 4,
		UncompressedSize64: 2})
	if err == nil {
		fmt.Fprint(w, "text")
		err = z.Close()
	}
	path := filepath.Join(t.TempDir(), "a.zip")
	if werr := os.WriteFile(path, b.Bytes(), 0o666); err != nil || werr != nil {
		t.Fatal(err, werr)
	}
	dir := t.TempDir()
	if names, err := Unzip(t.Context(), path, dir); err == nil || len(names) > 0 {
		t.Errorf("unpacked %v, %v, want an error", names, err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	dir := t.TempDir()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if _, err := z.Create("a"); err != nil {
		t.Fatal(err)
	}
	z.Close()
	path := filepath.Join(dir, "a.zip")
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Unzip(ctx, path, filepath.Join(dir, "out")); err == nil ||
		!strings.Contains(err.Error(), "context canceled") {
		t.Errorf("%v, want the error of the context", err)
	}
}
