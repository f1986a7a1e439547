package tlsfeat

import "bytes"

// How much of a connection that does not begin with TLS is searched, in each direction.
const (
	mostPlain = 1 << 16 // bytes, after which it is not TLS
	mostHead  = 64      // bytes that are kept to name the protocol
)

// A plaintext is what a connection sends before TLS begins in it: a protocol that switches to TLS
// by a command (STARTTLS), or a proxy that opens the way to a server.
type plaintext struct {
	head [2][]byte // the beginning of each direction
	tail [2][]byte // its last bytes, less than helloPrefix, which may begin a ClientHello
	seen [2]int
}

// plain takes bytes that are not TLS, of the direction that is read; begins reports whether they
// begin a segment.
func (c *conn) plain(data []byte, begins bool) {
	d := c.dir
	if c.foreign || c.streams[1-d].records.found {
		return
	}
	if c.before == nil {
		other := &c.streams[1-d].records
		begun := bytes.Clone(other.head[:other.have])
		c.before = &plaintext{}
		c.before.head[1-d], c.before.tail[1-d] = begun, bytes.Clone(begun)
		c.forget()
	}
	p := c.before
	if room := mostHead - len(p.head[d]); room > 0 {
		p.head[d] = append(p.head[d], data[:min(room, len(data))]...)
	}
	if begins && serverHelloBegins(data) {
		c.upgrade(data)
		return
	}
	tail := append(p.tail[d], data[:min(len(data), helloPrefix-1)]...)
	if at := findClientHello(tail); at >= 0 && at < len(p.tail[d]) {
		c.upgrade(append(bytes.Clone(p.tail[d][at:]), data...))
		return
	}
	if at := findClientHello(data); at >= 0 {
		c.upgrade(data[at:])
		return
	}
	if len(data) >= helloPrefix {
		tail = data
	}
	p.tail[d] = append(p.tail[d][:0], tail[max(0, len(tail)-helloPrefix+1):]...)
	if p.seen[d] += len(data); p.seen[d] > mostPlain {
		c.giveUp()
	}
}

// giveUp marks a connection as not TLS.
func (c *conn) giveUp() {
	c.foreign, c.before = true, nil
	c.rows.reset()
	c.streams[0].held, c.streams[1].held = nil, nil
}

// forget drops the rows before TLS, except that of the current packet, which may be its first.
func (c *conn) forget() {
	n := len(c.rows.ends)
	if n < 2 {
		return
	}
	cells, back := c.rows.cells[c.rows.ends[n-2]:], c.rows.back[n-1]
	c.rows.cells = append(c.rows.cells[:0], cells...)
	c.rows.ends, c.rows.back = append(c.rows.ends[:0], int32(len(cells))), append(c.rows.back[:0], back)
	c.rows.at, c.at, c.full = 0, 0, false
	c.session.Packets, c.session.Start = 0, c.now
	for i := range c.streams {
		for k := range c.streams[i].held {
			c.streams[i].held[k].row = 0
		}
	}
}

// upgrade begins the session with a record, whose bytes these are.
func (c *conn) upgrade(data []byte) {
	c.session.Before = c.before.protocol()
	c.before = nil
	c.streams[c.dir].records = records{}
	c.streams[1-c.dir].records = records{middle: true}
	c.streams[c.dir].records.feed(c, data, true)
}

// helloPrefix is the number of bytes that identify a ClientHello: the headers of record and
// message, and the version.
const helloPrefix = 10

// helloAt reports whether bytes begin with a record that begins with a message of a kind that is a
// hello.
func helloAt(b []byte, kind byte) (record, message int, ok bool) {
	if len(b) < helloPrefix || b[0] != handshake || b[1] != 3 || b[2] > 4 || b[5] != kind || b[9] != 3 {
		return 0, 0, false
	}
	const least = 38 // version, random, and the lengths of what may be empty
	record = int(b[3])<<8 | int(b[4])
	message = 4 + (int(b[6])<<16 | int(b[7])<<8 | int(b[8]))
	return record, message, record <= mostRecord && record >= 4 && message >= 4+least && message <= mostMessage
}

// findClientHello returns where a ClientHello begins, or -1. Its message ends with the record or
// goes on in the next.
func findClientHello(b []byte) int {
	for i := 0; ; i++ {
		k := bytes.IndexByte(b[i:], handshake)
		if k < 0 {
			return -1
		}
		i += k
		if record, message, ok := helloAt(b[i:], clientHello); ok && message >= record {
			return i
		}
	}
}

// serverHelloBegins reports whether a segment begins with a ServerHello, as if only the server's
// side was captured.
func serverHelloBegins(b []byte) bool {
	_, _, ok := helloAt(b, serverHello)
	return ok
}

// How one of the directions of a protocol begins.
var (
	sslRequest = []byte{0, 0, 0, 8, 4, 210, 22, 47} // PostgreSQL: length and code
	proxyV2    = []byte("\r\n\r\n\x00\r\nQUIT\n")
	ldapOID    = []byte("1.3.6.1.4.1.1466.20037") // RFC 4511 §4.14
)

// protocol returns the name of the protocol, "other" if it is not known.
func (p *plaintext) protocol() string {
	for d := range p.head {
		mine, theirs := p.head[d], p.head[1-d]
		begins := func(s string) bool { return bytes.HasPrefix(mine, []byte(s)) }
		switch {
		case begins("CONNECT "):
			return "HTTP CONNECT"
		case begins("PROXY "), bytes.HasPrefix(mine, proxyV2):
			return "PROXY"
		case bytes.HasPrefix(mine, sslRequest):
			return "PostgreSQL"
		case begins("+OK"):
			return "POP3"
		case begins("* OK"), begins("* PREAUTH"):
			return "IMAP"
		case begins("220"):
			if command := bytes.ToUpper(theirs); len(command) > 0 && !bytes.HasPrefix(command, []byte("EHLO")) &&
				!bytes.HasPrefix(command, []byte("HELO")) && !bytes.HasPrefix(command, []byte("LHLO")) {
				return "FTP"
			}
			return "SMTP"
		case begins("EHLO"), begins("HELO"), begins("LHLO"):
			return "SMTP"
		case begins("AUTH "):
			return "FTP"
		case begins("200 "), begins("201 "):
			return "NNTP"
		case begins("<?xml"), begins("<stream"):
			return "XMPP"
		case len(mine) > 2 && mine[0] == 0x30 && bytes.Contains(mine, ldapOID):
			return "LDAP"
		case len(mine) > 4 && mine[3] == 0 && (mine[4] == 9 || mine[4] == 10) && (len(theirs) < 4 || theirs[3] == 1):
			return "MySQL" // a greeting: its length, number 0, version of the protocol
		case len(mine) > 2 && mine[0] == 5 && int(mine[1]) == len(mine)-2 ||
			len(mine) > 2 && mine[0] == 5 && len(theirs) > 1 && theirs[0] == 5:
			return "SOCKS5"
		case len(mine) > 8 && mine[0] == 4 && (mine[1] == 1 || mine[1] == 2) && len(theirs) > 1 && theirs[0] == 0:
			return "SOCKS4"
		case len(mine) > 5 && mine[0] == 3 && mine[1] == 0 && mine[5] == 0xe0: // TPKT and a connection request (X.224)
			return "RDP"
		}
	}
	return "other"
}
