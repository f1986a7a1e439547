package process

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// A reader reads everything that a host writes in one loop, so that text comes before rich output,
// and both before the host's message that the cell has ended.
type reader struct {
	h              *Host
	stdout, stderr int
	pipe, keep     int // gonbui's pipe: the end to read and an end that keeps it open; -1 for none
	control        int
	wake           [2]int // its writing end is closed when the process ends
	once           sync.Once
	buf            []byte
	line           []byte // the beginning of a message whose end has not come

	mu    sync.Mutex
	words []byte // the end of stderr
	fatal []byte // the first line of the runtime's last message; without a newline while it is incomplete
}

const (
	pieceSize = 64 << 10
	wordsSize = 16 << 10
)

// newReader makes the channels of a host. It returns the ends that the host gets: its standard
// output, its standard error and the control channel.
func newReader(h *Host, fifo string) (r *reader, child []*os.File, err error) {
	r = &reader{h: h, stdout: -1, stderr: -1, pipe: -1, keep: -1, control: -1, wake: [2]int{-1, -1},
		buf: make([]byte, pieceSize)}
	defer func() {
		if err != nil {
			r.close()
			for _, f := range child {
				f.Close()
			}
		}
	}()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	for _, from := range []*int{&r.stdout, &r.stderr} {
		var ends [2]int
		if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
			return r, child, err
		}
		*from, child = ends[0], append(child, os.NewFile(uintptr(ends[1]), "pipe"))
	}
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return r, child, err
	}
	r.control, child = ends[0], append(child, os.NewFile(uintptr(ends[1]), "control"))
	if err := unix.Pipe2(r.wake[:], unix.O_CLOEXEC); err != nil {
		return r, child, err
	}
	if fifo != "" {
		if r.pipe, err = unix.Open(fifo, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0); err != nil {
			return r, child, fmt.Errorf("%s: %w", fifo, err)
		}
		// The pipe has no end of file as long as this end is open.
		if r.keep, err = unix.Open(fifo, unix.O_WRONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0); err != nil {
			return r, child, fmt.Errorf("%s: %w", fifo, err)
		}
	}
	for _, fd := range []int{r.stdout, r.stderr, r.control} {
		if err := unix.SetNonblock(fd, true); err != nil {
			return r, child, err
		}
	}
	return r, child, nil
}

// ended tells the loop that the process has ended.
func (r *reader) ended() { r.once.Do(func() { unix.Close(r.wake[1]); r.wake[1] = -1 }) }

// run reads until the process has ended and everything that it wrote has been read. It does not
// wait for children that still have the output open.
func (r *reader) run() {
	open := map[int]bool{r.stdout: true, r.stderr: true, r.control: true}
	if r.pipe >= 0 {
		open[r.pipe] = true
	}
	for {
		poll := []unix.PollFd{{Fd: int32(r.wake[0]), Events: unix.POLLIN}}
		for fd := range open {
			poll = append(poll, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
		}
		if _, err := unix.Poll(poll, -1); err == unix.EINTR {
			continue
		} else if err != nil {
			return
		}
		ready := map[int]bool{}
		for _, p := range poll {
			ready[int(p.Fd)] = p.Revents != 0
		}
		over := ready[r.wake[0]]
		all := over || ready[r.pipe] || ready[r.control]
		// The host's messages are read first and handled last: by then everything that the cell
		// wrote before has been read.
		var lines [][]byte
		if open[r.control] && (ready[r.control] || over) {
			var ok bool
			if lines, ok = r.lines(); !ok {
				delete(open, r.control)
			}
		}
		if open[r.stdout] && (all || ready[r.stdout]) && !r.text("stdout", r.stdout, all) {
			delete(open, r.stdout)
		}
		if open[r.stderr] && (all || ready[r.stderr]) && !r.text("stderr", r.stderr, all) {
			delete(open, r.stderr)
		}
		if r.pipe >= 0 && (ready[r.pipe] || len(lines) > 0 || over) {
			r.rich(len(lines) > 0 || over)
		}
		for _, line := range lines {
			r.h.take(line)
		}
		if over {
			return
		}
	}
}

// lines returns the complete lines of the control channel. It reports false at its end.
func (r *reader) lines() (out [][]byte, ok bool) {
	for {
		n, err := unix.Read(r.control, r.buf)
		if err == unix.EINTR {
			continue
		}
		if err == unix.EAGAIN {
			return out, true
		}
		if err != nil || n <= 0 {
			return out, false
		}
		r.line = append(r.line, r.buf[:n]...)
		for {
			i := bytes.IndexByte(r.line, '\n')
			if i < 0 {
				break
			}
			out = append(out, bytes.Clone(r.line[:i]))
			r.line = r.line[i+1:]
		}
	}
}

// text passes on what a stream holds, up to the size of a pipe. It reports false at the end of the
// stream.
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
		if name == "stderr" {
			r.hear(r.buf[:n])
		}
		if out := r.h.output(); out != nil {
			out.Text(name, r.buf[:n])
		}
		if !all {
			break
		}
	}
	return true
}

// rich passes on one piece of what is in gonbui's pipe, or all.
func (r *reader) rich(all bool) {
	for {
		n, err := unix.Read(r.pipe, r.buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 {
			return
		}
		if out := r.h.output(); out != nil {
			out.Rich(bytes.Clone(r.buf[:n]))
		}
		if !all {
			return
		}
	}
}

// forget forgets what earlier cells wrote to stderr.
func (r *reader) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.words, r.fatal = nil, nil
}

// hear keeps the end of what comes on stderr, for [reader.lastWords].
func (r *reader) hear(output []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fatal != nil {
		if !bytes.HasSuffix(r.fatal, []byte("\n")) { // the runtime writes a line in pieces
			r.fatal = append(r.fatal, firstLine(output)...)
		}
		return
	}
	from := max(len(r.words)-64, 0) // a word may have been cut in two
	r.words = append(r.words, output...)
	for _, head := range []string{"fatal error: ", "SIGSEGV: ", "SIGBUS: ", "SIGABRT: ", "SIGILL: ", "SIGFPE: ",
		"terminate called "} {
		if i := bytes.Index(r.words[from:], []byte(head)); i >= 0 {
			r.fatal = bytes.Clone(firstLine(r.words[from+i:]))
			return
		}
	}
	if len(r.words) > wordsSize {
		r.words = append(r.words[:0], r.words[len(r.words)-wordsSize:]...)
	}
}

// firstLine returns b up to and including its first newline.
func firstLine(b []byte) []byte {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i+1]
	}
	return b
}

// lastWords returns what the runtime printed about the end of the host, or else the last line on
// stderr.
func (r *reader) lastWords() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fatal != nil {
		return strings.TrimSuffix(string(r.fatal), "\n")
	}
	lines := strings.Split(strings.TrimSpace(string(r.words)), "\n")
	return lines[len(lines)-1]
}

func (r *reader) close() {
	r.ended()
	for _, fd := range []*int{&r.stdout, &r.stderr, &r.pipe, &r.keep, &r.control, &r.wake[0]} {
		if *fd >= 0 {
			unix.Close(*fd)
			*fd = -1
		}
	}
}
