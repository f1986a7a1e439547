package launch

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A process is held by a file descriptor, which cannot come to mean another process. The descriptor
// is -1 for a process that is gone.
type process struct{ fd int }

func hold(pid int) (*process, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err == unix.ESRCH {
		return &process{-1}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("kernel: process %d: %w", pid, err)
	}
	return &process{fd}, nil
}

// waitAny waits until one of the processes is gone, at most for d; a negative d means no limit.
func waitAny(d time.Duration, processes ...*process) {
	deadline := time.Now().Add(d)
	for {
		var fds []unix.PollFd
		for _, p := range processes {
			if p.fd < 0 {
				return
			}
			fds = append(fds, unix.PollFd{Fd: int32(p.fd), Events: unix.POLLIN})
		}
		ms := -1
		if d >= 0 {
			ms = max(0, int(time.Until(deadline).Milliseconds()))
		}
		n, err := unix.Poll(fds, ms)
		if err != unix.EINTR && (n != 0 || err != nil || d >= 0) {
			return
		}
	}
}

func (p *process) gone() bool {
	if p.fd < 0 {
		return true
	}
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}}, 0)
	return err == nil && n > 0
}

func (p *process) signal(s syscall.Signal) { unix.PidfdSendSignal(p.fd, s, nil, 0) }

// killSession kills every process whose environment contains the session's mark, and returns their
// number. Processes of other users cannot be read and are left alone.
func killSession(id string, _ int) int {
	if id == "" {
		return 0
	}
	mark := []byte("\x00" + EnvSession + "=" + id + "\x00")
	found := 0
	entries, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, e := range entries {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(e)))
		environ, err := os.ReadFile(e)
		if err != nil || pid == os.Getpid() || !bytes.Contains(append([]byte{0}, environ...), mark) {
			continue
		}
		found++
		syscall.Kill(pid, syscall.SIGKILL)
	}
	return found
}

func noExec(fs *unix.Statfs_t) bool { return fs.Flags&unix.ST_NOEXEC != 0 }

func dup2(from, to int) error { return unix.Dup3(from, to, 0) }
