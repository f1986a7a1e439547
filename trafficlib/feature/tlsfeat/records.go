package tlsfeat

// Types of records (RFC 8446 §B.1), and what stands for one of SSL 2.0.
const (
	changeCipherSpec = 20
	handshake        = 22
	applicationData  = 23
	heartbeat        = 24
	ssl2             = 0
)

const (
	headerLength = 5
	// mostRecord is the most that a record may hold: 2^14 bytes and 2048 of encryption (RFC 5246
	// §6.2.3). Some implementations of SSL 3.0 exceed it, so that a little more is believed.
	mostRecord = 1<<14 + 2048 + 1024
	// mostMessage is the longest handshake message that is assembled from records.
	mostMessage = 1 << 17
)

// thisPacket is the row of the current packet, and noRow that of one beyond the limit.
const (
	thisPacket = -1
	noRow      = -2
)

// A sink receives what is found in a direction of a connection.
type sink interface {
	// turn sets the packet in whose row the following finds belong
	turn(row int)
	record(kind uint8, version uint16, length int)
	// sealed is a handshake message that cannot be read
	sealed(length int)
	message(kind uint8, body []byte)
	hello2(body []byte) // a ClientHello in the form of SSL 2.0, from its type on
	// plain takes bytes of a direction that does not begin with TLS
	plain(data []byte, begins bool)
}

// records splits the bytes of one direction into records, and those of the handshake into messages.
type records struct {
	head    [headerLength]byte
	have    int // of head
	kind    uint8
	version uint16
	length  int
	left    int    // bytes of the record still to come
	inside  bool   // between header and end of a record
	body    []byte // the bytes so far, of a record that is read
	broken  bool   // a part of it is missing

	found   bool // a record was found, so that this is TLS
	first   bool // the record is the first
	old     bool // one of the directions began with SSL 2.0
	middle  bool // the capture began in the middle of the connection
	tried   int  // segments of one that did not begin with a record
	cipher  bool // ChangeCipherSpec was seen
	lost    bool // the next record is not known to begin here
	foreign bool // the first bytes are not TLS; plaintext follows

	pending []byte // the beginning of a handshake message
}

// recordHeader reads a header, and reports whether it can be one.
func recordHeader(b []byte) (kind uint8, version uint16, length int, ok bool) {
	kind, version, length = b[0], uint16(b[1])<<8|uint16(b[2]), int(b[3])<<8|int(b[4])
	return kind, version, length, kind >= changeCipherSpec && kind <= heartbeat && version>>8 == 3 && version&0xff <= 4 &&
		length <= mostRecord
}

// oldHeader does the same for SSL 2.0: two bytes of length with the highest bit set, or three of
// which the last is padding. rest is how many of the five bytes belong to the body.
func (r *records) oldHeader(b []byte) (length, rest int, ok bool) {
	if b[0]&0x80 != 0 {
		length = int(b[0]&0x7f)<<8 | int(b[1])
		if !r.old { // a ClientHello: its type, and the version
			return length, 3, !r.found && b[2] == clientHello &&
				(b[3] == 3 && b[4] <= 4 || b[3] == 0 && b[4] == 2) && length >= 9
		}
		return length, 3, length >= 3
	}
	length = int(b[0]&0x3f)<<8 | int(b[1])
	return length, 2, r.old && length >= 2
}

// feed takes the next bytes. begins reports whether they begin a segment, where reading may resume
// after a gap.
func (r *records) feed(to sink, data []byte, begins bool) {
	if r.foreign {
		to.plain(data, begins)
		return
	}
	if r.lost && !r.again(data, begins) {
		if r.foreign {
			to.plain(data, begins)
		}
		return
	}
	for len(data) > 0 {
		if r.inside {
			data = r.more(to, data)
			continue
		}
		n := copy(r.head[r.have:], data)
		r.have += n
		data = data[n:]
		if r.have < headerLength {
			return
		}
		r.have = 0
		if !r.open(to) {
			if r.foreign {
				to.plain(append(r.head[:], data...), begins)
			}
			return
		}
	}
}

// mostTries is how many segments are tried in a connection whose beginning is missing.
const mostTries = 20

// again reports whether reading can resume here, after it was lost.
func (r *records) again(data []byte, begins bool) bool {
	if begins && len(data) >= headerLength {
		if _, _, _, ok := recordHeader(data); ok {
			r.lost = false
			return true
		}
	}
	if r.tried++; !r.found && r.tried > mostTries {
		r.foreign = true
	}
	return false
}

// open begins the record whose header is in head.
func (r *records) open(to sink) bool {
	var ok bool
	if r.kind, r.version, r.length, ok = recordHeader(r.head[:]); ok {
		r.left = r.length
	} else if length, rest, ok := r.oldHeader(r.head[:]); ok {
		r.kind, r.version, r.length = ssl2, 0x0200, length
		r.old = true
		r.body = append(r.body[:0], r.head[headerLength-rest:]...)
		r.left = length - rest
	} else {
		r.lost, r.foreign = true, !r.found && !r.middle
		return false
	}
	r.first = !r.found
	r.found, r.inside = true, true
	if r.left == 0 {
		r.end(to, nil)
	}
	return true
}

// collects reports whether the body of the record is read.
func (r *records) collects() bool { return r.kind == handshake || r.kind == ssl2 }

// more takes bytes of the body, and returns those after it.
func (r *records) more(to sink, data []byte) []byte {
	n := min(r.left, len(data))
	part, rest := data[:n], data[n:]
	r.left -= n
	switch {
	case r.left > 0 || len(r.body) > 0:
		if r.collects() && !r.broken {
			r.body = append(r.body, part...)
		}
		if r.left == 0 {
			r.end(to, r.body)
		}
	default:
		r.end(to, part)
	}
	return rest
}

// gap skips bytes that the capture does not have.
func (r *records) gap(to sink, n int) {
	switch {
	case n <= 0 || r.foreign || r.lost:
	case r.inside && n < r.left:
		r.left -= n
		r.broken = true
	case r.inside && n == r.left:
		r.left, r.broken = 0, true
		r.end(to, nil)
	default:
		if r.inside && n > r.left { // it ended somewhere in the gap, and belongs to no packet
			r.inside, r.broken, r.body = false, false, r.body[:0]
		}
		r.have, r.lost, r.pending = 0, true, r.pending[:0]
	}
}

// end takes a complete record. Its body is not kept.
func (r *records) end(to sink, body []byte) {
	r.inside, r.body = false, r.body[:0]
	broken := r.broken
	r.broken = false
	to.record(r.kind, r.version, r.length)
	switch r.kind {
	case changeCipherSpec:
		r.cipher, r.pending = true, r.pending[:0]
	case ssl2:
		if !broken && r.first && len(body) > 0 && body[0] == clientHello {
			to.hello2(body)
		}
	case handshake:
		switch {
		case broken:
			r.pending = r.pending[:0]
		case len(r.pending) == 0 && r.encrypted(body):
			to.sealed(r.length)
		default:
			r.messages(to, body)
		}
	}
}

// encrypted reports whether a handshake record is encrypted: one after ChangeCipherSpec, unless it
// is nothing but a hello, which follows a ChangeCipherSpec that TLS 1.3 sends for appearance (RFC
// 8446 §D.4); and one that begins as no message does, since a capture may begin in the middle.
func (r *records) encrypted(body []byte) bool {
	if len(body) < 4 {
		return r.cipher
	}
	length := int(body[1])<<16 | int(body[2])<<8 | int(body[3])
	if r.cipher {
		hello := (body[0] == clientHello || body[0] == serverHello) && length == len(body)-4 && length >= 2 && body[4] == 3
		return !hello
	}
	return !knownMessage(body[0]) || length > mostMessage
}

// messages takes the bytes of handshake messages in the clear.
func (r *records) messages(to sink, body []byte) {
	if len(r.pending) > 0 {
		r.pending = append(r.pending, body...)
		body = r.pending
	}
	for len(body) >= 4 {
		n := 4 + int(body[1])<<16 + int(body[2])<<8 + int(body[3])
		if n > mostMessage || !knownMessage(body[0]) {
			r.pending = r.pending[:0]
			return
		}
		if len(body) < n {
			break
		}
		to.message(body[0], body[4:n])
		body = body[n:]
	}
	r.pending = append(r.pending[:0], body...) // copies forward within itself
}
