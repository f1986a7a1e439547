package toolchain

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func goroot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// Every anchor occurs exactly once in the installed Go.
func TestRules(t *testing.T) {
	if err := Check(goroot(t)); err != nil {
		t.Fatal(err)
	}
}

// A Go that the rules do not fit is refused with the name of the first rule that failed.
func TestUnknown(t *testing.T) {
	installed, root := goroot(t), t.TempDir()
	for _, r := range compilerRules {
		source, err := os.ReadFile(filepath.Join(installed, "src", r.file))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(root, "src", r.file)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(source), "exp.Exported()", "exp.exported()")),
			0o666); err != nil {
			t.Fatal(err)
		}
	}
	err := Check(root)
	if !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "a cell selects unexported names of another") {
		t.Errorf("got %v", err)
	}
	if err := Check(t.TempDir()); !errors.Is(err, ErrUnknown) {
		t.Errorf("an empty folder: %v", err)
	}
}
