package zmtp

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func frames(parts ...string) (out [][]byte) {
	for _, p := range parts {
		out = append(out, []byte(p))
	}
	return out
}

func text(frames [][]byte) string { return string(bytes.Join(frames, []byte("|"))) }

func dial(t *testing.T, a net.Addr, kind, identity string) *Client {
	t.Helper()
	c, err := Dial(a.Network(), a.String(), kind, identity)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func want(t *testing.T, c *Client, want string) {
	t.Helper()
	c.c.Conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	got, err := c.Receive()
	if err != nil || text(got) != want {
		t.Fatalf("got %q, %v; want %q", text(got), err, want)
	}
}

func TestRouter(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			address := "127.0.0.1:0"
			if network == "unix" {
				address = filepath.Join(t.TempDir(), "s")
				if err := os.WriteFile(address, nil, 0o666); err != nil { // left behind by another kernel
					t.Fatal(err)
				}
			}
			got := make(chan string, 10)
			r, err := NewRouter(network, address, func(f [][]byte) { got <- text(f) })
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if info, err := os.Stat(address); network == "unix" && (err != nil || info.Mode().Perm() != 0o600) {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			a, b := dial(t, r.Addr(), "DEALER", "a"), dial(t, r.Addr(), "DEALER", "")
			a.Send(frames("x", "", strings.Repeat("y", 300)))
			if s := <-got; s != "a|x||"+strings.Repeat("y", 300) {
				t.Errorf("got %q", s)
			}
			b.Send(frames("z"))
			if s := <-got; s != "\x00\x00\x00\x00\x01|z" {
				t.Errorf("got %q", s)
			}
			if !r.Send(frames("a", "one", "two")) {
				t.Error("peer a is unknown")
			}
			want(t, a, "one|two")
			if r.Send(frames("nobody", "one")) || r.Send(nil) {
				t.Error("sending to an unknown peer succeeded")
			}
			again := dial(t, r.Addr(), "DEALER", "a")
			again.Send(frames("back"))
			<-got
			r.Send(frames("a", "three"))
			want(t, again, "three")
		})
	}
}

func TestPublisher(t *testing.T) {
	p, err := NewPublisher("tcp", "127.0.0.1:0", func(topic []byte) [][]byte {
		return frames("welcome", string(topic))
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	p.Send(frames("nobody listens"))
	all := dial(t, p.Addr(), "SUB", "")
	want(t, all, "welcome|")
	some := dial(t, p.Addr(), "SUB", "")
	want(t, some, "welcome|")
	some.Send([][]byte{{0}})                                             // no longer all topics
	some.c.out.add(frame(nil, flagCommand, []byte("\x09SUBSCRIBEs")), 0) // since 3.1
	want(t, some, "welcome|s")
	p.Send(frames("other", "1"))
	p.Send(frames("stream", "2"))
	want(t, some, "stream|2")
	want(t, all, "other|1")
	want(t, all, "stream|2")
}

func TestEcho(t *testing.T) {
	e, err := NewEcho("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	raw, err := net.Dial("tcp", e.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c, err := handshake(raw, "REQ", "", "REP")
	if err != nil {
		t.Fatal(err)
	}
	c.out = newQueue()
	go c.write()
	client := &Client{c}
	defer client.Close()
	client.Send(frames("", "ping"))
	want(t, client, "|ping")
	c.out.add(frame(nil, flagCommand, []byte("\x04PING\x00\x01ctx")), 0)
	client.Send(frames("", "after"))
	for { // the pong comes first, a command that read skips
		got, err := client.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if text(got) == "|after" {
			return
		}
	}
}

// A peer that violates the protocol is disconnected; the others are not.
func TestStrangers(t *testing.T) {
	got := make(chan string, 10)
	r, err := NewRouter("tcp", "127.0.0.1:0", func(f [][]byte) { got <- text(f) })
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	good := dial(t, r.Addr(), "DEALER", "good")
	hello := append(greeting(), frame(nil, flagCommand, []byte("\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"))...)
	for name, bytes := range map[string][]byte{
		"http":  []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + strings.Repeat(" ", 64)),
		"zeros": make([]byte, 200),
		"another socket": append(greeting(), frame(nil, flagCommand,
			[]byte("\x05READY\x0bSocket-Type\x00\x00\x00\x03SUB"))...),
		"no ready":          append(greeting(), frame(nil, 0, []byte("hello"))...),
		"broken properties": append(greeting(), frame(nil, flagCommand, []byte("\x05READY\xffx"))...),
		"a huge frame": append(append([]byte(nil), hello...), flagLong, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff),
		"unknown flags":    append(append([]byte(nil), hello...), 0xf8, 0),
		"an empty command": append(append([]byte(nil), hello...), flagCommand, 0),
		"too many frames":  append(append([]byte(nil), hello...), []byte(strings.Repeat("\x01\x00", maxFrames+2))...),
	} {
		raw, err := net.Dial("tcp", r.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		raw.Write(bytes)
		raw.SetReadDeadline(time.Now().Add(10 * time.Second))
		buf := make([]byte, 1000)
		for err == nil {
			_, err = raw.Read(buf)
		}
		if e, ok := err.(net.Error); ok && e.Timeout() {
			t.Errorf("%s: still connected", name)
		}
		raw.Close()
	}
	good.Send(frames("still here"))
	if s := <-got; s != "good|still here" {
		t.Errorf("got %q", s)
	}
	for len(got) > 0 {
		t.Errorf("the invalid message %q was received", <-got)
	}
}

// A slow reader gets all messages, and the queue for it is bounded.
func TestSlowReader(t *testing.T) {
	p, err := NewPublisher("tcp", "127.0.0.1:0", func([]byte) [][]byte { return frames("welcome") })
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	slow := dial(t, p.Addr(), "SUB", "")
	want(t, slow, "welcome")
	const n = 400
	body := strings.Repeat("x", 100_000)
	go func() {
		for i := range n {
			p.Send(frames(fmt.Sprint(i), body))
		}
	}()
	time.Sleep(200 * time.Millisecond)
	for _, c := range p.all() {
		c.out.mu.Lock()
		if c.out.bytes > maxQueued {
			t.Errorf("%d bytes wait", c.out.bytes)
		}
		c.out.mu.Unlock()
	}
	for i := range n {
		want(t, slow, fmt.Sprint(i)+"|"+body)
	}
}
