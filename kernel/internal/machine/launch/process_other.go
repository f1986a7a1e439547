//go:build unix && !linux

package launch

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A process is known by its number alone here, asked for every so often.
type process struct{ pid int }

func hold(pid int) (*process, error) { return &process{pid}, nil }

// waitAny waits until one of the processes is gone, or for that long; a negative time means for ever.
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

// killSession kills the kernel's process group, which is all that can be found here: other processes do not show
// their environment. A gopls, which GoNB starts in a group of its own, outlives a kernel that was killed.
func killSession(_ string, kernel int) int {
	syscall.Kill(-kernel, syscall.SIGKILL)
	return 0
}

// noExec cannot be told here in one way for all systems; none of them mounts its temporary folder so by default.
func noExec(*unix.Statfs_t) bool { return false }

func dup2(from, to int) error { return unix.Dup2(from, to) }
