package nb

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"

	"github.com/trafficlab/trafficlab/trafficlib/internal/progress"
)

var cell struct {
	once sync.Once
	ctx  context.Context
}

// Context gives the context of this cell, the same at each call. Long work that runs under it
//
//   - is shown: a bar in the notebook, plain lines on standard error elsewhere;
//   - is stopped by the stop button, or Ctrl-C: the context is cancelled, so that the work can finish its step and
//     keep what it has. The kernel ends a cell that is not done 10 seconds later. A second press ends it at once, with
//     exit status 130.
func Context() context.Context {
	cell.once.Do(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cell.ctx = progress.With(ctx, &display{lines: progress.Lines{W: os.Stderr}})
		interrupts := make(chan os.Signal, 2)
		signal.Notify(interrupts, os.Interrupt)
		go func() {
			<-interrupts
			fmt.Fprintln(os.Stderr, "stopping after this step; stop again to end at once")
			cancel()
			<-interrupts
			exit(128 + 2) // as a shell names the end by signal 2
		}()
	})
	return cell.ctx
}
