// Package program runs the programs of cells, and the tools that build them, as child processes.
//
// It takes a command and passes what the program prints, and what it displays through the pipe of
// package gonbui, to an [Output] in the order in which they were written. It returns how the
// program ended. Each program runs in a process group of its own: an interrupt sends SIGINT to the
// whole group, and SIGKILL after a grace period. The pipe is read to its end, so no display is
// lost.
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

// An Output receives what a program prints and displays. Its methods are called one at a time.
type Output interface {
	Text(stream string, text []byte) // stream is stdout or stderr; a rune may be split
	Rich(data []byte)                // a part of what gonbui writes, an encoding/gob stream
}

// A Command is a program to run.
type Command struct {
	Path  string
	Args  []string // without the program's name
	Dir   string
	Env   []string
	Stdin *os.File        // nil for no input
	Pipe  string          // path of gonbui's pipe, an existing FIFO; "" for none
	Grace time.Duration   // from an interrupt to SIGKILL
	Kill  <-chan struct{} // closing it kills the program at once; may be nil
}

// A Result is how a program ended.
type Result struct {
	Exit        int // exit status; -1 if a signal ended the program
	Signal      syscall.Signal
	Interrupted bool // the program was asked to end
}

// OK reports whether the program succeeded and was not interrupted.
func (r Result) OK() bool { return r.Exit == 0 && !r.Interrupted }

// String describes how a program ended, in the words that Go and the shell use.
func (r Result) String() string {
	if r.Exit < 0 {
		return "signal: " + r.Signal.String()
	}
	return fmt.Sprintf("exit status %d", r.Exit)
}

// lingering is how long Run waits for output of a program that has ended while a child of it keeps
// a stream open.
const lingering = 100 * time.Millisecond

// Run runs the command until it has ended and its output has been read. It interrupts the command
// when ctx is done. Run does not wait for a child that stays behind with a stream open; text of the
// child still goes to out, from another goroutine.
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
		// Not os.Pipe: its files belong to Go's poller, and the reader polls by itself.
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
		// While this end is open, the pipe does not reach its end.
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
	err := wait(cmd, func() {
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

// interrupt waits until ctx is done and then ends the process group: with SIGINT, and with SIGKILL
// when the grace period is over. It reports whether it did so before the program ended by itself.
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
	// Processes that the program has started and left behind end with it.
	syscall.Kill(-group, syscall.SIGKILL)
	return true
}

// pipe makes a pipe that no child inherits by accident.
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
