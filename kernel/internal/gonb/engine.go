// Package engine holds GoNB behind the kernel: the pinned binary, as a process on sockets of its own in a private
// folder, with a connection file that nobody else can read.
//
// It takes a cell in GoNB's language and gives what GoNB answers, message by message. The programs that GoNB starts
// for a cell are fronts ([Fronts]), so that the kernel builds and runs them itself. When GoNB ends without being asked
// the engine says so; whoever has it starts another.
package gonb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/wire"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/zmtp"
)

// A Config says how to start GoNB.
type Config struct {
	Program  string   // GoNB's binary
	Checkout string   // the module that cells may import
	Env      []string // all of its environment, with the fronts first on its PATH
	Tmp      string   // a private folder
	Name     string   // of the connection file, from which GoNB reads the kernel's id
	Log      *os.File // what it says about itself
	// Message is called with all that GoNB publishes and answers, in the order of each socket; channel is iopub,
	// shell or stdin.
	Message func(channel string, m *wire.Message)
}

// An Engine is a running GoNB.
type Engine struct {
	codec  *wire.Codec
	cmd    *exec.Cmd
	shell  *zmtp.Client
	iopub  *zmtp.Client
	stdin  *zmtp.Client
	ctrl   *zmtp.Client
	Gone   chan struct{} // closed when the process has ended
	id     string
	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup

	greetings map[string]bool // the ids of the requests of greet
	greeted   chan struct{}
}

// startTime is how long GoNB has to begin to listen. On a machine with work to do it takes a second.
const startTime = 60 * time.Second

// Start starts GoNB and waits until it listens. A context that is done ends it before that.
func Start(ctx context.Context, c Config) (*Engine, error) {
	if ctx.Err() != nil {
		return nil, fmt.Errorf("kernel: GoNB: %w", ctx.Err())
	}
	e := &Engine{Gone: make(chan struct{}), id: wire.ID(),
		greetings: map[string]bool{}, greeted: make(chan struct{}, 1)}
	dir, err := os.MkdirTemp(c.Tmp, "e")
	if err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	conn := wire.Connection{Transport: "ipc", IP: filepath.Join(dir, "s"), Shell: 1, Control: 2, IOPub: 3, Stdin: 4, Heartbeat: 5,
		Key: wire.ID(), Scheme: "hmac-sha256"}
	if e.codec, err = wire.NewCodec(conn.Key, conn.Scheme); err != nil {
		return nil, err
	}
	data, err := json.Marshal(conn)
	if err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	file := filepath.Join(dir, c.Name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	e.cmd = exec.Command(c.Program, "-kernel", file, "-raw_error", "-go_work="+c.Checkout)
	e.cmd.Env, e.cmd.Stdout, e.cmd.Stderr = c.Env, c.Log, c.Log
	e.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt is for the kernel to pass on
	if err := e.cmd.Start(); err != nil {
		return nil, fmt.Errorf("kernel: %w (run: go run ./kernel setup)", err)
	}
	go func() {
		e.cmd.Wait()
		close(e.Gone)
		os.RemoveAll(dir)
	}()
	for _, s := range []struct {
		to   **zmtp.Client
		port int
		kind string
	}{{&e.shell, conn.Shell, "DEALER"}, {&e.iopub, conn.IOPub, "SUB"}, {&e.stdin, conn.Stdin, "DEALER"}, {&e.ctrl, conn.Control, "DEALER"}} {
		if *s.to, err = e.dial(ctx, conn.IP+"-"+strconv.Itoa(s.port), s.kind); err != nil {
			e.Close()
			return nil, err
		}
	}
	for channel, client := range map[string]*zmtp.Client{"shell": e.shell, "iopub": e.iopub, "stdin": e.stdin} {
		codec := e.codec.For()
		e.wg.Go(func() {
			for {
				frames, err := client.Receive()
				if err != nil {
					return
				}
				if m, err := codec.Parse(frames); err == nil && !e.isGreeting(channel, m) {
					c.Message(channel, m)
				}
			}
		})
	}
	if err := e.greet(ctx); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// dial connects to a socket as soon as GoNB listens on it.
func (e *Engine) dial(ctx context.Context, path, kind string) (*zmtp.Client, error) {
	for until := time.Now().Add(startTime); ; time.Sleep(5 * time.Millisecond) {
		c, err := zmtp.Dial("unix", path, kind, e.id)
		if err == nil {
			return c, nil
		}
		select {
		case <-e.Gone:
			return nil, errEnded
		case <-ctx.Done():
			return nil, fmt.Errorf("kernel: GoNB: %w", ctx.Err())
		default:
		}
		if time.Now().After(until) {
			return nil, fmt.Errorf("kernel: GoNB does not listen: %w", err)
		}
	}
}

// greet waits until GoNB answers and its published messages arrive, which tells that the subscription has reached it.
func (e *Engine) greet(ctx context.Context) error {
	for until := time.Now().Add(startTime); time.Now().Before(until); {
		id, err := e.Request("kernel_info_request", struct{}{})
		if err != nil {
			return err
		}
		e.mu.Lock()
		e.greetings[id] = true
		e.mu.Unlock()
		select {
		case <-e.greeted:
			return nil
		case <-e.Gone:
			return errEnded
		case <-ctx.Done():
			return fmt.Errorf("kernel: GoNB: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return errors.New("kernel: GoNB does not answer")
}

// isGreeting tells whether a message answers greet.
func (e *Engine) isGreeting(channel string, m *wire.Message) bool {
	var parent wire.Header
	if json.Unmarshal(m.Parent, &parent) != nil {
		return false
	}
	e.mu.Lock()
	mine := e.greetings[parent.ID]
	e.mu.Unlock()
	if mine && channel == "iopub" {
		select {
		case e.greeted <- struct{}{}:
		default:
		}
	}
	return mine
}

var errEnded = errors.New("kernel: GoNB ended at once (kernel.log in the work folder has its words)")

// request sends a message to GoNB and gives its id.
func (e *Engine) request(client *zmtp.Client, kind string, parent *wire.Message, content any) (string, error) {
	m, err := wire.New(kind, e.id, parent, content)
	if err != nil {
		return "", err
	}
	if !client.Send(e.codec.Frames(m)) {
		return "", errors.New("kernel: GoNB does not listen any more")
	}
	return m.Header.ID, nil
}

// Request sends a request and gives its id, which what answers it has as its parent's.
func (e *Engine) Request(kind string, content any) (string, error) {
	return e.request(e.shell, kind, nil, content)
}

// Interrupt tells GoNB to end what it does. It passes that on to the process that it waits for, which is a front.
func (e *Engine) Interrupt() { e.request(e.ctrl, "interrupt_request", nil, struct{}{}) }

// Input answers a request for input.
func (e *Engine) Input(to *wire.Message, value string) error {
	_, err := e.request(e.stdin, "input_reply", to, map[string]any{"value": value})
	return err
}

// PID is the number of GoNB's process.
func (e *Engine) PID() int { return e.cmd.Process.Pid }

// Close kills GoNB and what it has started in its group.
func (e *Engine) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return
	}
	e.closed = true
	syscall.Kill(-e.cmd.Process.Pid, syscall.SIGKILL)
	<-e.Gone
	for _, c := range []*zmtp.Client{e.shell, e.iopub, e.stdin, e.ctrl} {
		if c != nil {
			c.Close()
		}
	}
	e.wg.Wait()
}
