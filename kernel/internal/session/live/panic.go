package live

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// A Value is one value of a panicking goroutine, the first panic first.
type Value struct {
	Arg        any
	Recovered  bool // by a deferred function that then panicked itself
	Repanicked bool // the next value is the same
	Goexit     bool // this is runtime.Goexit
}

// Late is called for a panic in a goroutine whose cell has ended.
var Late func(cell int, text, trace string)

// Unrecovered is called in a panicking goroutine once its deferred functions have run and none has
// recovered. It ends the cell that the goroutine belongs to, and the goroutine. It does not return.
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

// message formats the values as the runtime does.
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

// maxText bounds the text of a panic's value, in bytes.
const maxText = 100_000

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
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + fmt.Sprintf("… (%d bytes more)", len(s)-maxText)
	}
	return s
}

const path = "github.com/trafficlab/trafficlab/kernel/internal/session/live."

// trim reduces a trace to the frames of the cell and of libraries, from the function that panicked
// to the one that the cell began with.
func trim(trace string) string {
	lines := strings.Split(strings.TrimRight(trace, "\n"), "\n")
	if len(lines) == 0 {
		return trace
	}
	head, frames := lines[0], lines[1:]
	// A frame has two lines: a call and its position.
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

// hostFrame begins the line of the host's function that calls the cell.
const hostFrame = "main.ᐧrun("
