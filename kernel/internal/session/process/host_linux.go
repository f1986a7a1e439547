package process

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/trafficlab/trafficlab/kernel/internal/session/host"
	"github.com/trafficlab/trafficlab/kernel/internal/session/live/message"
)

// A Host is the process that cells live in.
type Host struct {
	cmd   *exec.Cmd
	grace time.Duration
	r     *reader
	gone  chan struct{}
	why   string // why it is gone; valid once gone is closed

	running sync.Mutex // held while a cell runs
	sending sync.Mutex
	setting sync.Mutex // held while the folder or a variable is read or set
	control int        // this end of the channel

	mu       sync.Mutex
	out      Output // of the cell that runs or ran last
	dead     bool
	killed   string // why it was killed
	ready    chan error
	done     chan message.Done
	freed    chan struct{}
	environs chan message.Environ
	ask      context.CancelFunc // cancels the open question
}

// Start starts the program of an image, and returns when it is ready.
func Start(ctx context.Context, image *host.Image, c Config) (*Host, error) {
	if c.Grace == 0 {
		c.Grace = grace
	}
	h := &Host{grace: c.Grace, gone: make(chan struct{}), ready: make(chan error, 1),
		done: make(chan message.Done, 1), freed: make(chan struct{}, 1),
		environs: make(chan message.Environ, 1)}
	r, child, err := newReader(h, c.Pipe)
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	h.r, h.control = r, r.control
	cmd := exec.Command(image.Program, image.Table)
	cmd.Dir, cmd.Env = c.Dir, c.Env
	cmd.Stdout, cmd.Stderr = child[0], child[1]
	cmd.ExtraFiles = []*os.File{child[2]}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	h.cmd = cmd
	err = start(cmd)
	for _, f := range child {
		f.Close()
	}
	if err != nil {
		r.close()
		return nil, fmt.Errorf("session: %w", err)
	}
	read := make(chan struct{})
	go func() { defer close(read); r.run() }()
	go h.wait(read)
	select {
	case err := <-h.ready:
		if err != nil {
			h.Close()
			return nil, err
		}
		return h, nil
	case <-h.gone:
		return nil, fmt.Errorf("session: the host ended: %s", h.why)
	case <-ctx.Done():
		h.Close()
		return nil, ctx.Err()
	}
}

// wait waits for the end of the process and of its output.
func (h *Host) wait(read chan struct{}) {
	for unix.Waitid(unix.P_PID, h.cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	h.mu.Lock()
	h.dead = true                                     // from now on its number may mean another process
	syscall.Kill(-h.cmd.Process.Pid, syscall.SIGKILL) // its children go with it
	h.mu.Unlock()
	err := h.cmd.Wait()
	h.r.ended()
	<-read
	why := "exit status 0"
	if err != nil {
		why = err.Error()
	}
	h.mu.Lock()
	if h.killed != "" {
		why = h.killed
	}
	h.mu.Unlock()
	if words := h.r.lastWords(); words != "" {
		why += "\n" + words
	}
	h.why = why
	h.r.close()
	close(h.gone)
}

// Gone returns a channel that is closed when the host has ended.
func (h *Host) Gone() <-chan struct{} { return h.gone }

// PID returns the process ID.
func (h *Host) PID() int { return h.cmd.Process.Pid }

// Memory returns the resident memory of the process in bytes.
func (h *Host) Memory() uint64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", h.PID()))
	if err != nil {
		return 0
	}
	if f := strings.Fields(string(b)); len(f) > 1 {
		pages, _ := strconv.ParseUint(f[1], 10, 64)
		return pages * uint64(os.Getpagesize())
	}
	return 0
}

// Free makes the host collect garbage and return memory to the system.
func (h *Host) Free(ctx context.Context) {
	if h.send(message.ToHost{Free: true}) != nil {
		return
	}
	select {
	case <-h.freed:
	case <-h.gone:
	case <-ctx.Done():
	}
}

// Close kills the host.
func (h *Host) Close() {
	h.kill("closed")
	<-h.gone
}

func (h *Host) kill(why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.dead {
		if h.killed == "" {
			h.killed = why
		}
		syscall.Kill(-h.PID(), syscall.SIGKILL)
	}
}

func (h *Host) signal(s syscall.Signal) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.dead {
		syscall.Kill(-h.PID(), s)
	}
}

func (h *Host) send(m message.ToHost) error {
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	h.sending.Lock()
	defer h.sending.Unlock()
	for b = append(b, '\n'); len(b) > 0; {
		n, err := unix.Write(h.control, b)
		switch err {
		case nil:
			b = b[n:]
		case unix.EINTR:
		case unix.EAGAIN:
			unix.Poll([]unix.PollFd{{Fd: int32(h.control), Events: unix.POLLOUT}}, 1000)
		default:
			return ErrGone
		}
	}
	return nil
}

// Run loads a cell and runs it until it ends. When ctx is done the cell is interrupted; if it does
// not end within the grace time the host is killed.
func (h *Host) Run(ctx context.Context, m Module, out Output) (Outcome, error) {
	h.running.Lock()
	defer h.running.Unlock()
	select {
	case <-h.gone:
		return Outcome{How: Died, Died: h.why}, nil
	default:
	}
	h.mu.Lock()
	h.out = out
	h.mu.Unlock()
	h.r.forget()
	if err := h.send(message.ToHost{Run: &message.Run{Cell: m.Cell, Table: m.Table, Image: m.Image}}); err != nil {
		<-h.gone
		return Outcome{How: Died, Died: h.why}, nil
	}
	defer h.endAsk()
	stop := ctx.Done()
	var late <-chan time.Time
	for {
		select {
		case d := <-h.done:
			return outcome(d), nil
		case <-h.gone:
			select {
			case d := <-h.done: // it finished before
				return outcome(d), nil
			default:
			}
			return Outcome{How: Died, Died: h.why}, nil
		case <-stop:
			stop = nil
			late = time.After(h.grace)
			h.endAsk()
			h.signal(syscall.SIGINT)
			h.send(message.ToHost{Interrupt: h.grace})
		case <-late:
			h.kill(fmt.Sprintf("killed: the cell did not return from a library or C within %v of the interrupt",
				h.grace))
		}
	}
}

func outcome(d message.Done) Outcome {
	o := Outcome{How: d.How, Code: d.Code, Text: d.Text, Trace: d.Trace, Result: d.Result, Reached: d.Reached,
		Load: d.Load}
	if d.How == "" {
		o.How = LoadFailed
	}
	return o
}

// question asks the user for a line, in the background.
func (h *Host) question(n int) {
	h.mu.Lock()
	out := h.out
	ctx, cancel := context.WithCancel(context.Background())
	h.ask = cancel
	h.mu.Unlock()
	go func() {
		defer cancel()
		line, ok := out.Input(ctx)
		h.send(message.ToHost{Line: &message.Line{Ask: n, Text: line, EOF: !ok}})
	}()
}

func (h *Host) endAsk() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ask != nil {
		h.ask()
		h.ask = nil
	}
}

// take handles a message from the host.
func (h *Host) take(line []byte) {
	var m message.FromHost
	if err := json.Unmarshal(line, &m); err != nil {
		return
	}
	switch {
	case m.Ready:
		h.ready <- nil
	case m.Failed != "":
		select {
		case h.ready <- fmt.Errorf("session: %s", m.Failed):
		default:
		}
	case m.Done != nil:
		h.done <- *m.Done
	case m.Late != nil:
		if out := h.output(); out != nil {
			out.Goroutine(m.Late.Cell, m.Late.Text, m.Late.Trace)
		}
	case m.Environ != nil:
		select {
		case h.environs <- *m.Environ:
		default:
		}
	case m.Ask != 0:
		h.question(m.Ask)
	case m.Freed:
		select {
		case h.freed <- struct{}{}:
		default:
		}
	}
}

func (h *Host) output() Output {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.out
}
