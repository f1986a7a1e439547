//go:build unix && !linux

// Package child starts processes that do not outlive this one, where the system can do that.
package child

import (
	"os/exec"
	"syscall"
)

// Run starts the command, calls started when it runs (which may be nil), and waits for it. Here a command outlives
// this process when this one is killed.
func Run(cmd *exec.Cmd, _ syscall.Signal, started func()) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	if started != nil {
		started()
	}
	return cmd.Wait()
}
