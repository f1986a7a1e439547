//go:build !linux

package program

import "os/exec"

// wait waits for a process to end and then calls ended. The process ID is free by then: a signal
// sent at that moment may reach another process.
func wait(cmd *exec.Cmd, ended func()) error {
	err := cmd.Wait()
	ended()
	return err
}
