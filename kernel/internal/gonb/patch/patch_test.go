package patch

import (
	"go/parser"
	"go/token"
	"os/exec"
	"strings"
	"testing"
)

// The pinned gonbui has the line that is replaced.
func TestFiles(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", Package).Output()
	if err != nil {
		t.Fatal(err)
	}
	files := Files(strings.TrimSpace(string(out)))
	if len(files) != 2 {
		t.Fatalf("got %d files", len(files))
	}
	for name, text := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		if err != nil || f.Name.Name != "gonbui" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if files := Files(t.TempDir()); files != nil {
		t.Errorf("for an empty folder: %v", files)
	}
}
