package live

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// A Value is one of the values that a goroutine panicked with, the first one first.
type Value struct {
	Arg        any
	Recovered  bool // by a deferred function, which panicked itself
	Repanicked bool // the next value is the same
	Goexit     bool // it is runtime.Goexit
}

// Late is called with a panic in a goroutine whose cell has ended.
var Late func(cell int, text, trace string)

// Unrecovered is called by a goroutine that panics when nobody has recovered and all that it has
// deferred has run. It ends the cell that the goroutine belongs to, and the goroutine; it does not
// return.
func Unrecovered(values []Value) {
	text, trace := message(values), trim(string(debug.Stack()))
	c := ownerOrCurrent()
	switch {
	case c == nil:
		Late(0, text, trace)
	case goroutine() == c.goroutine.Load():
		c.cancel(nil)
		close(c.stopped)
		if !c.report(Report{How: Panicked, Text: text, Trace: trace}) {
			Late(c.id, text, trace)
		}
	case c.report(Report{How: Panicked, Text: text, Trace: trace}):
		c.cancel(nil)
		c.end()
	default:
		Late(c.id, text, trace)
	}
	runtime.Goexit()
}

// message writes values as the runtime does.
func message(values []Value) string {
	var b strings.Builder
	for i, v := range values {
		if v.Goexit || i > 0 && values[i-1].Repanicked {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\t")
		}
		b.WriteString("panic: " + format(v.Arg))
		switch {
		case v.Recovered && v.Repanicked:
			b.WriteString(" [recovered, repanicked]")
		case v.Recovered:
			b.WriteString(" [recovered]")
		}
	}
	return b.String()
}

// most bounds the text of a panic's value.
const most = 100_000

func format(v any) (s string) {
	defer func() {
		if recover() != nil {
			s = fmt.Sprintf("(%T)", v)
		}
	}()
	switch v := v.(type) {
	case nil:
		return "nil"
	case error:
		s = v.Error()
	case fmt.Stringer:
		s = v.String()
	case string:
		s = v
	case bool, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, uintptr,
		float32, float64, complex64, complex128:
		s = fmt.Sprint(v)
	default:
		s = fmt.Sprintf("(%T) %+v", v, v)
	}
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + fmt.Sprintf("… (%d bytes more)", len(s)-most)
	}
	return s
}

const path = "github.com/trafficlab/trafficlab/kernel/internal/session/live."

// trim leaves of a trace what is the cell's and the libraries': from the frame that panicked to
// that which the cell began with.
func trim(trace string) string {
	lines := strings.Split(strings.TrimRight(trace, "\n"), "\n")
	if len(lines) == 0 {
		return trace
	}
	head, frames := lines[0], lines[1:]
	// Frames are of two lines: a call and its place.
	for i := 0; i+1 < len(frames); i += 2 {
		if strings.HasPrefix(frames[i], "panic(") {
			frames = frames[i+2:]
			break
		}
	}
	for len(frames) > 2 && strings.HasPrefix(frames[0], "runtime.") {
		frames = frames[2:]
	}
	out := []string{head}
	for i := 0; i+1 < len(frames); i += 2 {
		call := frames[i]
		if strings.HasPrefix(call, "runtime/debug.Stack(") || strings.HasPrefix(call, "main.hosted") {
			continue
		}
		if strings.HasPrefix(call, path) || strings.HasPrefix(call, "created by "+path) {
			if strings.Contains(call, ".(*Cell).run") || strings.HasPrefix(call, "created by ") {
				break
			}
			continue
		}
		if strings.HasPrefix(call, hostFrame) {
			break
		}
		out = append(out, call, frames[i+1])
	}
	return strings.Join(out, "\n")
}

// hostFrame is the host's own function between the cell's and those of this package.
const hostFrame = "main.ᐧrun("
