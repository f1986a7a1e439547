//go:build !linux

package program

import "os/exec"

// collect waits for a process and then calls ended. Its number is free by then, which a signal on its way may meet.
func collect(cmd *exec.Cmd, ended func()) error {
	err := cmd.Wait()
	ended()
	return err
}
