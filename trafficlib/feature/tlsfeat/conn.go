package tlsfeat

import (
	"net/netip"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// A key is a connection: its two ends, the lower one first.
type key struct {
	a, b         [16]byte
	aPort, bPort uint16
}

// keyOf returns the connection of a packet, and whether the packet comes from the second end.
func keyOf(p *capture.Packet) (k key, back bool) {
	src, dst := p.Src.As16(), p.Dst.As16()
	switch c := p.Src.Compare(p.Dst); {
	case c > 0, c == 0 && p.SrcPort > p.DstPort:
		return key{dst, src, p.DstPort, p.SrcPort}, true
	}
	return key{src, dst, p.SrcPort, p.DstPort}, false
}

// A conn is a connection, in a list of connections in the order of their last packets.
type conn struct {
	key     key
	session Session
	rows    rows
	streams [2]stream  // from the first end, and from the second
	dir     int        // of the packet that is read
	at      int        // its row, or noRow
	client  int        // which of them is the client's; -1: not known
	sure    bool       // since it opened the connection
	full    bool       // the limit of packets is reached
	foreign bool       // no TLS: nothing is kept
	before  *plaintext // what is sent before TLS begins; nil if the connection begins with TLS
	now     int64      // time of the packet that is read
	reset   bool
	last    int64 // nanoseconds
	number  int64 // of the connection in the capture

	older, newer *conn
}

// closed reports whether only repetitions can still come.
func (c *conn) closed() bool { return c.reset || c.streams[0].fin && c.streams[1].fin }

// packet takes a packet of the connection.
func (c *conn) packet(p *capture.Packet, dir, limit int) {
	c.dir, c.now = dir, p.Nanos
	s := &c.streams[dir]
	if c.before != nil {
		c.rows.reset()
		c.session.Packets = 0
	}
	if c.session.Packets == 0 {
		c.session.Start = p.Nanos
	}
	if p.Flags.Has(capture.SYN) {
		s.opened(p.Seq)
		s.scale, s.scaled = p.WindowScale()
		if !c.sure { // who opens is the client, and who answers is not
			c.client, c.sure = dir, true
			if p.Flags.Has(capture.ACK) {
				c.client = 1 - dir
			}
		}
	}
	if !c.foreign {
		c.row(p, s, limit)
	}
	c.session.Packets++
	c.last, c.session.End = p.Nanos, max(c.session.End, p.Nanos)
	if !c.foreign {
		if p.Flags.Has(capture.ACK) {
			c.streams[1-dir].acknowledged(p.Ack)
		}
		if p.Payload > 0 && !p.Flags.Has(capture.SYN) {
			s.records.old = s.records.old || c.streams[1-dir].records.old
			s.segment(c, p.Seq, p.Body, p.Payload, c.at)
			if c.before != nil { // what the other side says is not TLS either
				c.streams[0].records.foreign, c.streams[1].records.foreign = true, true
			}
		}
	}
	if !c.full && !c.foreign && !c.hasProtocol() {
		c.rows.set(Protocol)
	}
	if p.Flags.Has(capture.FIN) && !s.fin {
		s.fin, s.end = true, p.Seq+uint32(p.Payload)
	}
	c.reset = c.reset || p.Flags.Has(capture.RST)
}

// row begins the row of a packet with the features of its TCP header.
func (c *conn) row(p *capture.Packet, s *stream, limit int) {
	if c.full = c.session.Packets >= limit; c.full {
		c.at = noRow
		return
	}
	c.at = c.session.Packets
	r := &c.rows
	r.begin(c.dir == 1)
	r.add(Length, float64(p.Length))
	if c.session.Packets > 0 {
		r.add(Interval, float64(p.Nanos-c.last)/1e6)
	}
	for i := range 9 { // NS is the highest bit and the first column
		if p.Flags&(1<<(8-i)) != 0 {
			r.add(Flags+i, 1)
		}
	}
	window := float64(p.Window)
	if !p.Flags.Has(capture.SYN) {
		window *= c.windowScale(s)
	}
	r.add(Window, window)
}

// windowScale returns the factor for the windows of a direction (RFC 7323 §2.2): the option counts
// if both sides sent it, as far as their SYNs were captured.
func (c *conn) windowScale(s *stream) float64 {
	for i := range c.streams {
		if o := &c.streams[i]; o.syn && !o.scaled {
			return 1
		}
	}
	if !s.syn {
		return 1
	}
	return float64(uint32(1) << s.scale)
}

// isTLS reports whether the row has a column of Protocol other than TCP's.
func (c *conn) isTLS() bool {
	for _, cell := range c.rows.row() {
		if cell.at > Protocol && cell.at < Length {
			return true
		}
	}
	return false
}

// hasProtocol reports whether the row has one of the columns of Protocol.
func (c *conn) hasProtocol() bool {
	for _, cell := range c.rows.row() {
		if cell.at >= Protocol && cell.at < Length {
			return true
		}
	}
	return false
}

// turn implements sink.
func (c *conn) turn(row int) {
	if row == thisPacket {
		row = c.at
	}
	if c.full = row == noRow; !c.full {
		c.rows.turn(row)
	}
}

// ended reads the segments that wait behind gaps.
func (c *conn) ended() {
	if c.foreign {
		return
	}
	for dir := range c.streams {
		c.dir = dir
		c.streams[dir].finish(c)
	}
}

// record takes the end of a record.
func (c *conn) record(kind uint8, version uint16, length int) {
	c.session.Records++
	if c.full {
		return
	}
	if !c.isTLS() {
		at := Protocol + 5 // TLS 1.2, which is what TLS 1.3 calls itself
		switch {
		case version>>8 == 2:
			at = Protocol + 1
		case version < 0x0304:
			at = Protocol + 2 + int(version&0xff)
		}
		c.rows.protocol(at)
	}
	switch kind {
	case changeCipherSpec:
		c.rows.add(ChangeCipher, float64(length))
	case applicationData:
		c.rows.add(AppData, float64(length))
	}
}

// sealed takes a handshake message that cannot be read.
func (c *conn) sealed(length int) {
	if !c.full {
		c.rows.add(Encrypted, float64(length))
	}
}

// hello notes that the packet has a ClientHello.
func (c *conn) hello() {
	c.session.Hello = true
	if !c.sure {
		c.client, c.sure = c.dir, true
	}
}

// finish returns the session of the connection.
func (c *conn) finish() *Session {
	s := &c.session
	a := netip.AddrPortFrom(netip.AddrFrom16(c.key.a).Unmap(), c.key.aPort)
	b := netip.AddrPortFrom(netip.AddrFrom16(c.key.b).Unmap(), c.key.bPort)
	if c.client < 0 { // a capture that began in the middle: servers have the lower ports
		c.client = 0
		if a.Port() < b.Port() {
			c.client = 1
		}
	}
	s.Client, s.Server = a, b
	if c.client == 1 {
		s.Client, s.Server = b, a
	}
	s.Gaps = c.streams[0].gaps + c.streams[1].gaps
	s.rows, s.client = &c.rows, c.client
	return s
}

// A Session is a TLS connection and the rows of its packets.
type Session struct {
	Client, Server netip.AddrPort
	ServerName     string // that the client requested, "" for none
	Version        uint16 // that the server chose, 0x0303 for TLS 1.2; 0 if it was not seen
	Suite          uint16 // cipher suite that the server chose
	Start, End     int64  // of its packets, nanoseconds since 1970
	Packets        int    // of the connection, including those beyond the limit
	Records        int    // TLS records that were found
	Hello          bool   // there was a ClientHello
	// Before is the plaintext protocol before TLS, which has no rows: "SMTP", "HTTP CONNECT",
	// "other"; "" for none.
	Before string
	Gaps   int // how often the capture missed bytes

	rows   *rows
	client int
}

// Rows returns the number of packets that have a row.
func (s *Session) Rows() int { return len(s.rows.ends) }

// AppendRow appends the features of packet i to dst.
func (s *Session) AppendRow(dst []float64, i int) []float64 {
	at := len(dst)
	dst = append(dst, zeros[:]...)
	row := dst[at:]
	for _, c := range s.cells(i) {
		row[c.at] = c.value
	}
	if s.come(i) {
		row[Come] = 1
	}
	return dst
}

var zeros [Width]float64

func (s *Session) cells(i int) []cell {
	from := int32(0)
	if i > 0 {
		from = s.rows.ends[i-1]
	}
	return s.rows.cells[from:s.rows.ends[i]]
}

// come reports whether packet i goes to the client.
func (s *Session) come(i int) bool { return s.rows.back[i] != (s.client == 1) }

// Duration returns the time from the first to the last packet.
func (s *Session) Duration() time.Duration { return time.Duration(s.End - s.Start) }
