//go:build unix && !linux

package program

import (
	"os/exec"
	"syscall"
)

// RunChild starts cmd, calls started once it runs (started may be nil), and waits for it. On this
// system cmd outlives this process if this process is killed: the signal is for Linux only.
func RunChild(cmd *exec.Cmd, _ syscall.Signal, started func()) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	if started != nil {
		started()
	}
	return cmd.Wait()
}
