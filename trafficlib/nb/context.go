package nb

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"

	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// cell is the running cell. A program that is a single cell has one for its whole life.
var cell struct {
	mu   sync.Mutex
	host context.Context // of a process that runs many cells; nil in a program of one
	ctx  context.Context // what Context returns, nil before its first call
}

// Context returns the context of this cell, the same at each call. Long work that runs under it
//
//   - is shown: a bar in the notebook, plain lines on standard error elsewhere;
//   - is stopped by the stop button, or Ctrl-C: the context is canceled, so that the work can
//     finish its step and keep what it has. The kernel ends a cell that is not done 10 seconds
//     later. In a program of its own a second press ends it at once, with exit status 130.
func Context() context.Context {
	cell.mu.Lock()
	defer cell.mu.Unlock()
	if cell.ctx != nil {
		return cell.ctx
	}
	parent := cell.host
	if parent == nil {
		parent = interrupts()
	} else {
		parent = noted(parent)
	}
	cell.ctx = progress.With(parent, &display{lines: progress.Lines{W: os.Stderr}})
	return cell.ctx
}

// NewCell begins a cell in a process that runs one after the other: from now on [Context] returns a
// context below ctx, which the caller cancels, with a cause when the user stops the cell. Programs
// that are a single cell do not need it.
func NewCell(ctx context.Context) {
	cell.mu.Lock()
	defer cell.mu.Unlock()
	cell.host, cell.ctx = ctx, nil
}

// noted returns a context that ends with host's, once the user has been told that the cell stops.
func noted(host context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(host))
	context.AfterFunc(host, func() {
		cause := context.Cause(host)
		if cause != context.Canceled { // the user stops the cell
			fmt.Fprintln(os.Stderr, "stopping after this step")
		}
		cancel(cause)
	})
	return notedContext{ctx, host}
}

// A notedContext passes each look on to the host's context, which thereby knows whether a cell
// heeds it.
type notedContext struct {
	context.Context
	host context.Context
}

func (c notedContext) Done() <-chan struct{} {
	c.host.Done()
	return c.Context.Done()
}

func (c notedContext) Err() error {
	c.host.Err()
	return c.Context.Err()
}

// interrupts returns a context that the first interrupt of this process cancels. The second one
// ends the process.
func interrupts() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt)
	go func() {
		<-signals
		fmt.Fprintln(os.Stderr, "stopping after this step; stop again to end at once")
		cancel()
		<-signals
		exit(128 + 2) // as a shell names the end by signal 2
	}()
	return ctx
}
