package tlsfeat

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// wire builds the packets of connections.
type wire struct {
	packets []capture.Packet
	nanos   int64
}

// host is an end of a connection.
type host struct {
	at   netip.AddrPort
	next uint32
}

var (
	clientAt = netip.MustParseAddrPort("10.0.0.9:50000")
	serverAt = netip.MustParseAddrPort("192.0.2.1:443")
)

// send adds a packet, a millisecond after the previous one.
func (w *wire) send(from, to *host, flags capture.Flags, body []byte) {
	w.nanos += 1e6
	w.packets = append(w.packets, capture.Packet{
		Nanos: w.nanos, Length: 54 + len(body), IPVersion: 4, Src: from.at.Addr(), Dst: to.at.Addr(),
		Protocol: capture.TCP, SrcPort: from.at.Port(), DstPort: to.at.Port(), Flags: flags,
		Seq: from.next, Ack: to.next, Window: 100, Header: 20, Payload: len(body), Body: body,
	})
	from.next += uint32(len(body))
	if flags.Has(capture.SYN | capture.FIN) {
		from.next++
	}
}

// open adds a TCP handshake between new hosts.
func (w *wire) open(client, server netip.AddrPort, isn uint32) (c, s *host) {
	c, s = &host{client, isn}, &host{server, isn + 7_000_000}
	w.send(c, s, capture.SYN, nil)
	w.send(s, c, capture.SYN|capture.ACK, nil)
	w.send(c, s, capture.ACK, nil)
	return c, s
}

// cut sends bytes in segments of n.
func (w *wire) cut(from, to *host, n int, body []byte) {
	for len(body) > 0 {
		k := min(n, len(body))
		w.send(from, to, capture.ACK|capture.PSH, body[:k])
		body = body[k:]
	}
}

func rec(kind byte, body ...byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{kind, 3, 3}, uint16(len(body))), body...)
}

func msg(kind byte, body ...byte) []byte {
	n := len(body)
	return append([]byte{kind, byte(n >> 16), byte(n >> 8), byte(n)}, body...)
}

func part(n int, body ...byte) []byte {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(body)))
	return append(bytes.Clone(length[8-n:]), body...)
}

func cat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// helloBody returns a ClientHello with two suites, one of which is not in the layout.
func helloBody() []byte {
	extensions := cat([]byte{0, 0}, part(2, part(2, cat([]byte{0}, part(2, []byte("a.example")...))...)...),
		[]byte{0, 10}, part(2, part(2, 0, 23, 0x7a, 0x7a)...), []byte{0, 13}, part(2, part(2, 4, 1)...))
	return cat([]byte{3, 3}, make([]byte, 32), part(1, 1, 2, 3), part(2, 0xc0, 0x2f, 0x0a, 0x0a), part(1, 0, 1),
		part(2, extensions...))
}

// flight returns the server's first messages: hello, certificates and done, in one record that
// needs several segments.
func flight() []byte {
	cert := func(n int, oid ...byte) []byte {
		id := cat([]byte{0x30, byte(len(oid) + 4), 6, byte(len(oid))}, oid, []byte{5, 0})
		return cat([]byte{0x30, 0x82}, part(2, cat([]byte{0x30, 0x82}, part(2, make([]byte, n)...), id, []byte{3, 1, 0})...))
	}
	hello := cat([]byte{3, 3}, make([]byte, 32), part(1), []byte{0xc0, 0x2f, 0}, part(2, 0xff, 1, 0, 1, 0))
	chain := part(3,
		cat(part(3, cert(1000, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11)...), part(3, cert(500, 1, 2, 3)...))...)
	return rec(handshake, cat(msg(serverHello, hello...), msg(certificate, chain...), msg(14))...)
}

// session puts a whole session on the wire, in segments of n bytes.
func (w *wire) session(client, server netip.AddrPort, isn uint32, n int) {
	c, s := w.open(client, server, isn)
	w.cut(c, s, n, rec(handshake, msg(clientHello, helloBody()...)...))
	w.cut(s, c, n, flight())
	w.cut(c, s, n,
		cat(rec(handshake, msg(clientKeyExchange, part(1, make([]byte, 65)...)...)...), rec(changeCipherSpec, 1),
			rec(handshake, make([]byte, 40)...)))
	w.cut(s, c, n, cat(rec(changeCipherSpec, 1), rec(handshake, bytes.Repeat([]byte{1}, 40)...)))
	w.cut(c, s, n, rec(applicationData, make([]byte, 300)...))
	w.cut(s, c, n, cat(rec(applicationData, make([]byte, 2000)...), rec(applicationData, make([]byte, 30)...)))
	w.send(c, s, capture.FIN|capture.ACK, nil)
	w.send(s, c, capture.FIN|capture.ACK, nil)
	w.send(c, s, capture.ACK, nil)
}

// kept is a copy of a session for a test.
type kept struct {
	Session
	rows [][]float64
}

// sum returns the sum of a feature over the packets.
func (k kept) sum(at int) (v float64) {
	for _, r := range k.rows {
		v += r[at]
	}
	return v
}

// extract returns the sessions of packets.
func extract(t testing.TB, o Options, packets []capture.Packet) ([]kept, Report) {
	t.Helper()
	var all []kept
	x, err := NewExtractor(o, func(s *Session) error {
		k := kept{Session: *s}
		for i := range s.Rows() {
			k.rows = append(k.rows, s.AppendRow(nil, i))
		}
		all = append(all, k)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range packets {
		if err := x.Add(&packets[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Flush(); err != nil {
		t.Fatal(err)
	}
	return all, x.Report()
}
