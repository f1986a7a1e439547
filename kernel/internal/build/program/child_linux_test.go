package program

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/test/waits"
)

// TestMain lets the test binary be the parent that is killed.
func TestMain(m *testing.M) {
	if os.Getenv("CHILD_TEST") == "parent" {
		cmd := exec.Command("sh", "-c", "echo $$; exec sleep 60")
		cmd.Stdout = os.Stdout
		RunChild(cmd, syscall.SIGKILL, nil)
		return
	}
	os.Exit(m.Run())
}

func TestRunChild(t *testing.T) {
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), "CHILD_TEST=parent")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	parent.Process.Kill()
	parent.Wait()
	defer func() {
		if t.Failed() {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}()
	waits.Until(t, "the child ends with its parent", func() bool {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		return err != nil || strings.Contains(string(stat), ") Z ")
	})
}

func TestRunChildReportsTheEnd(t *testing.T) {
	called := false
	err := RunChild(exec.Command("sh", "-c", "exit 3"), syscall.SIGKILL, func() { called = true })
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 3 || !called {
		t.Errorf("got %v, called %v", err, called)
	}
	if err := RunChild(exec.Command("/no/such/program"), syscall.SIGKILL, nil); err == nil {
		t.Error("no error for a program that does not exist")
	}
}
