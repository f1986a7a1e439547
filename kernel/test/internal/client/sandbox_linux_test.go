package client

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// shell returns a sandbox whose programs are shell scripts.
func shell(t *testing.T, script string) *Sandbox {
	t.Helper()
	s := &Sandbox{dir: t.TempDir(), id: "test-" + filepath.Base(t.TempDir()) + t.Name(), python: "/bin/sh",
		script: t.TempDir()}
	for _, dir := range []string{s.Tmp(), filepath.Join(s.dir, "run")} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(s.Script("program"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRun(t *testing.T) {
	s := shell(t, "echo one $1; echo two; echo of mine >&2; setsid sleep 300 >/dev/null 2>&1 & touch $TMPDIR/left; "+
		"exit $1")
	var lines []string
	err := s.Run(t.Context(), func(line []byte) error { lines = append(lines, string(line)); return nil }, "program",
		"0")
	if err != nil || strings.Join(lines, "|") != "one 0|two" {
		t.Errorf("%q, %v", lines, err)
	}
	// The process that it started in a session of its own is gone; the file that it left is found.
	if left := s.Leftovers(0); len(left) != 1 || left[0] != filepath.Join(s.Tmp(), "left") {
		t.Errorf("left: %q", left)
	}
	err = s.Run(t.Context(), func([]byte) error { return nil }, "program", "3")
	if err == nil || !strings.Contains(err.Error(), "exit status 3\nof mine") {
		t.Errorf("a program that failed: %v", err)
	}
}

func TestTimeLimit(t *testing.T) {
	s := shell(t, "echo begun; setsid sleep 300 & sleep 300")
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	start := time.Now()
	err := s.Run(ctx, func([]byte) error { return nil }, "program")
	if err == nil || !strings.Contains(err.Error(), "deadline exceeded") || time.Since(start) > 30*time.Second {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
	if left := s.Leftovers(0); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}
