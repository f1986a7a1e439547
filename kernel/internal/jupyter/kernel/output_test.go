package kernel

import (
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/test/waits"
)

// recorded returns an output and a function that returns what it has published on a stream.
func recorded(max int) (*output, func(name string) string, *[]string) {
	var order []string
	text := map[string]string{}
	o := &output{max: max, stream: func(name, t string) {
		order = append(order, name)
		text[name] += t
	}}
	return o, func(name string) string { o.mu.Lock(); defer o.mu.Unlock(); return text[name] }, &order
}

func TestOutput(t *testing.T) {
	o, text, order := recorded(1000)
	o.add("stdout", []byte("a\n"))
	for range 100 {
		o.add("stdout", []byte("b"))
	}
	o.add("stderr", []byte("c"))
	o.add("stdout", []byte("\xc3"))
	o.add("stdout", []byte("\xbc\xff"))
	o.end()
	if got := text("stdout"); got != "a\n"+strings.Repeat("b", 100)+"ü\uFFFD" || text("stderr") != "c" {
		t.Errorf("got %q, %q", got, text("stderr"))
	}
	if len(*order) > 6 {
		t.Errorf("%d messages", len(*order))
	}
	o.add("stdout", []byte("late"))
	waits.Until(t, "text after the end is published", func() bool { return strings.HasSuffix(text("stdout"), "late") })
}

func TestOutputIsBounded(t *testing.T) {
	o, text, _ := recorded(100)
	o.add("stdout", []byte(strings.Repeat("x", 90)))
	for i := range 10_000 {
		o.add("stdout", []byte(strings.Repeat("y", 100)))
		if i == 5000 && cap(o.tail) > 10*tailSize {
			t.Errorf("it holds %d bytes", cap(o.tail))
		}
	}
	o.add("stdout", []byte("the end"))
	o.end()
	if got := text("stdout"); got != strings.Repeat("x", 90)+strings.Repeat("y", 10) {
		t.Errorf("%d bytes got through", len(got))
	}
	if got := text("stderr"); !strings.Contains(got, "has printed 100 bytes") ||
		!strings.Contains(got, "999,997 bytes were left out") || !strings.HasSuffix(got, "the end") {
		t.Errorf("got %.200q", got)
	}
}

func TestCrashIsWithheld(t *testing.T) {
	o, text, _ := recorded(1000)
	for _, piece := range []string{"before\npan", "ic: oh\n\ngoroutine 1", " [running]:\n"} {
		o.add("stderr", []byte(piece))
	}
	if got := o.takeCrash(); got != "panic: oh\n\ngoroutine 1 [running]:\n" {
		t.Errorf("withheld %q", got)
	}
	o.end()
	if text("stderr") != "before\n" {
		t.Errorf("published %q", text("stderr"))
	}
	o, text, _ = recorded(1000)
	o.add("stderr", []byte("panic: only a word\npan"))
	o.end()
	if text("stderr") != "panic: only a word\npan" {
		t.Errorf("published %q", text("stderr"))
	}
}
