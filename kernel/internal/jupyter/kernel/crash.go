package kernel

import (
	"regexp"
	"time"
)

// A crash withholds the trace that a crashing Go program prints: it belongs in the error message,
// not beside it.
type crash struct {
	line  []byte // an unfinished line that may begin a trace
	held  []byte
	holds bool
	since time.Time
}

// maxHeld bounds the trace of a crash, which is endless with thousands of goroutines.
const maxHeld = 256 << 10

var crashLine = regexp.MustCompile(`^(panic: |fatal error: |SIG[A-Z]+: |unexpected fault address )`)

// filter returns the part of the text that may be shown.
func (c *crash) filter(text []byte) []byte {
	if c.holds && time.Since(c.since) > time.Second {
		// A program that prints such a line and continues has not crashed.
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

// maybeCrash reports whether an unfinished line may begin the trace of a crash.
func maybeCrash(line []byte) bool {
	for _, p := range []string{"panic: ", "fatal error: ", "SIG", "unexpected fault address "} {
		n := min(len(p), len(line))
		if string(line[:n]) == p[:n] && len(line) < len(p)+1 {
			return true
		}
	}
	return false
}

// hold withholds text.
func (c *crash) hold(text []byte) {
	if room := maxHeld - len(c.held); len(text) > room {
		text = text[:max(room, 0)]
	}
	c.held = append(c.held, text...)
}

// take returns what is withheld and forgets it.
func (c *crash) take() []byte {
	held := append(c.held, c.line...)
	c.held, c.line, c.holds = nil, nil, false
	return held
}
