package kernel

import (
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// interval is the time between two messages of one stream: text that comes sooner is combined.
const interval = 40 * time.Millisecond

// maxMessage bounds the text of one message.
const maxMessage = 256 << 10

// tailSize is how much of the end of omitted text is shown.
const tailSize = 4 << 10

// An output publishes what a cell prints: in larger parts, in order with other messages, and not
// more than a cell may print.
type output struct {
	stream func(name, text string) // publishes
	max    int                     // bytes

	mu      sync.Mutex
	name    string // the stream whose text waits
	waiting []byte
	timer   *time.Timer
	last    time.Time
	printed int               // bytes so far
	omitted int               // bytes
	tail    []byte            // the end of the omitted text
	rest    map[string][]byte // the beginning of a rune whose other bytes have not come
	crash   crash
	rewrite func(text string) string // changes the text of standard error; nil for nothing
}

// add prints text to a stream.
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
	if room := o.max - o.printed; len(text) > room {
		o.omit(text[max(room, 0):])
		text = text[:max(room, 0)]
	}
	if len(text) == 0 {
		return
	}
	o.printed += len(text)
	if o.name != name {
		o.flush()
	}
	o.name, o.waiting = name, append(o.waiting, text...)
	switch {
	case len(o.waiting) >= maxMessage || time.Since(o.last) >= interval:
		o.flush()
	case o.timer == nil:
		o.timer = time.AfterFunc(interval, func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.timer = nil
			o.flush()
		})
	}
}

// omit leaves text out.
func (o *output) omit(text []byte) {
	if o.omitted == 0 {
		o.flush()
		o.stream("stderr", fmt.Sprintf("\n… this cell has printed %s bytes; of the rest only the end is shown "+
			"(TRAFFICLAB_OUTPUT=BYTES sets the limit) …\n", thousands(o.max)))
	}
	o.omitted += len(text)
	if len(text) > tailSize {
		text = text[len(text)-tailSize:]
	}
	o.tail = append(o.tail, text...)
	if n := len(o.tail) - tailSize; n > tailSize {
		o.tail = append(o.tail[:0], o.tail[n:]...)
	}
}

// flush publishes the text that waits, except the beginning of a rune.
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

// unfinished returns the number of bytes at the end that are the beginning of a rune.
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

// sync publishes the text that waits, so that another message can follow.
func (o *output) sync() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush()
}

// end publishes all text. Text that comes later, from a child that stayed behind, is published too.
func (o *output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.put("stderr", o.crash.take())
	o.flush()
	for name, text := range o.rest {
		o.publish(name, text)
	}
	o.rest = nil
	if o.omitted > 0 {
		tail := o.tail
		if len(tail) > tailSize {
			tail = tail[len(tail)-tailSize:]
		}
		o.stream("stderr", fmt.Sprintf("… %s bytes were left out; they end with:\n%s", thousands(o.omitted),
			strings.ToValidUTF8(string(tail), "\uFFFD")))
		o.omitted, o.tail = 0, nil
	}
}

// takeCrash returns the trace of a crash that was withheld; "" if there was none.
func (o *output) takeCrash() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.crash.take())
}

// setRewrite sets what changes the text of standard error; nil for nothing.
func (o *output) setRewrite(rewrite func(text string) string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rewrite = rewrite
}

// thousands returns a number with commas.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
