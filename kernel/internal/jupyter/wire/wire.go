// Package wire encodes and decodes Jupyter messages.
//
// It takes and returns the frames of a ZeroMQ message: identities, a delimiter, an HMAC signature,
// four JSON parts and raw buffers. Frames may come from anybody who can reach a socket, so nothing
// is parsed before the signature has been checked, and malformed frames are errors, never panics.
// It refuses bad signatures, messages that it has seen before, and parts that are not JSON objects.
// It knows nothing about sockets and message types.
package wire

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ProtocolVersion is the version of Jupyter's messaging protocol in messages from this package.
const ProtocolVersion = "5.5"

const delimiter = "<IDS|MSG>"

// Errors for frames that are not a message.
var (
	ErrNoDelimiter = errors.New("wire: no delimiter among the frames")
	ErrShort       = errors.New("wire: fewer than five frames after the delimiter")
	ErrSignature   = errors.New("wire: the signature does not match this kernel's key")
	ErrReplayed    = errors.New("wire: the message has been received before")
)

// A Header identifies a message.
type Header struct {
	ID      string `json:"msg_id"`
	Session string `json:"session"`
	User    string `json:"username"`
	Date    string `json:"date"`
	Type    string `json:"msg_type"`
	Version string `json:"version"`
}

// A Message is a message. Parts that this package does not need are kept as they came.
type Message struct {
	Identities [][]byte // of the peer, outermost first; the topic of a published message
	Header     Header
	RawHeader  json.RawMessage // the header as it came; a reply repeats it as its parent
	Parent     json.RawMessage // nil for an empty object
	Metadata   json.RawMessage // nil for an empty object
	Content    json.RawMessage
	Buffers    [][]byte
}

// A Codec signs messages and checks signatures. Its methods may be called from several goroutines,
// except Parse, which remembers the messages that it has seen.
type Codec struct {
	key  []byte
	seen map[[sha256.Size]byte]bool
	ring [][sha256.Size]byte // the same, in order of arrival
	next int
}

// remembered is how many signatures are kept to recognize repeated messages, as in ipykernel.
const remembered = 1 << 16

// NewCodec returns a codec for a key; with an empty key it signs and checks nothing. The scheme is
// the signature scheme of the connection file; only hmac-sha256 is supported.
func NewCodec(key, scheme string) (*Codec, error) {
	if scheme != "" && scheme != "hmac-sha256" {
		return nil, fmt.Errorf("wire: signature scheme %q: only hmac-sha256 is supported", scheme)
	}
	return &Codec{key: []byte(key)}, nil
}

// For returns another codec for the same key, which remembers messages by itself.
func (c *Codec) For() *Codec { return &Codec{key: c.key} }

func (c *Codec) sign(parts [][]byte) [sha256.Size]byte {
	mac := hmac.New(sha256.New, c.key)
	for _, p := range parts {
		mac.Write(p)
	}
	return [sha256.Size]byte(mac.Sum(nil))
}

// Parse decodes a message from its frames. The message shares their memory.
func (c *Codec) Parse(frames [][]byte) (*Message, error) {
	at := 0
	for at < len(frames) && string(frames[at]) != delimiter {
		at++
	}
	if at == len(frames) {
		return nil, ErrNoDelimiter
	}
	parts := frames[at+1:]
	if len(parts) < 5 {
		return nil, ErrShort
	}
	if len(c.key) > 0 {
		var got [sha256.Size]byte
		if n, err := hex.Decode(got[:], head(parts[0], 2*len(got))); err != nil || n != len(got) ||
			len(parts[0]) != 2*len(got) {
			return nil, ErrSignature
		}
		if want := c.sign(parts[1:5]); !hmac.Equal(got[:], want[:]) {
			return nil, ErrSignature
		}
		if c.seen[got] {
			return nil, ErrReplayed
		}
		c.remember(got)
	}
	m := &Message{Identities: frames[:at], RawHeader: parts[1], Parent: parts[2], Metadata: parts[3], Content: parts[4],
		Buffers: parts[5:]}
	for i, name := range []string{"header", "parent header", "metadata", "content"} {
		if !object(parts[i+1]) {
			return nil, fmt.Errorf("wire: the %s is not a JSON object", name)
		}
	}
	if err := json.Unmarshal(parts[1], &m.Header); err != nil {
		return nil, fmt.Errorf("wire: header: %w", err)
	}
	if m.Header.ID == "" || m.Header.Type == "" {
		return nil, errors.New("wire: the header has no message ID or no type")
	}
	return m, nil
}

// head returns at most n bytes of b.
func head(b []byte, n int) []byte { return b[:min(n, len(b))] }

// object reports whether data is a JSON object.
func object(data []byte) bool {
	trimmed := bytes.TrimLeft(data, " \t\r\n")
	return len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(trimmed)
}

// remember remembers a signature, and forgets the oldest if there are too many.
func (c *Codec) remember(signature [sha256.Size]byte) {
	if c.seen == nil {
		c.seen = map[[sha256.Size]byte]bool{}
	}
	if len(c.ring) < remembered {
		c.ring = append(c.ring, signature)
	} else {
		delete(c.seen, c.ring[c.next])
		c.ring[c.next] = signature
		c.next = (c.next + 1) % remembered
	}
	c.seen[signature] = true
}

// Frames encodes and signs a message. An empty part becomes an empty object.
func (c *Codec) Frames(m *Message) [][]byte {
	parts := [][]byte{m.RawHeader, m.Parent, m.Metadata, m.Content}
	for i, p := range parts {
		if len(p) == 0 {
			parts[i] = []byte("{}")
		}
	}
	var signature []byte
	if len(c.key) > 0 {
		sum := c.sign(parts)
		signature = hex.AppendEncode(nil, sum[:])
	}
	frames := make([][]byte, 0, len(m.Identities)+6+len(m.Buffers))
	frames = append(frames, m.Identities...)
	frames = append(frames, []byte(delimiter), signature)
	frames = append(frames, parts...)
	return append(frames, m.Buffers...)
}

// New returns a message with a type and a content, which must be a value that encodes as a JSON
// object. The parent may be nil.
func New(kind, session string, parent *Message, content any) (*Message, error) {
	data, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("wire: %s: %w", kind, err)
	}
	m := &Message{Content: data}
	m.Header = Header{ID: ID(), Session: session, User: "kernel", Date: Now(), Type: kind, Version: ProtocolVersion}
	if m.RawHeader, err = json.Marshal(m.Header); err != nil {
		return nil, fmt.Errorf("wire: %w", err)
	}
	if parent != nil {
		m.Parent = parent.RawHeader
	}
	return m, nil
}

// Now returns the time as in headers, in microseconds.
func Now() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000000Z") }

// ID returns a new random identifier, a UUID of version 4.
func ID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
