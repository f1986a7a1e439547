package process

import (
	"os/exec"
	"runtime"
	"sync"
)

// starting is a thread that lives as long as this process. A child whose parent's thread ends is
// sent its signal of death, so hosts are started from one that does not end.
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
