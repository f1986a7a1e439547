package flowtable

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzOpen opens arbitrary bytes: they are refused in one line, or are a table whose times and
// numbers can be read.
func FuzzOpen(f *testing.F) {
	s := mustWrite(f, Options{}, 10, random(30, 1, 2))
	data, err := os.ReadFile(s.path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(data[:len(data)/2])
	dir := f.TempDir()
	if shm, err := os.MkdirTemp("/dev/shm", "trafficlab-fuzz-"); err == nil { // no waiting for a disk there
		dir = shm
		f.Cleanup(func() { os.RemoveAll(shm) })
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		path := filepath.Join(dir, "a.arrow")
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
			return
		}
		defer s.Close()
		for _, name := range s.Numbers() {
			if len(s.Float64s(name)) != s.NumRows() {
				t.Errorf("column %q is not %d rows", name, s.NumRows())
			}
		}
		if len(s.Times(0, s.NumRows())) != s.NumRows() {
			t.Error("not as many times as rows")
		}
	})
}
