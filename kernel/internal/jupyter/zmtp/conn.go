// Package zmtp speaks ZeroMQ's wire protocol, ZMTP 3.0 with the NULL mechanism, over TCP and Unix sockets: as much of
// it as a Jupyter kernel needs. A Router, a Publisher and an Echo listen, as a kernel does; Dial connects, as a
// client does.
//
// The Go implementation that GoNB brings (go-zeromq/zmq4) has no publisher that tells who has subscribed, which
// Jupyter's welcome message needs, and none that holds its sender up. Here a peer that breaks the protocol loses its
// connection and nothing else happens; what a peer announces allocates nothing; and a reader that is slow holds its
// sender up, within bounds, before anything is lost.
//
// It knows nothing of Jupyter: a message is a list of frames.
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

// Bounds on what a peer can send as one message. Ten megabytes of code must pass, and a notebook's widgets.
const (
	mostBytes  = 512 << 20
	mostFrames = 4096
)

// handshakeTime is how long a peer has to say who it is.
const handshakeTime = 30 * time.Second

const (
	flagMore    = 1
	flagLong    = 2
	flagCommand = 4
)

// errProtocol is what a peer did that no peer may do.
var errProtocol = errors.New("zmtp: the peer does not keep to the protocol")

// A conn is one connection, once both sides have said hello.
type conn struct {
	net.Conn
	in       *bufio.Reader
	kind     string // the peer's socket type
	identity string // the peer's, "" for none
	out      *queue
}

// greeting is the first thing that either side says: the signature, version 3.0, the mechanism.
func greeting() []byte {
	g := make([]byte, 64)
	g[0], g[9] = 0xff, 0x7f
	g[10], g[11] = 3, 0
	copy(g[12:32], "NULL")
	return g
}

// shake greets a peer of any of the kinds as a socket of this kind and identity.
func shake(c net.Conn, kind, identity string, peers ...string) (*conn, error) {
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
	if theirs[0] != 0xff || theirs[9]&1 != 1 || theirs[10] < 3 || string(bytes.TrimRight(theirs[12:32], "\x00")) != "NULL" {
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
	return nil, fmt.Errorf("zmtp: a %s socket has no business with a %s socket", n.kind, kind)
}

// field splits off bytes that are preceded by their number, written in size bytes.
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

// message writes frames as one message.
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

// readFrame reads a frame of at most so many bytes. It allocates as the bytes come in, not as they are announced.
func (c *conn) readFrame(most uint64) (flags byte, body []byte, err error) {
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
	if n > most || flags > 7 {
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

// read gives the next message. Commands are answered, or handed to command when there is one.
func (c *conn) read(command func(name string, body []byte)) ([][]byte, error) {
	var frames [][]byte
	left := uint64(mostBytes)
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
		if frames = append(frames, body); len(frames) > mostFrames {
			return nil, errProtocol
		}
		if flags&flagMore == 0 {
			return frames, nil
		}
	}
}

// mostQueued is how many bytes wait for one peer before a sender is held up.
const mostQueued = 8 << 20

// A queue holds what is to be written to a connection.
type queue struct {
	mu     sync.Mutex
	room   *sync.Cond // signals any change
	items  [][]byte
	bytes  int
	closed bool
	lost   int
	stuck  bool // the reader held a sender up for too long, and is not waited for until it has caught up
}

func newQueue() *queue {
	q := &queue{}
	q.room = sync.NewCond(&q.mu)
	return q
}

// add queues bytes. When too many wait already it waits for room that long, and then gives the message up. It tells
// whether the message was queued.
func (q *queue) add(b []byte, patience time.Duration) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.full(b) && !q.stuck && patience > 0 {
		timer := time.AfterFunc(patience, func() {
			q.mu.Lock()
			q.stuck = q.full(b)
			q.mu.Unlock()
			q.room.Broadcast()
		})
		for q.full(b) && !q.stuck && !q.closed {
			q.room.Wait()
		}
		timer.Stop()
	}
	if q.closed || q.full(b) {
		q.lost++
		return false
	}
	q.items = append(q.items, b)
	q.bytes += len(b)
	q.room.Broadcast()
	return true
}

func (q *queue) full(b []byte) bool { return q.bytes > 0 && q.bytes+len(b) > mostQueued }

// next waits for bytes to write; nil when the queue is closed and empty.
func (q *queue) next() [][]byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 && !q.closed {
		q.room.Wait()
	}
	items := q.items
	q.items = nil
	return items
}

// wrote tells that what next gave is gone.
func (q *queue) wrote(items [][]byte) {
	q.mu.Lock()
	for _, b := range items {
		q.bytes -= len(b)
	}
	q.stuck = false
	q.mu.Unlock()
	q.room.Broadcast()
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.room.Broadcast()
}

// flushed waits until all is written, or for that long.
func (q *queue) flushed(patience time.Duration) {
	late := false
	timer := time.AfterFunc(patience, func() {
		q.mu.Lock()
		late = true
		q.mu.Unlock()
		q.room.Broadcast()
	})
	defer timer.Stop()
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.bytes > 0 && !q.closed && !late {
		q.room.Wait()
	}
}

// write writes what is queued until the queue is closed or the connection breaks.
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
