package tlsfeat

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func partsFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "features_tls")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestJoin(t *testing.T) {
	files := map[string]string{"features_info.csv": "not a part", "notes.txt": "nor this", "f_x.csv": "nor this"}
	want := ""
	for i := 1; i <= 11; i++ {
		line := fmt.Sprintf("[%d.0], ", i)
		files[fmt.Sprintf("f_%d.csv", i)] = line // none ends its last line
		want += line + "\n"
	}
	files["f_12.csv"] = ""
	dir := partsFolder(t, files)
	path, err := Join(dir+"/", "")
	if err != nil || path != dir+".csv" {
		t.Fatalf("got %q, %v, want %q", path, err, dir+".csv")
	}
	if got, _ := os.ReadFile(path); string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
	dst := filepath.Join(t.TempDir(), "x.csv")
	if path, err := Join(dir, dst); err != nil || path != dst {
		t.Errorf("got %q, %v, want %q", path, err, dst)
	}
	t.Chdir(dir)
	if path, err := Join(".", ""); err != nil || path != dir+".csv" {
		t.Errorf("the folder .: got %q, %v, want %q", path, err, dir+".csv")
	}
}

func TestJoinRefuses(t *testing.T) {
	for want, files := range map[string]map[string]string{
		": no parts: want files named NAME_1.csv, NAME_2.csv, …": {"notes.txt": ""},
		": part 2 is missing":                           {"f_1.csv": "", "f_3.csv": ""},
		": part 1 is there twice: f_01.csv and f_1.csv": {"f_1.csv": "", "f_01.csv": ""},
		": parts of two files, a_… and b_…":             {"a_1.csv": "", "b_2.csv": ""},
	} {
		dir := partsFolder(t, files)
		if _, err := Join(dir, ""); err == nil || err.Error() != "tlsfeat: "+dir+want {
			t.Errorf("got %v, want %q", err, want)
		}
		if _, err := os.Stat(dir + ".csv"); err == nil {
			t.Error("a file was made all the same")
		}
	}
	if _, err := Join(filepath.Join(t.TempDir(), "absent"), ""); err == nil ||
		!strings.HasPrefix(err.Error(), "tlsfeat: open ") {
		t.Errorf("an absent folder: %v", err)
	}
}
