package client

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// processes returns the processes of the sandbox: those with its mark in their environment, and
// those whose command line names its folder, such as a kernel's watcher, whose environment is
// empty.
func (s *Sandbox) processes() (pids []int, names []string) {
	entries, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range entries {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		line, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
		environ, err := os.ReadFile(filepath.Join(dir, "environ"))
		if err != nil || pid == os.Getpid() || len(line) == 0 { // gone, or a zombie
			continue
		}
		if bytes.Contains(environ, []byte(mark+"="+s.id)) || bytes.Contains(line, []byte(s.dir+"/")) {
			pids = append(pids, pid)
			names = append(names, strings.TrimSpace(strings.ReplaceAll(string(line), "\x00", " ")))
		}
	}
	return pids, names
}

// Leftovers waits, at most as long as wait, until nothing is left of what ran in the sandbox. It
// returns what is left: processes, and files in the folders for temporary files and connection
// files.
func (s *Sandbox) Leftovers(wait time.Duration) []string {
	for end := time.Now().Add(wait); ; time.Sleep(50 * time.Millisecond) {
		_, left := s.processes()
		for _, dir := range []string{"tmp", "run"} {
			found, _ := filepath.Glob(filepath.Join(s.dir, dir, "*"))
			left = append(left, found...)
		}
		if len(left) == 0 || time.Now().After(end) {
			return left
		}
	}
}

// KillAll kills all processes of the sandbox. It takes several rounds, because a process may start
// another before it is killed.
func (s *Sandbox) KillAll() {
	for range 20 {
		pids, _ := s.processes()
		if len(pids) == 0 {
			return
		}
		for _, pid := range pids {
			syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
