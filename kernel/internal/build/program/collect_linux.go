package program

import (
	"os/exec"

	"golang.org/x/sys/unix"
)

// collect waits for a process, and calls ended while its number is still its own: a signal that is on its way can not
// reach another process.
func collect(cmd *exec.Cmd, ended func()) error {
	for unix.Waitid(unix.P_PID, cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	ended()
	return cmd.Wait()
}
