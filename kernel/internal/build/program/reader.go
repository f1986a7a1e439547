package program

import (
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A reader reads the two streams and the gonbui pipe of a program in one loop, to keep them in the
// order in which they were written, as far as that can be known.
type reader struct {
	out            Output
	stdout, stderr int    // file descriptors; -1 for none
	pipe, keep     int    // both ends of gonbui's pipe; keep is the writing end; -1 for none
	wake           [2]int // a pipe whose end wakes the loop when the program ends
	once           sync.Once
	started        bool
	lingers        bool // another goroutine now owns the streams
	buf            []byte
}

const bufferSize = 64 << 10

func (r *reader) prepare() error {
	if err := pipe(&r.wake); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	r.started = true
	for _, fd := range []int{r.stdout, r.stderr} {
		if err := unix.SetNonblock(fd, true); err != nil {
			return fmt.Errorf("kernel: %w", err)
		}
	}
	r.buf = make([]byte, bufferSize)
	return nil
}

// programEnded tells the loop that from now on only children that stayed behind can write.
func (r *reader) programEnded() { r.once.Do(func() { unix.Close(r.wake[1]) }) }

// run reads until the program has ended and its streams have ended too, or are silent for a while.
func (r *reader) run() {
	fds := map[string]int{"stdout": r.stdout, "stderr": r.stderr}
	ended := false
	for {
		var poll []unix.PollFd
		var names []string
		for _, name := range []string{"stdout", "stderr"} {
			if fd, ok := fds[name]; ok {
				poll, names = append(poll, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}), append(names, name)
			}
		}
		if r.pipe >= 0 && !ended {
			poll, names = append(poll, unix.PollFd{Fd: int32(r.pipe), Events: unix.POLLIN}), append(names, "pipe")
		}
		wait := -1
		if ended {
			if len(fds) == 0 {
				return
			}
			wait = int(lingering.Milliseconds())
		} else {
			poll, names = append(poll, unix.PollFd{Fd: int32(r.wake[0]), Events: unix.POLLIN}), append(names, "wake")
		}
		n, err := unix.Poll(poll, wait)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return
		}
		if n == 0 { // only a child that stayed behind has them open
			r.linger(fds)
			return
		}
		rich, over := false, false
		for i, p := range poll {
			if p.Revents != 0 {
				rich = rich || names[i] == "pipe"
				over = over || names[i] == "wake"
			}
		}
		// Text first: text that was written before a display has arrived by now.
		for _, name := range []string{"stdout", "stderr"} {
			if fd, ok := fds[name]; ok && !r.text(name, fd, rich || over) {
				delete(fds, name)
			}
		}
		if rich {
			r.rich(false)
		}
		if over {
			ended = true
			if r.pipe >= 0 {
				unix.Close(r.keep)
				r.keep = -1
				r.rich(true)
			}
		}
	}
}

// text passes on what a stream holds: one buffer, or with all everything, but no more than a pipe
// holds. It returns false at the end of the stream.
func (r *reader) text(name string, fd int, all bool) bool {
	for range 16 {
		n, err := unix.Read(fd, r.buf)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return true
		case err != nil || n == 0:
			return false
		}
		r.out.Text(name, r.buf[:n])
		if !all || n < len(r.buf) {
			break
		}
	}
	return true
}

// rich passes on what one read of the pipe returns, or with all everything up to its end. It reads
// once because text that the program prints after its display was taken from the pipe must come
// after the display.
func (r *reader) rich(all bool) {
	for {
		n, err := unix.Read(r.pipe, r.buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			return
		}
		r.out.Rich(r.buf[:n])
		if !all {
			return
		}
	}
}

// linger keeps reading the streams of a child that stayed behind, until it ends.
func (r *reader) linger(fds map[string]int) {
	r.lingers = true
	go func() {
		defer unix.Close(r.stdout)
		defer unix.Close(r.stderr)
		for len(fds) > 0 {
			var poll []unix.PollFd
			var names []string
			for name, fd := range fds {
				poll, names = append(poll, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}), append(names, name)
			}
			if _, err := unix.Poll(poll, -1); err != nil && err != unix.EINTR {
				return
			}
			for i, p := range poll {
				if p.Revents != 0 && !r.text(names[i], fds[names[i]], false) {
					delete(fds, names[i])
				}
			}
			time.Sleep(20 * time.Millisecond) // nobody waits for it: read larger parts
		}
	}()
}

func (r *reader) release() {
	if r.started {
		r.programEnded()
		unix.Close(r.wake[0])
	}
	if !r.lingers {
		for _, fd := range []int{r.stdout, r.stderr} {
			if fd >= 0 {
				unix.Close(fd)
			}
		}
	}
	for _, fd := range []int{r.pipe, r.keep} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}
