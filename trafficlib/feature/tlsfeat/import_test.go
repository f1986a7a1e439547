package tlsfeat

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestImport makes one file from a file and a folder of parts.
func TestImport(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	one := write("one.csv", "[1, 2], \n[3, 4], [5, 6], ")
	write("parts/p_2.csv", "[9, 10], ")
	write("parts/p_1.csv", "[7, 8], ")
	set, err := Import(t.Context(), filepath.Join(dir, "all.arrow"), one, filepath.Join(dir, "parts"))
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	for i, want := range []float32{1, 3, 7, 9} {
		if got := set.At(i)[0]; got != want {
			t.Errorf("session %d begins with %v, want %v", i, got, want)
		}
	}
	if joined, err := Join(one, ""); err != nil || joined != one {
		t.Errorf("joining a file gives %q, %v", joined, err)
	}
	for want, paths := range map[string][]string{
		"no session files":       nil,
		"wide.csv: 3 features":   {one, write("wide.csv", "[1, 2, 3], ")},
		"no parts":               {write("none/readme.txt", "")[:len(dir)+5]},
		"gone.csv: no such file": {filepath.Join(dir, "gone.csv")},
	} {
		_, err := Import(t.Context(), filepath.Join(dir, "bad.arrow"), paths...)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: %v, want one line with %q", paths, err, want)
		}
	}
}
