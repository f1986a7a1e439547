package tlsfeat

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// said is what one side sends before TLS.
type said struct {
	client bool
	text   string
}

// TLS after plaintext is a session that begins with its first record, whatever the segments are.
func TestPlaintext(t *testing.T) {
	const c, s = true, false
	for _, p := range []struct {
		want string
		says []said
	}{
		{"SMTP", []said{{s, "220 mail ESMTP\r\n"}, {c, "EHLO me\r\n"}, {s, "250-mail\r\n250 STARTTLS\r\n"},
			{c, "STARTTLS\r\n"}, {s, "220 ready\r\n"}}},
		{"IMAP", []said{{s, "* OK IMAP4rev1\r\n"}, {c, "a STARTTLS\r\n"}, {s, "a OK\r\n"}}},
		{"POP3", []said{{s, "+OK POP3\r\n"}, {c, "STLS\r\n"}, {s, "+OK\r\n"}}},
		{"FTP", []said{{s, "220 FTP\r\n"}, {c, "AUTH TLS\r\n"}, {s, "234 go on\r\n"}}},
		{"LDAP", []said{{c, "0\x1d\x02\x01\x01w\x18\x80\x161.3.6.1.4.1.1466.20037"},
			{s, "0\x0c\x02\x01\x01x\x07\n\x01\x00\x04\x00\x04\x00"}}},
		{"XMPP", []said{{c, "<?xml version='1.0'?><stream:stream>"}, {s, "<stream:features/>"},
			{c, "<starttls/>"}, {s, "<proceed/>"}}},
		{"PostgreSQL", []said{{c, "\x00\x00\x00\x08\x04\xd2\x16\x2f"}, {s, "S"}}},
		{"MySQL", []said{{s, "J\x00\x00\x00\x0a8.0.36\x00" + "12345678"},
			{c, " \x00\x00\x01\x85\xae\x03\x00\x00\x00\x00\x01\x08" + "\x00\x00\x00\x00\x00\x00\x00\x00"}}},
		{"HTTP CONNECT", []said{{c, "CONNECT a.example:443 HTTP/1.1\r\n\r\n"}, {s, "HTTP/1.1 200 OK\r\n\r\n"}}},
		{"SOCKS5", []said{{c, "\x05\x01\x00"}, {s, "\x05\x00"},
			{c, "\x05\x01\x00\x01\x01\x02\x03\x04\x01\xbb"},
			{s, "\x05\x00\x00\x01\x01\x02\x03\x04\x01\xbb"}}},
		{"SOCKS4", []said{{c, "\x04\x01\x01\xbb\x01\x02\x03\x04\x00"}, {s, "\x00\x5a\x01\xbb\x01\x02\x03\x04"}}},
		{"PROXY", []said{{c, "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n"}}},
		{"NNTP", []said{{s, "200 news\r\n"}, {c, "STARTTLS\r\n"}, {s, "382 go on\r\n"}}},
		{"RDP", []said{{c, "\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00"},
			{s, "\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x02\x1f\x08\x00\x02\x00\x00\x00"}}},
		{"other", []said{{c, "any protocol will do"}, {s, "yes, it will"}}},
	} {
		for _, n := range []int{1, 3, 7, 100, 5000} {
			packets := afterPlaintext(p.says, n)
			all, report := extract(t, Options{Limit: 1 << 20}, packets)
			if len(all) != 1 || report.Upgraded != 1 || report.Gaps != 0 {
				t.Errorf("%s in segments of %d: %v, want 1 session after plaintext", p.want, n, report)
				continue
			}
			check(t, p.want, all[0])
			if all[0].Before != p.want || all[0].Records != 10 {
				t.Errorf("%s in segments of %d: %q went before, %d records, want 10", p.want, n, all[0].Before, all[0].Records)
			}
			first := all[0].rows[0]
			if n >= 100 && first[HelloLength] == 0 || first[Interval] != 0 {
				t.Errorf("%s in segments of %d: the session does not begin with its first record: %v", p.want, n, first)
			}
		}
	}
}

// afterPlaintext returns the packets of a session after a plaintext exchange, in segments of n
// bytes.
func afterPlaintext(says []said, n int) []capture.Packet {
	var w, tls wire
	c, s := w.open(clientAt, serverAt, 5)
	for _, say := range says {
		from, to := c, s
		if !say.client {
			from, to = s, c
		}
		w.cut(from, to, n, []byte(say.text))
	}
	tls.nanos = w.nanos
	tls.session(clientAt, serverAt, 5, n)
	for _, p := range tls.packets[3:] { // what was said moved the numbers on
		moved := [2]uint32{c.next - 6, s.next - 7_000_006}
		if p.Src == serverAt.Addr() {
			moved[0], moved[1] = moved[1], moved[0]
		}
		p.Seq, p.Ack = p.Seq+moved[0], p.Ack+moved[1]
		w.packets = append(w.packets, p)
	}
	return w.packets
}

// A ClientHello in the same segment as the command before it, and a connection of which only the
// server's side was captured.
func TestPlaintextInOneSegment(t *testing.T) {
	var w wire
	c, s := w.open(clientAt, serverAt, 5)
	w.cut(s, c, 900, []byte("220 mail\r\n"))
	w.cut(c, s, 900, cat([]byte("STARTTLS\r\n"), rec(handshake, msg(clientHello, helloBody()...)...)))
	w.cut(s, c, 5000, flight())
	if all, report := extract(t, Options{}, w.packets); len(all) != 1 || !all[0].Hello || all[0].Records != 2 ||
		all[0].Client != clientAt {
		t.Errorf("%v", report)
	}
	w = wire{}
	s, c = &host{serverAt, 5}, &host{clientAt, 9}
	w.send(s, c, capture.SYN|capture.ACK, nil)
	w.cut(s, c, 5000, []byte("220 mail\r\n"))
	w.cut(s, c, 5000, flight())
	if all, report := extract(t, Options{}, w.packets); len(all) != 1 || all[0].Hello || all[0].Suite != 0xc02f ||
		all[0].Client != clientAt {
		t.Errorf("one side: %v", report)
	}
}

// A connection that never becomes TLS is no session, and its memory is freed after a while.
func TestPlaintextOnly(t *testing.T) {
	var w wire
	c, s := w.open(clientAt, netip.MustParseAddrPort("192.0.2.1:25"), 5)
	w.cut(c, s, 1000, []byte("EHLO me\r\n"))
	for range 2 * mostPlain / 1000 {
		w.cut(c, s, 1000, bytes.Repeat([]byte{handshake, 3}, 500))
	}
	w.cut(c, s, 5000, rec(handshake, msg(clientHello, helloBody()...)...))
	if all, report := extract(t, Options{}, w.packets); len(all) != 0 || report.Other != 1 {
		t.Errorf("%v", report)
	}
}
