// Package zmtp implements the part of ZeroMQ's wire protocol that a Jupyter kernel needs: ZMTP 3.0
// with the NULL mechanism, over TCP and Unix sockets.
//
// It takes and returns messages as lists of frames, and knows nothing about Jupyter. A [Router], a
// [Publisher] and an [Echo] listen, as a kernel does; [Dial] connects, as a client does. A peer
// that violates the protocol loses its connection, with no effect on others. Memory is allocated
// for the bytes that arrive, not for those that a peer announces. A slow reader makes its sender
// wait, up to a limit, before messages are dropped.
//
// The Go implementation that GoNB uses (go-zeromq/zmq4) has no publisher that reports
// subscriptions, which Jupyter's welcome message needs, and none that makes its sender wait.
package zmtp

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// Bounds of a message. Ten megabytes of code must pass, and the widgets of a notebook.
const (
	maxBytes  = 512 << 20
	maxFrames = 4096
)

// handshakeTime is how long a peer may take to introduce itself.
const handshakeTime = 30 * time.Second

// Flags of frames.
const (
	flagMore    = 1
	flagLong    = 2
	flagCommand = 4
)

// errProtocol reports a peer that violates the protocol.
var errProtocol = errors.New("zmtp: the peer violates the protocol")

// A conn is a connection after the handshake.
type conn struct {
	net.Conn
	in       *bufio.Reader
	kind     string // the peer's socket type
	identity string // the peer's; "" for none
	out      *queue
}

// greeting returns the first bytes that either side sends: the signature, version 3.0 and the
// mechanism.
func greeting() []byte {
	g := make([]byte, 64)
	g[0], g[9] = 0xff, 0x7f
	g[10], g[11] = 3, 0
	copy(g[12:32], "NULL")
	return g
}

// handshake introduces a socket with a kind and an identity to a peer, which must be of one of the
// kinds peers.
func handshake(c net.Conn, kind, identity string, peers ...string) (*conn, error) {
	c.SetDeadline(time.Now().Add(handshakeTime))
	defer c.SetDeadline(time.Time{})
	ready := []byte("\x05READY")
	for _, p := range [][2]string{{"Socket-Type", kind}, {"Identity", identity}} {
		ready = append(ready, byte(len(p[0])))
		ready = append(ready, p[0]...)
		ready = binary.BigEndian.AppendUint32(ready, uint32(len(p[1])))
		ready = append(ready, p[1]...)
	}
	if _, err := c.Write(append(greeting(), frame(nil, flagCommand, ready)...)); err != nil {
		return nil, err
	}
	n := &conn{Conn: c, in: bufio.NewReaderSize(c, 64<<10)}
	var theirs [64]byte
	if _, err := io.ReadFull(n.in, theirs[:]); err != nil {
		return nil, err
	}
	if theirs[0] != 0xff || theirs[9]&1 != 1 || theirs[10] < 3 ||
		string(bytes.TrimRight(theirs[12:32], "\x00")) != "NULL" {
		return nil, errProtocol
	}
	flags, body, err := n.readFrame(1 << 16)
	if err != nil {
		return nil, err
	}
	props, ok := bytes.CutPrefix(body, []byte("\x05READY"))
	if flags != flagCommand || !ok {
		return nil, errProtocol
	}
	for len(props) > 0 {
		name, rest, ok := field(props, 1)
		if !ok {
			return nil, errProtocol
		}
		value, rest, ok := field(rest, 4)
		if !ok {
			return nil, errProtocol
		}
		switch props = rest; string(bytes.ToLower(name)) {
		case "socket-type":
			n.kind = string(value)
		case "identity":
			n.identity = string(value)
		}
	}
	for _, p := range peers {
		if p == n.kind {
			return n, nil
		}
	}
	return nil, fmt.Errorf("zmtp: a %s socket cannot connect to a %s socket", n.kind, kind)
}

// field splits off bytes that are preceded by their count, which takes size bytes.
func field(b []byte, size int) (value, rest []byte, ok bool) {
	if len(b) < size {
		return nil, nil, false
	}
	n := 0
	for _, x := range b[:size] {
		n = n<<8 | int(x)
	}
	if b = b[size:]; n > len(b) {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}

// frame appends a frame to b.
func frame(b []byte, flags byte, body []byte) []byte {
	if len(body) > 255 {
		b = append(b, flags|flagLong)
		b = binary.BigEndian.AppendUint64(b, uint64(len(body)))
	} else {
		b = append(b, flags, byte(len(body)))
	}
	return append(b, body...)
}

// message encodes frames as one message.
func message(frames [][]byte) []byte {
	size := 0
	for _, f := range frames {
		size += len(f) + 9
	}
	b := make([]byte, 0, size)
	for i, f := range frames {
		var flags byte
		if i < len(frames)-1 {
			flags = flagMore
		}
		b = frame(b, flags, f)
	}
	return b
}

// readFrame reads a frame of at most limit bytes. It allocates memory as bytes arrive, not as they
// are announced.
func (c *conn) readFrame(limit uint64) (flags byte, body []byte, err error) {
	flags, err = c.in.ReadByte()
	if err != nil {
		return 0, nil, err
	}
	var n uint64
	if flags&flagLong != 0 {
		var b [8]byte
		if _, err := io.ReadFull(c.in, b[:]); err != nil {
			return 0, nil, err
		}
		n = binary.BigEndian.Uint64(b[:])
	} else {
		b, err := c.in.ReadByte()
		if err != nil {
			return 0, nil, err
		}
		n = uint64(b)
	}
	if n > limit || flags > 7 {
		return 0, nil, errProtocol
	}
	if n <= 1<<20 {
		body = make([]byte, n)
		_, err = io.ReadFull(c.in, body)
		return flags &^ flagLong, body, err
	}
	var b bytes.Buffer
	if _, err := io.CopyN(&b, c.in, int64(n)); err != nil {
		return 0, nil, err
	}
	return flags &^ flagLong, b.Bytes(), nil
}

// read returns the next message. Commands are answered or passed to command, which may be nil.
func (c *conn) read(command func(name string, body []byte)) ([][]byte, error) {
	var frames [][]byte
	left := uint64(maxBytes)
	for {
		flags, body, err := c.readFrame(left)
		if err != nil {
			return nil, err
		}
		if flags&flagCommand != 0 {
			name, rest, ok := field(body, 1)
			if !ok || flags&flagMore != 0 {
				return nil, errProtocol
			}
			switch {
			case string(name) == "PING" && len(rest) >= 2 && len(rest) <= 18:
				c.out.add(frame(nil, flagCommand, append([]byte("\x04PONG"), rest[2:]...)), 0)
			case string(name) == "ERROR":
				return nil, errProtocol
			case command != nil:
				command(string(name), rest)
			}
			continue
		}
		left -= uint64(len(body))
		if frames = append(frames, body); len(frames) > maxFrames {
			return nil, errProtocol
		}
		if flags&flagMore == 0 {
			return frames, nil
		}
	}
}

// maxQueued is how many bytes may wait for one peer before senders wait.
const maxQueued = 8 << 20

// A queue holds the bytes to write to a connection.
type queue struct {
	mu      sync.Mutex
	change  *sync.Cond
	items   [][]byte
	bytes   int
	closed  bool
	dropped int
	stuck   bool // a sender has waited too long; senders do not wait until the reader has caught up
}

func newQueue() *queue {
	q := &queue{}
	q.change = sync.NewCond(&q.mu)
	return q
}

// add queues bytes. If the queue is full it waits for room, at most for patience, and
// then drops the message. It reports whether the message was queued.
func (q *queue) add(b []byte, patience time.Duration) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.full(b) && !q.stuck && patience > 0 {
		timer := time.AfterFunc(patience, func() {
			q.mu.Lock()
			q.stuck = q.full(b)
			q.mu.Unlock()
			q.change.Broadcast()
		})
		for q.full(b) && !q.stuck && !q.closed {
			q.change.Wait()
		}
		timer.Stop()
	}
	if q.closed || q.full(b) {
		q.dropped++
		return false
	}
	q.items = append(q.items, b)
	q.bytes += len(b)
	q.change.Broadcast()
	return true
}

// full reports whether the queue has no room for b.
func (q *queue) full(b []byte) bool { return q.bytes > 0 && q.bytes+len(b) > maxQueued }

// next waits for bytes to write and returns them; nil if the queue is closed and empty.
func (q *queue) next() [][]byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 && !q.closed {
		q.change.Wait()
	}
	items := q.items
	q.items = nil
	return items
}

// wrote records that the bytes that next returned have been written.
func (q *queue) wrote(items [][]byte) {
	q.mu.Lock()
	for _, b := range items {
		q.bytes -= len(b)
	}
	q.stuck = false
	q.mu.Unlock()
	q.change.Broadcast()
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.change.Broadcast()
}

// flushed waits until all bytes are written, at most for patience.
func (q *queue) flushed(patience time.Duration) {
	late := false
	timer := time.AfterFunc(patience, func() {
		q.mu.Lock()
		late = true
		q.mu.Unlock()
		q.change.Broadcast()
	})
	defer timer.Stop()
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.bytes > 0 && !q.closed && !late {
		q.change.Wait()
	}
}

// write writes queued bytes until the queue is closed or the connection breaks.
func (c *conn) write() {
	for {
		items := c.out.next()
		if items == nil {
			return
		}
		buffers := append(net.Buffers(nil), items...)
		if _, err := buffers.WriteTo(c.Conn); err != nil {
			c.out.close()
			c.Conn.Close()
			return
		}
		c.out.wrote(items)
	}
}
