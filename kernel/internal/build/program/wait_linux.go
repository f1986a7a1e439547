package program

import (
	"os/exec"

	"golang.org/x/sys/unix"
)

// wait waits for a process to end and calls ended while the process ID is still taken, so that a
// signal sent at that moment cannot reach another process.
func wait(cmd *exec.Cmd, ended func()) error {
	for unix.Waitid(unix.P_PID, cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	ended()
	return cmd.Wait()
}
