//go:build unix && !linux

package launch

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A process is known only by its number here, which is polled.
type process struct{ pid int }

func hold(pid int) (*process, error) { return &process{pid}, nil }

// waitAny waits until one of the processes is gone, at most for d; a negative d means no limit.
func waitAny(d time.Duration, processes ...*process) {
	for start := time.Now(); d < 0 || time.Since(start) < d; time.Sleep(200 * time.Millisecond) {
		for _, p := range processes {
			if p.gone() {
				return
			}
		}
	}
}

func (p *process) gone() bool { return syscall.Kill(p.pid, 0) == syscall.ESRCH }

func (p *process) signal(s syscall.Signal) { syscall.Kill(p.pid, s) }

// killSession kills the kernel's process group. Other processes cannot be found, because this
// system does not show their environment: a gopls in a group of its own outlives a killed kernel.
func killSession(_ string, kernel int) int {
	syscall.Kill(-kernel, syscall.SIGKILL)
	return 0
}

// noExec returns false: there is no portable way to ask, and none of these systems mounts its
// temporary folder with noexec by default.
func noExec(*unix.Statfs_t) bool { return false }

func dup2(from, to int) error { return unix.Dup2(from, to) }
