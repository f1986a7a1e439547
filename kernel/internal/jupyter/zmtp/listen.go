package zmtp

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

// patience is how long a sender waits for a slow reader before it drops a message.
const patience = 30 * time.Second

// A server accepts connections and keeps track of them.
type server struct {
	kind     string
	peers    []string
	listener net.Listener
	serve    func(c *conn) // reads until the connection ends

	mu     sync.Mutex
	conns  map[*conn]bool
	raw    map[net.Conn]bool // before the handshake
	closed bool
	wg     sync.WaitGroup
}

func (s *server) listen(network, address string) error {
	if network == "unix" {
		os.Remove(address) // left behind by a killed kernel: each kernel has its own connection file
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return fmt.Errorf("zmtp: %w", err)
	}
	if network == "unix" {
		if err := os.Chmod(address, 0o600); err != nil {
			l.Close()
			return fmt.Errorf("zmtp: %w", err)
		}
	}
	s.listener, s.conns, s.raw = l, map[*conn]bool{}, map[net.Conn]bool{}
	s.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				if s.isClosed() {
					return
				}
				time.Sleep(10 * time.Millisecond) // out of file descriptors, perhaps temporarily
				continue
			}
			s.wg.Go(func() { s.connected(c) })
		}
	})
	return nil
}

func (s *server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func (s *server) connected(c net.Conn) {
	defer c.Close()
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.raw[c] = true
	s.mu.Unlock()
	n, err := handshake(c, s.kind, "", s.peers...)
	s.mu.Lock()
	delete(s.raw, c)
	if err != nil || s.closed {
		s.mu.Unlock()
		return
	}
	n.out = newQueue()
	s.conns[n] = true
	s.mu.Unlock()
	s.wg.Go(n.write)
	s.serve(n)
	s.mu.Lock()
	delete(s.conns, n)
	s.mu.Unlock()
	n.out.close()
}

// all returns the open connections.
func (s *server) all() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		list = append(list, c)
	}
	return list
}

// Addr returns the address of the socket.
func (s *server) Addr() net.Addr { return s.listener.Addr() }

// Flush waits until all messages are written, at most for d.
func (s *server) Flush(d time.Duration) {
	until := time.Now().Add(d)
	for _, c := range s.all() {
		c.out.flushed(time.Until(until))
	}
}

// Close closes the socket and all connections, and waits for their goroutines.
func (s *server) Close() {
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		c.out.close()
		c.Conn.Close()
	}
	for c := range s.raw {
		c.Close()
	}
	s.mu.Unlock()
	s.listener.Close()
	s.wg.Wait()
}

// A Router receives messages from peers and sends to a peer by its identity.
type Router struct {
	server
	receive func(frames [][]byte)

	ids   sync.Mutex
	named map[string]*conn
	next  uint32
}

// NewRouter listens. Receive is called with each message, with the sender's identity as its first
// frame: in order for each peer, concurrently for several peers.
func NewRouter(network, address string, receive func(frames [][]byte)) (*Router, error) {
	r := &Router{receive: receive, named: map[string]*conn{}}
	r.kind, r.peers, r.serve = "ROUTER", []string{"DEALER", "REQ", "ROUTER"}, r.serveOne
	return r, r.listen(network, address)
}

func (r *Router) serveOne(c *conn) {
	r.ids.Lock()
	if c.identity == "" {
		r.next++
		c.identity = string(binary.BigEndian.AppendUint32([]byte{0}, r.next))
	}
	r.named[c.identity] = c // a peer that reconnects replaces its lost connection
	r.ids.Unlock()
	defer func() {
		r.ids.Lock()
		if r.named[c.identity] == c {
			delete(r.named, c.identity)
		}
		r.ids.Unlock()
	}()
	for {
		frames, err := c.read(nil)
		if err != nil {
			return
		}
		r.receive(append([][]byte{[]byte(c.identity)}, frames...))
	}
}

// Send sends frames to the peer that the first frame names. It reports whether there is such a peer
// and room for the message.
func (r *Router) Send(frames [][]byte) bool {
	if len(frames) == 0 {
		return false
	}
	r.ids.Lock()
	c := r.named[string(frames[0])]
	r.ids.Unlock()
	return c != nil && c.out.add(message(frames[1:]), patience)
}

// A Publisher sends messages to the peers that have subscribed to a prefix of the first frame.
type Publisher struct {
	server
	welcome func(topic []byte) [][]byte

	topics sync.Mutex
	subs   map[*conn]map[string]int
	order  sync.Mutex // held while a message is queued: all peers get the same order
}

// NewPublisher listens. For each new subscription it sends the message that welcome returns to the
// subscriber, before any other message.
func NewPublisher(network, address string, welcome func(topic []byte) [][]byte) (*Publisher, error) {
	p := &Publisher{welcome: welcome, subs: map[*conn]map[string]int{}}
	p.kind, p.peers, p.serve = "XPUB", []string{"SUB", "XSUB"}, p.serveOne
	return p, p.listen(network, address)
}

// maxTopics bounds the subscriptions of one peer.
const maxTopics = 1000

func (p *Publisher) serveOne(c *conn) {
	p.topics.Lock()
	p.subs[c] = map[string]int{}
	p.topics.Unlock()
	defer func() {
		p.topics.Lock()
		delete(p.subs, c)
		p.topics.Unlock()
	}()
	subscribe := func(name string, topic []byte) {
		p.order.Lock()
		defer p.order.Unlock()
		p.topics.Lock()
		mine, key := p.subs[c], string(topic)
		isNew := name == "SUBSCRIBE" && mine[key] == 0 && len(mine) < maxTopics
		switch {
		case isNew || name == "SUBSCRIBE" && mine[key] > 0:
			mine[key]++
		case name == "CANCEL" && mine[key] > 1:
			mine[key]--
		case name == "CANCEL":
			delete(mine, key)
		}
		p.topics.Unlock()
		if isNew {
			c.out.add(message(p.welcome(topic)), patience)
		}
	}
	for {
		frames, err := c.read(subscribe) // commands, since protocol 3.1
		if err != nil {
			return
		}
		if len(frames) != 1 || len(frames[0]) == 0 {
			continue
		}
		switch frames[0][0] { // messages, before 3.1
		case 1:
			subscribe("SUBSCRIBE", frames[0][1:])
		case 0:
			subscribe("CANCEL", frames[0][1:])
		}
	}
}

// Send sends frames to all peers that have subscribed to a prefix of the first frame.
func (p *Publisher) Send(frames [][]byte) {
	if len(frames) == 0 {
		return
	}
	p.order.Lock()
	defer p.order.Unlock()
	var to []*conn
	p.topics.Lock()
	for c, topics := range p.subs {
		for t := range topics {
			if strings.HasPrefix(string(frames[0]), t) {
				to = append(to, c)
				break
			}
		}
	}
	p.topics.Unlock()
	if len(to) == 0 {
		return
	}
	b := message(frames)
	for _, c := range to {
		c.out.add(b, patience)
	}
}

// An Echo returns each message to its sender: a heartbeat.
type Echo struct{ server }

// NewEcho listens.
func NewEcho(network, address string) (*Echo, error) {
	e := &Echo{}
	e.kind, e.peers = "REP", []string{"REQ", "DEALER"}
	e.serve = func(c *conn) {
		for {
			frames, err := c.read(nil)
			if err != nil {
				return
			}
			c.out.add(message(frames), time.Second)
		}
	}
	return e, e.listen(network, address)
}
