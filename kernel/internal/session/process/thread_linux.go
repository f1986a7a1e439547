package process

import (
	"os/exec"
	"runtime"
	"sync"
)

// starting is a thread that lives as long as this process. The kernel sends a child its death
// signal when the parent's thread ends, so hosts are started from a thread that does not end.
var starting = sync.OnceValue(func() chan func() {
	calls := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range calls {
			f()
		}
	}()
	return calls
})

func start(cmd *exec.Cmd) (err error) {
	done := make(chan struct{})
	starting() <- func() { err = cmd.Start(); close(done) }
	<-done
	return err
}
