// Package bridge is the kernel that Jupyter talks to. It holds the five sockets of Jupyter's protocol, answers what it
// can by itself at any time, and runs cells one after the other through GoNB, its engine.
//
// It takes a connection and the place that cells run in. Cells are rewritten for GoNB (package cellsource), GoNB makes
// a program of them, and the steps that GoNB wants to run, from goimports to the program itself, come back here by way
// of the fronts (package engine): so the kernel builds, runs, reads, interrupts and counts them itself, and GoNB is
// left with what it is good at, which declarations hold and how they become one program.
//
// What comes in by a socket is judged by package wire; what is wrong is logged and dropped.
package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"sync"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/gonb"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/history"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/wire"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/zmtp"
	"github.com/trafficlab/trafficlab/kernel/internal/session"
)

// A Config is where a kernel listens and what its cells run in.
type Config struct {
	Connection wire.Connection
	Name       string   // of the connection file; GoNB reads the kernel's id from it
	GoNB       string   // GoNB's binary
	Front      string   // the program that stands in for those that GoNB starts
	GoImports  string   // the real one
	Gopls      string   // the language server, "" for none
	Checkout   string   // the module that cells may import
	Tmp        string   // a private folder, removed by somebody else
	History    string   // the file that keeps the cells; "" for none
	Env        []string // of the cells
	Log        *os.File
	Settings   Settings
	Session    *session.Config // of the living session; nil where every cell is a program of its own
}

// A Kernel is a running kernel.
type Kernel struct {
	Config
	codec   *wire.Codec
	session string
	log     *log.Logger

	shell, control, stdin *zmtp.Router
	iopub                 *zmtp.Publisher
	heartbeat             *zmtp.Echo

	queue   chan request    // execute requests
	asides  chan request    // other requests on the shell socket
	ctx     context.Context // done when the kernel is to end
	stop    context.CancelFunc
	stopped <-chan struct{} // closed then
	wg      sync.WaitGroup

	history *history.Store
	fronts  *gonb.Fronts
	comms   comms
	builder builder
	tips    aids

	mu       sync.Mutex
	engine   *gonb.Engine
	ready    chan struct{}            // closed when the engine that is being started is there or has failed
	failed   error                    // why there is no engine
	count    int                      // the number of the last cell that counts
	cell     *cell                    // the one that runs
	failedAt time.Time                // when a cell last failed so that the queue is to be emptied
	waiting  func(text string)        // takes the answer to the last question
	displays map[string]bool          // ids of displays that have been shown
	learning func()                   // ends learn
	cells    string                   // GoNB's folder, where it writes its file
	replay   []numbered               // what GoNB must be told when it is started
	knows    int                      // how much of it the present one knows
	living   *session.Session         // nil where every cell is a program of its own
	unlived  bool                     // it has been told that there is none after all
	rich     *rich                    // what its host shows
	pipes    *pipes                   // beside its streams
	pending  []numbered               // cells whose declarations the living session has not taken in yet
	removed  []string                 // names that those have brought and that are to be forgotten again
	codes    map[int]string           // the cells' texts by number
	past     cellsource.Past          // what cells have run, where each is a program of its own
	told     map[string]chan struct{} // ids of what it is being told
}

// A request is a message with the channel that it came by.
type request struct {
	*wire.Message
	channel *zmtp.Router
	came    time.Time
}

// New listens and starts GoNB in the background.
func New(c Config) (*Kernel, error) {
	k := &Kernel{Config: c, session: wire.ID(), log: log.New(logWriter(c.Log), "kernel: ", log.LstdFlags|log.Lmicroseconds),
		queue: make(chan request, 100_000), asides: make(chan request, 100_000),
		displays: map[string]bool{}}
	k.ctx, k.stop = context.WithCancel(context.Background())
	k.stopped = k.ctx.Done()
	k.Settings = c.Settings.withDefaults()
	var err error
	if k.codec, err = wire.NewCodec(c.Connection.Key, c.Connection.Scheme); err != nil {
		return nil, err
	}
	if k.history, err = history.Open(c.History); err != nil {
		k.log.Print(err) // a kernel without a memory is still a kernel
	}
	if k.fronts, err = gonb.NewFronts(c.Tmp, c.Front, k.step); err != nil {
		return nil, err
	}
	if err := k.builder.init(k); err != nil {
		return nil, err
	}
	if err := k.listen(); err != nil {
		k.Close()
		return nil, err
	}
	k.publish("", nil, "status", map[string]any{"execution_state": "starting"})
	k.tips.start(k)
	if c.Session != nil {
		if err = k.startLiving(*c.Session); err != nil {
			k.Close()
			return nil, err
		}
		go k.tips.alone()
	} else {
		k.ready = make(chan struct{})
		go k.startEngine(k.ready)
	}
	k.wg.Go(k.runQueue)
	k.wg.Go(k.runAsides)
	return k, nil
}

func logWriter(f *os.File) io.Writer {
	if f == nil {
		return io.Discard
	}
	return f
}

func (k *Kernel) listen() (err error) {
	router := func(port int, handle func(request)) (*zmtp.Router, error) {
		network, address := k.Connection.Address(port)
		codec := k.codec.For()
		var mu sync.Mutex
		var r *zmtp.Router
		made := make(chan struct{})
		r, err := zmtp.NewRouter(network, address, func(frames [][]byte) {
			<-made
			mu.Lock()
			m, err := codec.Parse(frames)
			mu.Unlock()
			if err != nil {
				k.log.Printf("dropped a message: %v", err)
				return
			}
			handle(request{m, r, time.Now()})
		})
		close(made)
		return r, err
	}
	if k.shell, err = router(k.Connection.Shell, k.onShell); err != nil {
		return err
	}
	if k.control, err = router(k.Connection.Control, k.onControl); err != nil {
		return err
	}
	if k.stdin, err = router(k.Connection.Stdin, k.onStdin); err != nil {
		return err
	}
	network, address := k.Connection.Address(k.Connection.IOPub)
	if k.iopub, err = zmtp.NewPublisher(network, address, k.welcome); err != nil {
		return err
	}
	network, address = k.Connection.Address(k.Connection.Heartbeat)
	k.heartbeat, err = zmtp.NewEcho(network, address)
	return err
}

// welcome is what a new subscriber is told.
func (k *Kernel) welcome(topic []byte) [][]byte {
	m, err := wire.New("iopub_welcome", k.session, nil, map[string]any{"subscription": string(topic)})
	if err != nil {
		return nil
	}
	m.Identities = [][]byte{topic}
	return k.codec.Frames(m)
}

// Wait waits for the kernel's end: a request to shut down, or Stop.
func (k *Kernel) Wait() { <-k.stopped }

// Stop ends the kernel.
func (k *Kernel) Stop() { k.stop() }

// Close ends all that the kernel has started, and waits for it.
func (k *Kernel) Close() {
	k.Stop()
	k.mu.Lock()
	cell := k.cell
	k.mu.Unlock()
	if cell != nil {
		cell.kill()
	}
	for _, r := range []*zmtp.Router{k.control, k.shell} {
		if r != nil {
			r.Flush(time.Second)
		}
	}
	if k.iopub != nil {
		k.iopub.Flush(time.Second)
	}
	k.mu.Lock()
	ready := k.ready
	k.mu.Unlock()
	if ready != nil {
		<-ready
	}
	if k.living != nil {
		k.living.Close()
	}
	k.mu.Lock()
	e := k.engine
	k.mu.Unlock()
	if e != nil {
		e.Close()
	}
	k.wg.Wait()
	k.fronts.Close()
	k.tips.close()
	for _, r := range []*zmtp.Router{k.shell, k.control, k.stdin} {
		if r != nil {
			r.Close()
		}
	}
	if k.iopub != nil {
		k.iopub.Close()
	}
	if k.heartbeat != nil {
		k.heartbeat.Close()
	}
	k.history.Close()
}

// publish sends to all who listen. The topic is what the message is about, or "" for its type.
func (k *Kernel) publish(topic string, parent *wire.Message, kind string, content any) {
	m, err := wire.New(kind, k.session, parent, content)
	if err != nil {
		k.log.Print(err)
		return
	}
	k.send(topic, m)
}

func (k *Kernel) send(topic string, m *wire.Message) {
	if topic == "" {
		topic = m.Header.Type
	}
	m.Identities = [][]byte{[]byte("kernel." + k.session + "." + topic)}
	k.iopub.Send(k.codec.Frames(m))
}

// reply answers a request on the channel that it came by.
func (k *Kernel) reply(r request, kind string, content any) { k.replyWith(r, kind, content, nil) }

// replyWith replies with metadata, an object of JSON, or none.
func (k *Kernel) replyWith(r request, kind string, content any, metadata json.RawMessage) {
	m, err := wire.New(kind, k.session, r.Message, content)
	if err != nil {
		k.log.Print(err)
		return
	}
	m.Identities, m.Metadata = r.Identities, metadata
	if !r.channel.Send(k.codec.Frames(m)) {
		k.log.Printf("nobody is there to take a %s", kind)
	}
}

// busy publishes that a request is being worked on; the function that it gives publishes the end.
func (k *Kernel) busy(r request) (idle func()) {
	k.status(r, "busy")
	return func() {
		k.status(r, "idle")
		// Front ends show the last status that came, whosesoever it is.
		k.mu.Lock()
		c := k.cell
		k.mu.Unlock()
		if c != nil && c.request.Message != r.Message {
			k.status(c.request, "busy")
		}
	}
}

func (k *Kernel) status(r request, state string) {
	k.publish("", r.Message, "status", map[string]any{"execution_state": state})
}

// content reads what a request says. What is of a wrong type is an error.
func content[T any](r request) (T, error) {
	var c T
	if err := json.Unmarshal(r.Content, &c); err != nil {
		return c, fmt.Errorf("kernel: %s: %w", r.Header.Type, err)
	}
	return c, nil
}
