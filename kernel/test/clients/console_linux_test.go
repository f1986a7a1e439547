package clients

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/kit"
)

// TestConsole types into jupyter console in a terminal, as the program console.py of package probe does.
func TestConsole(t *testing.T) {
	s := kit.Stand(t)
	kit.Report(t, kit.Checks(t, s, 4*time.Minute, "console.py", "trafficlab"), knownConsole)
	if left := s.Left(5 * time.Second); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// TestConsolePiped sends cells to it without a terminal.
func TestConsolePiped(t *testing.T) {
	s := kit.Stand(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.Python(), "-m", "jupyter_console", "--kernel", "trafficlab", "--simple-prompt")
	cmd.Env = s.Env()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for _, line := range []string{"6 * 7", `fmt.Println("piped")`, "missing()"} {
			in.Write([]byte(line + "\n"))
		}
		time.Sleep(5 * time.Second) // it asks what is left of the line when it ends
		in.Close()
	}()
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("it does not end: %s", out)
	}
	kit.Wants(t, "what it printed", string(out), "42", "piped", "undefined: missing")
	if err != nil {
		t.Log(err)
	}
}
