package tlsfeat

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// Options say what becomes a session. The zero value has the defaults.
type Options struct {
	Limit int           // packets of a session that get rows; 0 means 1000, as in llmhyy/tls_attack
	Idle  time.Duration // silence after which a connection has ended; 0 means 5 minutes
	Open  int           // connections that are followed at once; 0 means 100,000. Beyond, that silent for longest ends
}

func (o *Options) fill() error {
	if o.Limit == 0 {
		o.Limit = 1000
	}
	if o.Idle == 0 {
		o.Idle = 5 * time.Minute
	}
	if o.Open == 0 {
		o.Open = 100_000
	}
	if o.Limit < 1 || o.Idle < 0 || o.Open < 1 {
		return fmt.Errorf("tlsfeat: a limit of %d packets, %v of silence, %d connections: each must be positive",
			o.Limit, o.Idle, o.Open)
	}
	return nil
}

// linger is how long a closed connection waits for repetitions of its last packets.
const linger = 5 * time.Second

// A Report counts what an Extractor saw.
type Report struct {
	Sessions    int64 // TLS sessions
	Rows        int64 // packets with a row
	Beyond      int64 // packets of sessions beyond the limit
	Other       int64 // connections that are not TLS
	Silent      int64 // connections without any payload
	Gaps        int64 // how often the capture missed bytes of a session
	Evicted     int64 // sessions cut short because there were too many connections
	NoBeginning int64 // sessions without a ClientHello
	Upgraded    int64 // sessions that began in plaintext, see Session.Before
}

// String returns the report in one line.
func (r Report) String() string {
	s := fmt.Sprintf("%d TLS sessions of %d packets", r.Sessions, r.Rows)
	var parts []string
	for _, part := range []struct {
		n    int64
		what string
	}{
		{r.NoBeginning, "without a ClientHello"}, {r.Upgraded, "after a plaintext beginning"},
		{r.Gaps, "gaps in them"}, {r.Evicted, "ended early for want of room"},
		{r.Beyond, "packets beyond the limit"},
		{r.Other, "connections that are not TLS"}, {r.Silent, "connections without data"},
	} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	if len(parts) > 0 {
		s += "; " + strings.Join(parts, ", ")
	}
	return s
}

// An Extractor turns packets into sessions. Options bound its memory: each followed connection has
// at most Limit rows, and a megabyte of waiting segments in each direction.
type Extractor struct {
	options Options
	emit    func(*Session) error
	err     error // of emit
	conns   map[key]*conn
	open    list // connections in the order of their last packets
	closing list // those that were closed
	free    []*conn
	number  int64
	report  Report
}

// NewExtractor returns an extractor that passes its sessions to emit, each when it ends: when both
// sides closed it, one reset it, its ports are used again, or it was silent for too long; Flush
// passes the open ones in the order of their beginnings. A session is valid until emit returns. Add
// and Flush return the error of emit.
func NewExtractor(o Options, emit func(*Session) error) (*Extractor, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	return &Extractor{options: o, emit: emit, conns: map[key]*conn{}}, nil
}

// Report returns what was seen so far.
func (x *Extractor) Report() Report { return x.report }

// Add takes the next packet, and keeps nothing of it. Packets that are not TCP are ignored.
func (x *Extractor) Add(p *capture.Packet) error {
	if !p.TCP() {
		return nil
	}
	x.expire(p.Nanos)
	k, back := keyOf(p)
	dir := 0
	if back {
		dir = 1
	}
	c := x.conns[k]
	if c != nil && c.begunAnew(p, dir) {
		x.end(c)
		c = nil
	}
	if c == nil {
		if len(x.conns) >= x.options.Open {
			x.evict()
		}
		c = x.begin(k)
	}
	x.listOf(c).remove(c)
	c.packet(p, dir, x.options.Limit)
	x.listOf(c).add(c)
	return x.err
}

// begunAnew reports whether a packet is the first of another connection between the same ends: a
// SYN that is not a repetition.
func (c *conn) begunAnew(p *capture.Packet, dir int) bool {
	if !p.Flags.Has(capture.SYN) || p.Flags.Has(capture.ACK) {
		return false
	}
	s := &c.streams[dir]
	return s.syn && p.Seq != s.isn || !s.syn && s.known
}

func (x *Extractor) begin(k key) *conn {
	var c *conn
	if n := len(x.free); n > 0 {
		c, x.free = x.free[n-1], x.free[:n-1]
	} else {
		c = new(conn)
	}
	x.number++
	*c = conn{key: k, client: -1, number: x.number, rows: c.rows}
	x.conns[k] = c
	return c
}

// expire ends the connections that were silent for too long.
func (x *Extractor) expire(now int64) {
	for c := x.open.first; c != nil && now-c.last > int64(x.options.Idle); c = x.open.first {
		x.end(c)
	}
	for c := x.closing.first; c != nil && now-c.last > int64(linger); c = x.closing.first {
		x.end(c)
	}
}

// evict ends the connection that was silent longest, a closed one if there is any.
func (x *Extractor) evict() {
	c := x.closing.first
	if c == nil {
		c = x.open.first
		if c.session.Records > 0 {
			x.report.Evicted++
		}
	}
	x.end(c)
}

func (x *Extractor) listOf(c *conn) *list {
	if c.closed() {
		return &x.closing
	}
	return &x.open
}

// end removes a connection, and emits its session if it is one.
func (x *Extractor) end(c *conn) {
	x.listOf(c).remove(c)
	delete(x.conns, c.key)
	c.ended()
	switch {
	case c.session.Records > 0 && !c.foreign:
		s := c.finish()
		x.report.Sessions++
		x.report.Rows += int64(s.Rows())
		x.report.Beyond += int64(s.Packets - s.Rows())
		x.report.Gaps += int64(s.Gaps)
		if !s.Hello {
			x.report.NoBeginning++
		}
		if s.Before != "" {
			x.report.Upgraded++
		}
		if x.err == nil {
			x.err = x.emit(s)
		}
	case c.foreign, c.before != nil, c.streams[0].records.have > 0, c.streams[1].records.have > 0:
		x.report.Other++
	default:
		x.report.Silent++
	}
	const mostKept = 1 << 14 // cells
	if cap(c.rows.cells) <= mostKept && len(x.free) < 1024 {
		c.rows.reset()
		x.free = append(x.free, c)
	}
}

// Flush ends all connections, in the order of their beginnings.
func (x *Extractor) Flush() error {
	all := make([]*conn, 0, len(x.conns))
	for _, c := range x.conns {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *conn) int { return int(a.number - b.number) })
	for _, c := range all {
		x.end(c)
	}
	return x.err
}

// A list holds connections, the one with the oldest last packet first.
type list struct{ first, last *conn }

func (l *list) add(c *conn) {
	c.older, c.newer = l.last, nil
	if l.last != nil {
		l.last.newer = c
	} else {
		l.first = c
	}
	l.last = c
}

// remove removes a connection, if it is in the list.
func (l *list) remove(c *conn) {
	switch {
	case c.older != nil:
		c.older.newer = c.newer
	case l.first == c:
		l.first = c.newer
	default:
		return
	}
	if c.newer != nil {
		c.newer.older = c.older
	} else {
		l.last = c.older
	}
	c.older, c.newer = nil, nil
}
