package wire

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func request(t testing.TB, c *Codec, content string) [][]byte {
	t.Helper()
	m, err := New("execute_request", "s", nil, map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	m.Identities, m.Content, m.Buffers = [][]byte{[]byte("peer")}, []byte(content), [][]byte{{0, 1}}
	return c.Frames(m)
}

func codec(t testing.TB) *Codec {
	t.Helper()
	c, err := NewCodec("secret", "hmac-sha256")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRoundTrip(t *testing.T) {
	c := codec(t)
	m, err := c.Parse(request(t, c, `{"code": "x"}`))
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Type != "execute_request" || string(m.Content) != `{"code": "x"}` ||
		string(m.Identities[0]) != "peer" || len(m.Buffers) != 1 {
		t.Errorf("got %+v", m)
	}
	reply, err := New("execute_reply", "k", m, map[string]any{"status": "ok"})
	if err != nil {
		t.Fatal(err)
	}
	back, err := c.Parse(c.Frames(reply))
	if err != nil || !bytes.Equal(back.Parent, m.RawHeader) {
		t.Errorf("the parent is %s, %v; want %s", back.Parent, err, m.RawHeader)
	}
	if _, err := time.Parse(time.RFC3339Nano, back.Header.Date); err != nil ||
		!strings.Contains(back.Header.Date, ".") {
		t.Errorf("date %q: %v", back.Header.Date, err)
	}
}

func TestParseRefuses(t *testing.T) {
	c := codec(t)
	good := func() [][]byte { return request(t, c, "{}") }
	sign := func(parts ...string) [][]byte {
		frames := [][]byte{[]byte(delimiter), nil}
		for _, p := range parts {
			frames = append(frames, []byte(p))
		}
		m := &Message{RawHeader: frames[2], Parent: frames[3], Metadata: frames[4], Content: frames[5]}
		return c.Frames(m)
	}
	head := `{"msg_id": "1", "msg_type": "t"}`
	for name, f := range map[string]struct {
		frames [][]byte
		want   error
	}{
		"no frames":         {nil, ErrNoDelimiter},
		"no delimiter":      {[][]byte{{1}, {2}, {3}, {4}, {5}, {6}, {7}}, ErrNoDelimiter},
		"delimiter only":    {good()[:2], ErrShort},
		"four parts":        {good()[:6], ErrShort},
		"short signature":   {replace(good(), 2, "ab"), ErrSignature},
		"long signature":    {replace(good(), 2, strings.Repeat("ab", 40)), ErrSignature},
		"no signature":      {replace(good(), 2, ""), ErrSignature},
		"no hex":            {replace(good(), 2, strings.Repeat("z", 64)), ErrSignature},
		"other content":     {replace(good(), 6, `{"a": 1}`), ErrSignature},
		"header is a list":  {sign("[]", "{}", "{}", "{}"), nil},
		"content is null":   {sign(head, "{}", "{}", "null"), nil},
		"header of numbers": {sign(`{"msg_id": 1, "msg_type": "t"}`, "{}", "{}", "{}"), nil},
		"no type":           {sign(`{"msg_id": "1"}`, "{}", "{}", "{}"), nil},
		"broken JSON":       {sign(head, "{", "{}", "{}"), nil},
		"deep JSON": {sign(head, "{}", "{}", `{"a":`+strings.Repeat("[", 100_000)+strings.Repeat("]",
			100_000)+"}"), nil},
	} {
		_, err := c.Parse(f.frames)
		if err == nil || f.want != nil && !errors.Is(err, f.want) {
			t.Errorf("%s: error %v, want %v", name, err, f.want)
		}
	}
	twice := good()
	if _, err := c.Parse(twice); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Parse(twice); !errors.Is(err, ErrReplayed) {
		t.Errorf("repeated: %v", err)
	}
	if _, err := c.For().Parse(twice); err != nil {
		t.Errorf("repeated on another channel: %v", err)
	}
	if _, err := NewCodec("k", "hmac-md5"); err == nil {
		t.Error("an unknown scheme was accepted")
	}
}

func replace(frames [][]byte, i int, with string) [][]byte {
	frames[i] = []byte(with)
	return frames
}

func TestMemoryIsBounded(t *testing.T) {
	c := codec(t)
	for i := range remembered + 10 {
		c.remember([32]byte{byte(i), byte(i >> 8), byte(i >> 16)})
	}
	if len(c.seen) != remembered || len(c.ring) != remembered {
		t.Errorf("it remembers %d and %d", len(c.seen), len(c.ring))
	}
}

func TestWithoutKey(t *testing.T) {
	c, err := NewCodec("", "")
	if err != nil {
		t.Fatal(err)
	}
	frames := request(t, c, "{}")
	for range 2 {
		if _, err := c.Parse(frames); err != nil {
			t.Error(err)
		}
	}
}

func TestReadConnection(t *testing.T) {
	const good = `{"transport": "tcp", "ip": "127.0.0.1", "shell_port": 1, "control_port": 2, "iopub_port": 3, "stdin_port": 4,
		"hb_port": 5, "key": "k", "signature_scheme": "hmac-sha256"}`
	read := func(text string, mode os.FileMode) (Connection, error) {
		path := filepath.Join(t.TempDir(), "c.json")
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return ReadConnection(path)
	}
	c, err := read(good, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if network, address := c.Address(c.Stdin); network != "tcp" || address != "127.0.0.1:4" {
		t.Errorf("got %s %s", network, address)
	}
	c.Transport, c.IP = "ipc", "/tmp/k"
	if network, address := c.Address(c.IOPub); network != "unix" || address != "/tmp/k-3" {
		t.Errorf("got %s %s", network, address)
	}
	if _, err := read(good, 0o644); err == nil || !strings.Contains(err.Error(), "0644") {
		t.Errorf("a file that others may read: %v", err)
	}
	t.Setenv("JUPYTER_ALLOW_INSECURE_WRITES", "1")
	if _, err := read(good, 0o644); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "{", "[]", `{"ip": ""}`, strings.Replace(good, `"tcp"`, `"udp"`, 1),
		strings.Replace(good, "1,", "70000,", 1)} {
		if _, err := read(bad, 0o600); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := ReadConnection(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that does not exist was read")
	}
	if _, err := ReadConnection(t.TempDir()); err == nil {
		t.Error("a folder was read")
	}
}

// No frames make the parser panic, and a message that it accepts survives a round trip.
func FuzzWire(f *testing.F) {
	signed, open := codec(f), &Codec{}
	for _, c := range []*Codec{signed, open} {
		f.Add(bytes.Join(request(f, c, `{"code": "1 + 1"}`), []byte{0xff}))
	}
	f.Add([]byte{})
	f.Add([]byte("<IDS|MSG>"))
	f.Add([]byte("<IDS|MSG>\xff\xff{}\xff{}\xff{}\xff{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		frames := bytes.Split(data, []byte{0xff})
		for _, c := range []*Codec{signed.For(), open.For()} {
			m, err := c.Parse(frames)
			if err != nil {
				continue
			}
			again, err := c.For().Parse(c.Frames(m))
			if err != nil || again.Header != m.Header || !bytes.Equal(again.Content, m.Content) ||
				len(again.Buffers) != len(m.Buffers) {
				t.Errorf("%q came back as %+v, %v", data, again, err)
			}
		}
	})
}
