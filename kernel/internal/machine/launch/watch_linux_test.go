package launch

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/test/waits"
)

// start starts a process that runs until it is killed. The channel is closed when it is gone.
func start(t *testing.T, mark string, script string) (*exec.Cmd, chan struct{}) {
	t.Helper()
	cmd := exec.Command("sh", "-c", script)
	cmd.Env = append(os.Environ(), EnvSession+"="+mark)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() { cmd.Wait(); close(gone) }()
	t.Cleanup(func() { cmd.Process.Kill(); <-gone })
	return cmd, gone
}

func waitGone(t *testing.T, what string, gone chan struct{}) {
	t.Helper()
	waits.For(t, what+" goes", gone)
}

// deaf is a process that ignores SIGTERM, as a busy kernel may.
const deaf = "trap '' TERM; while :; do sleep 0.1; done"

func TestWatch(t *testing.T) {
	for _, dies := range []string{"parent", "kernel"} {
		t.Run(dies+" dies", func(t *testing.T) {
			t.Parallel()
			tmp := filepath.Join(t.TempDir(), "session")
			if err := os.Mkdir(tmp, 0o700); err != nil {
				t.Fatal(err)
			}
			connection := filepath.Join(t.TempDir(), "connection.json")
			if err := os.WriteFile(connection, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			id := "test-" + filepath.Base(filepath.Dir(tmp)) + dies
			parent, parentGone := start(t, "", "exec sleep 60")
			kernel, kernelGone := start(t, id, deaf)
			_, cellGone := start(t, id, deaf)
			stranger, _ := start(t, id+"x", "exec sleep 60")

			k, err := hold(kernel.Process.Pid)
			if err != nil {
				t.Fatal(err)
			}
			p, err := hold(parent.Process.Pid)
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- watch(k, p, kernel.Process.Pid, id, tmp, connection) }()
			time.Sleep(200 * time.Millisecond)
			if _, err := os.Stat(tmp); err != nil || k.gone() {
				t.Fatal("watch did not wait")
			}
			if dies == "parent" {
				parent.Process.Kill()
				waitGone(t, "the parent", parentGone)
			} else {
				kernel.Process.Kill()
			}
			waitGone(t, "the kernel", kernelGone)
			waitGone(t, "the cell's program", cellGone)
			if err := <-done; err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(tmp); err == nil {
				t.Error("the session's folder is still there")
			}
			if _, err := os.Stat(connection); (err == nil) != (dies == "kernel") {
				t.Errorf("the connection file: %v", err)
			}
			if s, err := hold(stranger.Process.Pid); err != nil || s.gone() {
				t.Error("a process of another session was killed")
			}
		})
	}
}

func TestHoldOfNobody(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	p, err := hold(cmd.Process.Pid)
	if err != nil || !p.gone() {
		t.Errorf("a process that has ended: %v, %v", p, err)
	}
}
