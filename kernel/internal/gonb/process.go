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

// A process is a running GoNB, with the connections of a Jupyter client.
type process struct {
	codec   *wire.Codec
	cmd     *exec.Cmd
	shell   *zmtp.Client
	iopub   *zmtp.Client
	stdin   *zmtp.Client
	control *zmtp.Client
	gone    chan struct{} // closed when the process has ended
	session string

	mu        sync.Mutex
	closed    bool
	readers   sync.WaitGroup
	greetings map[string]bool // the IDs of the requests of greet
	greeted   chan struct{}
}

// startTime is how long GoNB may take to listen. On a busy machine it needs a second.
const startTime = 60 * time.Second

var errEnded = errors.New("kernel: GoNB ended at once (kernel.log in the work folder has its messages)")

// startProcess starts GoNB and waits until it listens, or until ctx is done. Receive is called with
// all that GoNB publishes and replies, in the order of each socket; channel is iopub, shell or
// stdin.
func startProcess(ctx context.Context, c Config, env []string,
	receive func(channel string, m *wire.Message)) (*process, error) {
	if ctx.Err() != nil {
		return nil, fmt.Errorf("kernel: GoNB: %w", ctx.Err())
	}
	p := &process{gone: make(chan struct{}), session: wire.ID(),
		greetings: map[string]bool{}, greeted: make(chan struct{}, 1)}
	dir, err := os.MkdirTemp(c.Tmp, "e")
	if err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	conn := wire.Connection{Transport: "ipc", IP: filepath.Join(dir, "s"), Shell: 1, Control: 2, IOPub: 3, Stdin: 4,
		Heartbeat: 5, Key: wire.ID(), Scheme: "hmac-sha256"}
	if p.codec, err = wire.NewCodec(conn.Key, conn.Scheme); err != nil {
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
	p.cmd = exec.Command(c.Program, "-kernel", file, "-raw_error", "-go_work="+c.Checkout)
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = env, c.Stderr, c.Stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the kernel passes interrupts on
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("kernel: %w (run: go run ./kernel setup)", err)
	}
	go func() {
		p.cmd.Wait()
		close(p.gone)
		os.RemoveAll(dir)
	}()
	for _, s := range []struct {
		to   **zmtp.Client
		port int
		kind string
	}{{&p.shell, conn.Shell, "DEALER"}, {&p.iopub, conn.IOPub, "SUB"}, {&p.stdin, conn.Stdin, "DEALER"},
		{&p.control, conn.Control, "DEALER"}} {
		if *s.to, err = p.dial(ctx, conn.IP+"-"+strconv.Itoa(s.port), s.kind); err != nil {
			p.close()
			return nil, err
		}
	}
	for channel, client := range map[string]*zmtp.Client{"shell": p.shell, "iopub": p.iopub, "stdin": p.stdin} {
		codec := p.codec.For()
		p.readers.Go(func() {
			for {
				frames, err := client.Receive()
				if err != nil {
					return
				}
				if m, err := codec.Parse(frames); err == nil && !p.isGreeting(channel, m) {
					receive(channel, m)
				}
			}
		})
	}
	if err := p.greet(ctx); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// dial connects to a socket as soon as GoNB listens on it.
func (p *process) dial(ctx context.Context, path, kind string) (*zmtp.Client, error) {
	for until := time.Now().Add(startTime); ; time.Sleep(5 * time.Millisecond) {
		c, err := zmtp.Dial("unix", path, kind, p.session)
		if err == nil {
			return c, nil
		}
		select {
		case <-p.gone:
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

// greet waits until GoNB answers and a message that it published has arrived: then GoNB knows about
// the subscription.
func (p *process) greet(ctx context.Context) error {
	for until := time.Now().Add(startTime); time.Now().Before(until); {
		id, err := p.request("kernel_info_request", struct{}{})
		if err != nil {
			return err
		}
		p.mu.Lock()
		p.greetings[id] = true
		p.mu.Unlock()
		select {
		case <-p.greeted:
			return nil
		case <-p.gone:
			return errEnded
		case <-ctx.Done():
			return fmt.Errorf("kernel: GoNB: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return errors.New("kernel: GoNB does not answer")
}

// isGreeting reports whether a message answers greet.
func (p *process) isGreeting(channel string, m *wire.Message) bool {
	var parent wire.Header
	if json.Unmarshal(m.Parent, &parent) != nil {
		return false
	}
	p.mu.Lock()
	mine := p.greetings[parent.ID]
	p.mu.Unlock()
	if mine && channel == "iopub" {
		select {
		case p.greeted <- struct{}{}:
		default:
		}
	}
	return mine
}

// send sends a message and returns its ID, which replies name as that of their parent.
func (p *process) send(client *zmtp.Client, kind string, parent *wire.Message, content any) (string, error) {
	m, err := wire.New(kind, p.session, parent, content)
	if err != nil {
		return "", err
	}
	if !client.Send(p.codec.Frames(m)) {
		return "", errors.New("kernel: GoNB no longer listens")
	}
	return m.Header.ID, nil
}

func (p *process) request(kind string, content any) (id string, err error) {
	return p.send(p.shell, kind, nil, content)
}

// execute sends a cell.
func (p *process) execute(code string, silent, stdin bool) (id string, err error) {
	return p.request("execute_request", map[string]any{"code": code, "silent": silent, "store_history": true,
		"user_expressions": struct{}{}, "allow_stdin": stdin, "stop_on_error": false})
}

// interrupt tells GoNB to end what it does. GoNB interrupts the process that it waits for, a shim.
func (p *process) interrupt() { p.send(p.control, "interrupt_request", nil, struct{}{}) }

// input answers a request for input.
func (p *process) input(to *wire.Message, value string) error {
	_, err := p.send(p.stdin, "input_reply", to, map[string]any{"value": value})
	return err
}

// ended reports whether the process has ended.
func (p *process) ended() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

// close kills GoNB and what it has started in its process group.
func (p *process) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.closed = true
	syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.gone
	for _, c := range []*zmtp.Client{p.shell, p.iopub, p.stdin, p.control} {
		if c != nil {
			c.Close()
		}
	}
	p.readers.Wait()
}
