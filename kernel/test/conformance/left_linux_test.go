package conformance

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/launch"
	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
	"github.com/trafficlab/trafficlab/kernel/test/waits"
)

// session describes the kernel that a cell runs in.
type session struct {
	id, tmp       string
	cell, kernel  int
	kernelsParent int // the process that started the kernel
}

// slow returns a cell that writes its process IDs to the file and does not end.
func slow(file string) map[string]any {
	return kerneltest.Code("%%\nos.WriteFile(\"" + file + ".new\", []byte(fmt.Sprint(os.Getpid(), os.Getppid())), " +
		"0o666)\n" +
		"os.Rename(\"" + file + ".new\", \"" + file + "\")\ntime.Sleep(time.Hour)")
}

// begun waits for the slow cell and returns its session.
func begun(t *testing.T, file string) session {
	t.Helper()
	var data []byte
	waits.Until(t, "the cell begins", func() (begun bool) {
		var err error
		data, err = os.ReadFile(file)
		return err == nil
	})
	var s session
	pids := strings.Fields(string(data))
	s.cell, _ = strconv.Atoi(pids[0])
	s.kernel, _ = strconv.Atoi(pids[1])
	environ, err := os.ReadFile("/proc/" + pids[0] + "/environ")
	if err != nil {
		t.Fatal(err)
	}
	for entry := range strings.SplitSeq(string(environ), "\x00") {
		switch name, value, _ := strings.Cut(entry, "="); name {
		case launch.EnvSession:
			s.id = value
		case "TMPDIR":
			s.tmp = value
		case "JPY_PARENT_PID":
			s.kernelsParent, _ = strconv.Atoi(value)
		}
	}
	if s.id == "" || s.tmp == "" || s.kernelsParent == 0 {
		t.Fatalf("the cell's environment tells %+v", s)
	}
	return s
}

// members returns the names of a session's processes.
func members(s session) (names []string) {
	paths, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range paths {
		environ, err := os.ReadFile(path)
		if err == nil && bytes.Contains(environ, []byte(launch.EnvSession+"="+s.id)) {
			comm, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "comm"))
			names = append(names, strings.TrimSpace(string(comm)))
		}
	}
	return names
}

// gone waits until nothing is left of a session.
func gone(t *testing.T, s session) {
	t.Helper()
	waits.Until(t, "nothing is left of the session", func() bool {
		_, err := os.Stat(s.tmp)
		return err != nil && len(members(s)) == 0
	})
}

func TestNothingIsLeft(t *testing.T) {
	h := kerneltest.Machine(t)
	for _, c := range []struct {
		name string
		end  func(run int, s session) error
	}{
		{"papermill is killed", func(_ int, s session) error { return syscall.Kill(s.kernelsParent, syscall.SIGKILL) }},
		{"GoNB is killed", func(_ int, s session) error { return syscall.Kill(s.kernel, syscall.SIGKILL) }},
		{"run is killed", func(run int, _ session) error { return syscall.Kill(run, syscall.SIGKILL) }},
		{"run is interrupted", func(run int, _ session) error { return syscall.Kill(run, syscall.SIGINT) }},
		{"Ctrl-C", func(run int, _ session) error { return syscall.Kill(-run, syscall.SIGINT) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "begun")
			nb := kerneltest.Write(t, "slow.ipynb", kerneltest.Code(kerneltest.Imports), slow(file))
			out := t.TempDir()
			cmd := exec.Command(h.Program(), "run", nb, "--out", out)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan struct{})
			go func() { cmd.Wait(); close(ended) }()
			t.Cleanup(func() { cmd.Process.Kill(); <-ended })

			s := begun(t, file)
			if names := members(s); strings.Contains(strings.Join(names, " "), "gopls") {
				t.Errorf("gopls runs although nobody types: %v", names)
			}
			if err := c.end(cmd.Process.Pid, s); err != nil {
				t.Fatal(err)
			}
			gone(t, s)
			waits.For(t, "run ends", ended)
			if cmd.ProcessState.Success() {
				t.Error("run succeeded")
			}
			if _, err := os.Stat(filepath.Join(out, "slow.ipynb")); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestNothingIsLeftOfAServer kills a server that has started a kernel with gopls, for somebody who
// types.
func TestNothingIsLeftOfAServer(t *testing.T) {
	h := kerneltest.Machine(t)
	if _, err := os.Stat(h.Gopls()); err != nil {
		kerneltest.Skip(t, "no gopls (run: go run ./kernel setup)")
	}
	file := filepath.Join(t.TempDir(), "begun")
	nb := filepath.Join(t.TempDir(), "typed.ipynb")
	const server = `
import sys, time
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="trafficlab")
for source in sys.argv[1:]:
    client.execute(source)
time.sleep(3600)`
	cmd := exec.Command(h.Python(), "-c", server, kerneltest.Imports, slow(file)["source"].(string))
	cmd.Env = append(os.Environ(), "JPY_SESSION_NAME="+nb, launch.EnvWork+"="+t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	s := begun(t, file)
	if here, err := os.Readlink("/proc/" + strconv.Itoa(s.kernel) + "/cwd"); err != nil || here != filepath.Dir(nb) {
		t.Errorf("the kernel works in %q, %v; want %q", here, err, filepath.Dir(nb))
	}
	if names := members(s); !strings.Contains(strings.Join(names, " "), "gopls") {
		t.Errorf("no gopls among %v", names)
	}
	cmd.Process.Kill()
	gone(t, s)
}
