package live

import (
	"errors"
	"strings"
	"testing"
)

func TestMessage(t *testing.T) {
	for _, c := range []struct {
		values []Value
		want   string
	}{
		{[]Value{{Arg: "a"}}, "panic: a"},
		{[]Value{{Arg: errors.New("e")}}, "panic: e"},
		{[]Value{{Arg: 1, Recovered: true}, {Arg: 2}}, "panic: 1 [recovered]\n\tpanic: 2"},
		{[]Value{{Arg: "a", Recovered: true, Repanicked: true}, {Arg: "a"}}, "panic: a [recovered, repanicked]"},
		{[]Value{{Goexit: true}, {Arg: struct{ A int }{3}}}, "panic: (struct { A int }) {A:3}"},
		{[]Value{{Arg: nil}}, "panic: nil"},
		{[]Value{{Arg: strings.Repeat("x", maxText+5)}}, "panic: " + strings.Repeat("x", maxText) + "… (5 bytes more)"},
	} {
		if got := message(c.values); got != c.want {
			t.Errorf("%+v: got %.200q, want %.200q", c.values, got, c.want)
		}
	}
}

type bad struct{}

func (bad) String() string { panic("no") }

func TestFormatOfWhatPanics(t *testing.T) {
	if got := format(bad{}); got != "(live.bad)" {
		t.Errorf("got %q", got)
	}
}

func TestTrim(t *testing.T) {
	const trace = `goroutine 7 [running]:
runtime/debug.Stack()
	/go/src/runtime/debug/stack.go:26 +0x5e
` + path + `Unrecovered({0x1, 0x2})
	/x/panic.go:31 +0x3
main.hostedPanic(0x1)
	/x/replace.go:50 +0x4
panic({0x1?, 0x2?})
	/go/src/runtime/panic.go:860 +0x13a
runtime.panicIndex(0x5, 0x3)
	/go/src/runtime/panic.go:115 +0x8
main.f(...)
	Cell[3]:2
main.main()
	Cell[4]:1 +0x1d
main.ᐧrun(0x1)
	/x/load.go:25 +0x3
` + path + `(*Cell).run(0x2)
	/x/run.go:80 +0x4
created by ` + path + `Start in goroutine 1
	/x/run.go:30 +0x9
`
	const want = "goroutine 7 [running]:\nmain.f(...)\n\tCell[3]:2\nmain.main()\n\tCell[4]:1 +0x1d"
	if got := trim(trace); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestStateOf(t *testing.T) {
	const trace = "goroutine 1 [running]:\nmain.main()\n\nx.go:1\n\n" +
		"goroutine 17 [chan receive, 2 minutes, locked to thread]:\nf()\n\ngoroutine 170 [select]:\n"
	for number, want := range map[int64]string{1: "running", 17: "chan receive", 170: "select", 7: ""} {
		if got := stateOf([]byte(trace), number); got != want {
			t.Errorf("%d: got %q, want %q", number, got, want)
		}
	}
}
