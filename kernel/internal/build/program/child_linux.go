package program

import (
	"os/exec"
	"runtime"
	"syscall"
)

// RunChild starts cmd, calls started once it runs (started may be nil), and waits for it. If this
// process ends first, even by SIGKILL, the system sends cmd the signal.
func RunChild(cmd *exec.Cmd, signal syscall.Signal, started func()) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = signal
	// The system watches the thread that starts the child, not the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return err
	}
	if started != nil {
		started()
	}
	return cmd.Wait()
}
