package kernel

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// between is the time between two messages of one stream: what comes sooner is put into one.
const between = 40 * time.Millisecond

// piece bounds the text of one message.
const piece = 256 << 10

// tailSize is how much of the end is shown of what is left out.
const tailSize = 4 << 10

// An output turns what a cell says into messages: text in larger pieces, in order with all else, and no more than a
// cell may say.
type output struct {
	stream func(name, text string) // publishes
	most   int

	mu      sync.Mutex
	name    string // of the stream whose text waits
	waiting []byte
	timer   *time.Timer
	last    time.Time
	said    int               // bytes so far
	left    int               // bytes that were left out
	tail    []byte            // the end of those
	rest    map[string][]byte // the bytes of a rune whose others have not come
	crash   crash
	rewrite func(text string) string // puts the lines of cells in place of GoNB's, on standard error
}

// add takes text of a stream.
func (o *output) add(name string, text []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if name == "stderr" {
		text = o.crash.filter(text)
	}
	o.put(name, text)
}

// put is add for text that has passed the filter.
func (o *output) put(name string, text []byte) {
	if len(text) == 0 {
		return
	}
	if room := o.most - o.said; len(text) > room {
		o.cut(name, text[max(room, 0):])
		text = text[:max(room, 0)]
	}
	if len(text) == 0 {
		return
	}
	o.said += len(text)
	if o.name != name {
		o.flush()
	}
	o.name, o.waiting = name, append(o.waiting, text...)
	switch {
	case len(o.waiting) >= piece || time.Since(o.last) >= between:
		o.flush()
	case o.timer == nil:
		o.timer = time.AfterFunc(between, func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.timer = nil
			o.flush()
		})
	}
}

// cut leaves text out.
func (o *output) cut(name string, text []byte) {
	if o.left == 0 {
		o.flush()
		o.stream("stderr", fmt.Sprintf("\n… this cell has said %s bytes; what follows is left out but for its end (TRAFFICLAB_OUTPUT=BYTES moves the bound) …\n", thousands(o.most)))
	}
	o.left += len(text)
	if len(text) > tailSize {
		text = text[len(text)-tailSize:]
	}
	o.tail = append(o.tail, text...)
	if n := len(o.tail) - tailSize; n > tailSize {
		o.tail = append(o.tail[:0], o.tail[n:]...)
	}
}

// flush publishes what waits, but for the beginning of a rune.
func (o *output) flush() {
	if o.timer != nil {
		o.timer.Stop()
		o.timer = nil
	}
	if len(o.waiting) == 0 {
		return
	}
	text := append(o.rest[o.name], o.waiting...)
	o.waiting = o.waiting[:0]
	whole := len(text) - unfinished(text)
	if o.rest == nil {
		o.rest = map[string][]byte{}
	}
	o.rest[o.name] = append([]byte(nil), text[whole:]...)
	o.publish(o.name, text[:whole])
}

func (o *output) publish(name string, text []byte) {
	if len(text) == 0 {
		return
	}
	o.last = time.Now()
	s := strings.ToValidUTF8(string(text), "\uFFFD")
	if name == "stderr" && o.rewrite != nil && strings.Contains(s, "main") {
		s = o.rewrite(s)
	}
	o.stream(name, s)
}

// unfinished is the number of bytes at the end that begin a rune and do not end it.
func unfinished(b []byte) int {
	for i := 1; i <= min(utf8.UTFMax-1, len(b)); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return i
			}
			return 0
		}
	}
	return 0
}

// before publishes what waits, so that something else can follow.
func (o *output) before() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush()
}

// end publishes all that is left. What comes later, from a child that stayed behind, still goes out.
func (o *output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.put("stderr", o.crash.take())
	o.flush()
	for name, text := range o.rest {
		o.publish(name, text)
	}
	o.rest = nil
	if o.left > 0 {
		tail := o.tail
		if len(tail) > tailSize {
			tail = tail[len(tail)-tailSize:]
		}
		o.stream("stderr", fmt.Sprintf("… %s bytes were left out; they end with:\n%s", thousands(o.left), strings.ToValidUTF8(string(tail), "\uFFFD")))
		o.left, o.tail = 0, nil
	}
}

// crashed takes what was withheld as the last words of a program that broke down; "" when it said none.
func (o *output) crashed() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.crash.take())
}

// A crash withholds the words with which a Go program breaks down, which belong into the error and not beside it.
type crash struct {
	line  []byte // an unfinished line that may begin one
	held  []byte
	holds bool
	since time.Time
}

// mostHeld bounds the trace of a crash: with thousands of goroutines it has no end.
const mostHeld = 256 << 10

var crashLine = regexp.MustCompile(`^(panic: |fatal error: |SIG[A-Z]+: |unexpected fault address )`)

// filter gives the part of the text that may be shown.
func (c *crash) filter(text []byte) []byte {
	if c.holds && time.Since(c.since) > time.Second {
		// A program that says so and goes on has not broken down.
		text, c.holds = append(c.take(), text...), false
	}
	if c.holds {
		c.hold(text)
		return nil
	}
	text = append(c.line, text...)
	c.line = nil
	var out []byte
	for len(text) > 0 {
		end := 0
		for end < len(text) && text[end] != '\n' {
			end++
		}
		if end == len(text) && end < 32 && maybeCrash(text) {
			c.line = append([]byte(nil), text...)
			return out
		}
		if crashLine.Match(text) {
			c.holds, c.since = true, time.Now()
			c.hold(text)
			return out
		}
		end = min(end+1, len(text))
		out, text = append(out, text[:end]...), text[end:]
	}
	return out
}

func maybeCrash(line []byte) bool {
	for _, p := range []string{"panic: ", "fatal error: ", "SIG", "unexpected fault address "} {
		n := min(len(p), len(line))
		if string(line[:n]) == p[:n] && len(line) < len(p)+1 {
			return true
		}
	}
	return false
}

func (c *crash) hold(text []byte) {
	if room := mostHeld - len(c.held); len(text) > room {
		text = text[:max(room, 0)]
	}
	c.held = append(c.held, text...)
}

// take gives what is withheld and forgets it.
func (c *crash) take() []byte {
	held := append(c.held, c.line...)
	c.held, c.line, c.holds = nil, nil, false
	return held
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
