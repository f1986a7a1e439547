// Package program runs one program of a cell, or one tool that builds it, in a process group of its own, and hands
// over what it says: text, and rich output by way of the pipes of package gonbui.
//
// It takes a command, gives output as events in order, and the way in which the program ended. No rich output is lost
// at the end, since the pipe is read to its end; text that was written before rich output comes before it. An
// interrupt reaches the whole group, with SIGINT and after a grace with SIGKILL.
package program

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// An Output takes what a program says. Its methods are called one at a time.
type Output interface {
	Text(stream string, text []byte) // stream is stdout or stderr; a rune may be cut in two
	Rich(data []byte)                // a piece of what gonbui writes, a stream of encoding/gob
}

// A Command is what is to run.
type Command struct {
	Path  string
	Args  []string // without the program's name
	Dir   string
	Env   []string
	Stdin *os.File // nil for an empty one
	Pipe  string   // the path of gonbui's pipe, a FIFO that exists; "" for none
	Grace time.Duration
	Kill  <-chan struct{} // closed, it ends the program without a grace; may be nil
}

// A Result is how a program ended.
type Result struct {
	Exit        int // its status; -1 when a signal ended it
	Signal      syscall.Signal
	Interrupted bool // it was asked to end
}

// OK tells whether the program ended well.
func (r Result) OK() bool { return r.Exit == 0 && !r.Interrupted }

// String says how a program ended in the words that Go and the shell use.
func (r Result) String() string {
	if r.Exit < 0 {
		return "signal: " + r.Signal.String()
	}
	return fmt.Sprintf("exit status %d", r.Exit)
}

// lingering is how long output is awaited of a program that has ended, while a child of its has the pipe open.
const lingering = 100 * time.Millisecond

// Run runs the command until it ends and its output has been read. Done contexts interrupt it. A child that stays
// behind with the program's output open is not waited for: its text goes on to out, from another goroutine.
func Run(ctx context.Context, c Command, out Output) (Result, error) {
	if ctx.Err() != nil {
		return Result{Exit: -1, Signal: syscall.SIGINT, Interrupted: true}, nil
	}
	cmd := exec.Command(c.Path, c.Args...)
	cmd.Dir, cmd.Env = c.Dir, c.Env
	if c.Stdin != nil {
		cmd.Stdin = c.Stdin
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	r := &reader{out: out, stdout: -1, stderr: -1, pipe: -1, keep: -1}
	defer r.release()
	var into [2]*os.File
	defer func() {
		for _, f := range into {
			f.Close()
		}
	}()
	for i, from := range []*int{&r.stdout, &r.stderr} {
		// Not os.Pipe, whose files are for Go's own poller.
		var ends [2]int
		if err := pipe(&ends); err != nil {
			return Result{}, fmt.Errorf("kernel: %w", err)
		}
		*from, into[i] = ends[0], os.NewFile(uintptr(ends[1]), "pipe")
	}
	cmd.Stdout, cmd.Stderr = into[0], into[1]
	if c.Pipe != "" {
		var err error
		if r.pipe, err = unix.Open(c.Pipe, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0); err != nil {
			return Result{}, fmt.Errorf("kernel: %s: %w", c.Pipe, err)
		}
		// As long as this end is open the pipe has no end.
		if r.keep, err = unix.Open(c.Pipe, unix.O_WRONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0); err != nil {
			return Result{}, fmt.Errorf("kernel: %s: %w", c.Pipe, err)
		}
	}
	if err := r.prepare(); err != nil {
		return Result{}, err
	}
	if err := cmd.Start(); err != nil {
		return Result{}, fmt.Errorf("kernel: %w", err)
	}
	for _, f := range into {
		f.Close()
	}

	ended := make(chan struct{})
	interrupted := make(chan bool, 1)
	go func() { interrupted <- interrupt(ctx, cmd.Process.Pid, c, ended) }()
	read := make(chan struct{})
	go func() { defer close(read); r.run() }()
	var wasInterrupted bool
	err := collect(cmd, func() {
		close(ended)
		wasInterrupted = <-interrupted
	})
	r.programEnded()
	<-read
	result := Result{Interrupted: wasInterrupted}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		result.Exit = exit.ExitCode()
		if status := exit.Sys().(syscall.WaitStatus); status.Signaled() {
			result.Signal = status.Signal()
		}
	} else if err != nil {
		return result, fmt.Errorf("kernel: %w", err)
	}
	return result, nil
}

// interrupt waits for the context, and then ends the group: with SIGINT, and with SIGKILL once the grace is over. It
// gives whether it did before the program had ended by itself.
func interrupt(ctx context.Context, group int, c Command, ended chan struct{}) bool {
	select {
	case <-ended:
		return false
	case <-ctx.Done():
		syscall.Kill(-group, syscall.SIGINT)
	case <-c.Kill:
	}
	select {
	case <-ended:
	case <-time.After(c.Grace):
	case <-c.Kill:
	}
	// What the program has started and left behind goes with it.
	syscall.Kill(-group, syscall.SIGKILL)
	return true
}

// pipe makes a pipe that children do not inherit by chance.
func pipe(ends *[2]int) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := unix.Pipe(ends[:]); err != nil {
		return err
	}
	for _, fd := range ends {
		unix.CloseOnExec(fd)
	}
	return nil
}
