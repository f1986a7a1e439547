package benchkit

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

func TestMachine(t *testing.T) {
	if got := Machine("Python 3"); !strings.Contains(got, " cores of ") || !strings.Contains(got, runtime.Version()) || !strings.HasSuffix(got, "; Python 3") {
		t.Error(got)
	}
}

func TestRun(t *testing.T) {
	var said struct{ A int }
	m, err := Run(exec.Command("sh", "-c", `sleep 0.05; echo '{"a": 7}'`), &said)
	if err != nil || said.A != 7 {
		t.Errorf("%+v, %v", said, err)
	}
	if _, err := os.Stat("/proc/self/status"); err == nil && (m.Anon == 0 || m.Mapped == 0 || m.Peak == 0) {
		t.Errorf("memory %+v", m)
	}
	if _, err := Run(exec.Command("sh", "-c", "echo lost >&2; exit 3"), &said); err == nil || !strings.Contains(err.Error(), "lost") {
		t.Errorf("a process that fails: %v", err)
	}
	if _, err := Run(exec.Command("echo", "nothing of the kind"), &said); err == nil || !strings.Contains(err.Error(), `"nothing of the kind\n"`) {
		t.Errorf("one that prints no JSON: %v", err)
	}
	if anon, mapped := resident(-1); anon != 0 || mapped != 0 {
		t.Errorf("of no process: %d, %d", anon, mapped)
	}
}
