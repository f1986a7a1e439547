package tlsfeat

import "bytes"

// Types of handshake messages (RFC 8446 §B.3, and the registry of IANA).
const (
	clientHello       = 1
	serverHello       = 2
	certificate       = 11
	clientKeyExchange = 16
)

func knownMessage(kind byte) bool {
	switch {
	case kind <= 6, kind == 8, kind >= 11 && kind <= 17, kind >= 20 && kind <= 25, kind == 67, kind == 203, kind == 254:
		return true
	}
	return false
}

// Extensions.
const (
	extServerName = 0
	extGroups     = 10
	extSigAlgs    = 13
	extVersions   = 43
	extRenegInfo  = 0xff01
)

// fields reads fields one after another. After a missing one all are empty, and bad is set.
type fields struct {
	b   []byte
	bad bool
}

// take returns the next n bytes.
func (f *fields) take(n int) []byte {
	if n > len(f.b) {
		f.b, f.bad = nil, true
		return nil
	}
	b := f.b[:n]
	f.b = f.b[n:]
	return b
}

// number returns a number of n bytes.
func (f *fields) number(n int) (v int) {
	for _, b := range f.take(n) {
		v = v<<8 | int(b)
	}
	return v
}

// part returns the bytes after a length of n bytes.
func (f *fields) part(n int) fields { return fields{b: f.take(f.number(n))} }

// eachExtension returns the extensions that end a message.
func eachExtension(f fields, each func(kind int, body []byte)) {
	for list := f.part(2); len(list.b) > 0 && !list.bad; {
		kind := list.number(2)
		if body := list.part(2); !list.bad {
			each(kind, body.b)
		}
	}
}

// message takes a handshake message.
func (c *conn) message(kind uint8, body []byte) {
	if c.full {
		return
	}
	switch kind {
	case clientHello:
		c.clientHello(body)
	case serverHello:
		c.serverHello(body)
	case certificate:
		c.certificates(body)
	case clientKeyExchange:
		c.rows.add(KeyExchange, float64(len(body)))
		c.rows.add(PubKey, float64(publicKey(body)))
	}
}

// clientHello reads RFC 5246 §7.4.1.2.
func (c *conn) clientHello(body []byte) {
	c.hello()
	r := &c.rows
	r.add(HelloLength, float64(len(body)))
	f := fields{b: body}
	f.take(2 + 32) // version, random
	f.part(1)      // session
	list := f.part(2)
	r.add(SuitesLength, float64(len(list.b)))
	for len(list.b) >= 2 {
		r.set(Column(Suites, list.number(2)))
	}
	for _, method := range f.part(1).b {
		r.set(Compression + min(int(method), 1))
	}
	eachExtension(f, func(kind int, body []byte) {
		e := fields{b: body}
		switch kind {
		case extServerName:
			for names := e.part(2); len(names.b) > 0 && !names.bad; {
				const hostName = 0
				kind := names.number(1)
				if name := names.part(2); kind == hostName && !names.bad && c.session.ServerName == "" {
					c.session.ServerName = string(name.b)
				}
			}
		case extGroups:
			r.add(GroupsLength, float64(len(body)))
			for list := e.part(2); len(list.b) >= 2; {
				r.set(Column(Groups, list.number(2)))
			}
		case extSigAlgs:
			for list := e.part(2); len(list.b) >= 2; {
				r.set(Column(SigAlgs, list.number(2)))
			}
		}
	})
}

// hello2 reads a ClientHello in the form of SSL 2.0 (RFC 5246 §E.2): its suites have three bytes,
// those that SSL 3.0 and TLS know with a zero in front.
func (c *conn) hello2(body []byte) {
	if c.full {
		return
	}
	c.hello()
	r := &c.rows
	r.add(HelloLength, float64(len(body)))
	f := fields{b: body}
	f.take(1 + 2) // type, version
	length := f.number(2)
	f.take(2 + 2) // lengths of session and challenge
	r.add(SuitesLength, float64(length))
	for list := (fields{b: f.take(length)}); len(list.b) >= 3; {
		r.set(Column(Suites, list.number(3)))
	}
}

// serverHello reads RFC 5246 §7.4.1.3, and RFC 8446 §4.2.1 for the version.
func (c *conn) serverHello(body []byte) {
	c.rows.add(ServerHello, float64(len(body)))
	f := fields{b: body}
	version := f.number(2)
	f.take(32)
	f.part(1)
	suite := f.number(2)
	f.take(1) // compression
	if f.bad {
		return
	}
	c.session.Version, c.session.Suite = uint16(version), uint16(suite)
	eachExtension(f, func(kind int, body []byte) {
		switch {
		case kind == extRenegInfo:
			c.rows.add(RenegInfo, float64(len(body)))
		case kind == extVersions && len(body) == 2:
			c.session.Version = uint16(body[0])<<8 | uint16(body[1])
		}
	})
}

// publicKey returns the length of the key in a ClientKeyExchange, whose form depends on the suite:
// a point with one byte of length for ECDHE, an encrypted secret or a number with two for RSA and
// DHE. No message has both forms, so that the suite need not be known. If it has neither, as with
// RSA in SSL 3.0, it is the length of the message.
func publicKey(body []byte) int {
	n := len(body)
	switch {
	case n >= 1 && int(body[0]) == n-1:
		return n - 1
	case n >= 2 && int(body[0])<<8|int(body[1]) == n-2:
		return n - 2
	}
	return n
}

// certificates reads RFC 5246 §7.4.2.
func (c *conn) certificates(body []byte) {
	r := &c.rows
	f := fields{b: body}
	count, sum, most, least := 0, 0, 0, 0
	for list := f.part(3); len(list.b) > 0; {
		cert := list.part(3)
		if list.bad {
			break
		}
		n := len(cert.b)
		if count == 0 {
			least = n
		}
		count, sum, most, least = count+1, sum+n, max(most, n), min(least, n)
		if oid := signatureOf(cert.b); oid != nil {
			r.set(CertSigs + signatureColumn(oid))
		}
	}
	if count == 0 || r.has(Certs) {
		return
	}
	r.add(Certs, float64(count))
	r.add(Certs+1, float64(sum)/float64(count))
	r.add(Certs+2, float64(most))
	r.add(Certs+3, float64(least))
}

// certSigOIDs are those of the layout's signature algorithms, in DER.
var certSigOIDs = [][]byte{
	{0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3},
	{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13},
	{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12},
	{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5},
	{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11},
	{0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2},
}

func signatureColumn(oid []byte) int {
	for i, known := range certSigOIDs {
		if bytes.Equal(oid, known) {
			return i
		}
	}
	return len(certSigOIDs)
}

// signatureOf returns the object identifier of the algorithm that a certificate is signed with (RFC
// 5280 §4.1), nil if it is not a certificate:
//
//	Certificate ::= SEQUENCE { tbsCertificate SEQUENCE,
//	    signatureAlgorithm SEQUENCE { algorithm OBJECT IDENTIFIER, … }, … }
func signatureOf(cert []byte) []byte {
	const sequence, oid = 0x30, 0x06
	f := fields{b: cert}
	outer := f.der(sequence)
	outer.der(sequence)
	algorithm := outer.der(sequence)
	id := algorithm.der(oid)
	if f.bad || outer.bad || algorithm.bad || id.bad {
		return nil
	}
	return id.b
}

// der returns the contents of the next element, which must have the tag.
func (f *fields) der(tag int) fields {
	if f.number(1) != tag {
		f.b, f.bad = nil, true
		return fields{bad: true}
	}
	n := f.number(1)
	if n >= 0x80 {
		if n > 0x84 {
			f.b, f.bad = nil, true
		}
		n = f.number(n & 0x7f)
	}
	b := f.take(n)
	return fields{b: b, bad: f.bad}
}
