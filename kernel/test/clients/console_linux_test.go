package clients

import (
	"bytes"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
	"github.com/trafficlab/trafficlab/kernel/test/waits"
)

// TestConsole types into jupyter console in a terminal; see console.py of package client.
func TestConsole(t *testing.T) {
	s := kerneltest.Sandbox(t)
	kerneltest.Report(t, kerneltest.Checks(t, s, 4*time.Minute, "console.py", "trafficlab"), knownConsole)
	if left := s.Leftovers(5 * time.Second); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// TestConsolePiped sends cells to jupyter console without a terminal.
func TestConsolePiped(t *testing.T) {
	s := kerneltest.Sandbox(t)
	cmd := exec.CommandContext(waits.Context(t), s.Python(), "-m", "jupyter_console", "--kernel", "trafficlab",
		"--simple-prompt")
	cmd.Env = s.Env()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"6 * 7", `fmt.Println("piped")`, "missing()"} {
		in.Write([]byte(line + "\n"))
	}
	// The input must not end before jupyter console has answered everything.
	out := &answers{last: "undefined: missing", input: in}
	cmd.Stdout, cmd.Stderr = out, out
	err = cmd.Run()
	kerneltest.Wants(t, "its output", out.output.String(), "42", "piped", out.last)
	if err != nil {
		t.Log(err)
	}
}

// answers records the output of a program, and closes the program's input after the last answer.
type answers struct {
	output bytes.Buffer
	last   string
	input  io.Closer
}

func (a *answers) Write(p []byte) (int, error) {
	a.output.Write(p)
	if strings.Contains(a.output.String(), a.last) {
		a.input.Close()
	}
	return len(p), nil
}
