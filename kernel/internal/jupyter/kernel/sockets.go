package kernel

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/wire"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/zmtp"
)

// A request is a message with the socket by which it came.
type request struct {
	*wire.Message
	channel *zmtp.Router
	came    time.Time
}

// listen opens the five sockets.
func (k *Kernel) listen() (err error) {
	if k.shell, err = k.router(k.Connection.Shell, k.onShell); err != nil {
		return err
	}
	if k.control, err = k.router(k.Connection.Control, k.onControl); err != nil {
		return err
	}
	if k.stdin, err = k.router(k.Connection.Stdin, k.onStdin); err != nil {
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

// router opens a socket whose messages go to handle.
func (k *Kernel) router(port int, handle func(request)) (*zmtp.Router, error) {
	network, address := k.Connection.Address(port)
	codec := k.codec.For()
	var mu sync.Mutex
	var r *zmtp.Router
	made := make(chan struct{}) // closed when r is set
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

// welcome returns the first message for a new subscriber.
func (k *Kernel) welcome(topic []byte) [][]byte {
	m, err := wire.New("iopub_welcome", k.id, nil, map[string]any{"subscription": string(topic)})
	if err != nil {
		return nil
	}
	m.Identities = [][]byte{topic}
	return k.codec.Frames(m)
}

// publish sends a message to all subscribers. The topic is what the message is about, or "" for its
// type.
func (k *Kernel) publish(topic string, parent *wire.Message, kind string, content any) {
	m, err := wire.New(kind, k.id, parent, content)
	if err != nil {
		k.log.Print(err)
		return
	}
	if topic == "" {
		topic = m.Header.Type
	}
	m.Identities = [][]byte{[]byte("kernel." + k.id + "." + topic)}
	k.iopub.Send(k.codec.Frames(m))
}

// reply answers a request by the socket by which it came.
func (k *Kernel) reply(r request, kind string, content any) { k.replyWith(r, kind, content, nil) }

// replyWith replies with metadata, a JSON object, or nil for none.
func (k *Kernel) replyWith(r request, kind string, content any, metadata json.RawMessage) {
	m, err := wire.New(kind, k.id, r.Message, content)
	if err != nil {
		k.log.Print(err)
		return
	}
	m.Identities, m.Metadata = r.Identities, metadata
	if !r.channel.Send(k.codec.Frames(m)) {
		k.log.Printf("no client is there to receive a %s", kind)
	}
}

// busy publishes that the kernel works on a request. The function it returns publishes the end.
func (k *Kernel) busy(r request) (idle func()) {
	k.status(r, "busy")
	return func() {
		k.status(r, "idle")
		// Front ends show the last status that came, whichever request it belongs to.
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

// content decodes the content of a request. A value of the wrong type is an error.
func content[T any](r request) (T, error) {
	var c T
	if err := json.Unmarshal(r.Content, &c); err != nil {
		return c, fmt.Errorf("kernel: %s: %w", r.Header.Type, err)
	}
	return c, nil
}

// errorContent returns the content of a reply that reports an error.
func errorContent(name, value string, traceback ...string) map[string]any {
	if traceback == nil {
		traceback = []string{}
	}
	return map[string]any{"status": "error", "ename": name, "evalue": value, "traceback": traceback}
}
