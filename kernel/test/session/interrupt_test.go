package session

import (
	"context"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/session"
	"github.com/trafficlab/trafficlab/kernel/internal/session/process"
)

// Endless cells are ended, and values persist. The only time limit is that of the whole test.
func TestInterrupts(t *testing.T) {
	s := start(t)
	run(t, s, 1, "kept := 1\nch := make(chan int)\nnever := func() bool { return false }\n"+
		"func up(n int) int { if n == 0 { return 0 }; return up(n-1) + 1 }")
	for i, test := range []struct {
		code string
		how  []process.How
	}{
		{"for {}", interrupted},
		{"i := 0\nfor { i++ }", interrupted},
		{"loop:\nkept = 2\ngoto loop", interrupted},
		{"for i := range 1 << 60 { kept = i }", interrupted},
		{"for _, x := range []int{1, 2} { for x > 0 {} }", interrupted},
		{"for !never() {}", interrupted},
		{"for { up(1000) }", interrupted},
		{"func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }\nfib(80)", interrupted},
		{"defer func() { kept = 7 }()\nfor { time.Sleep(time.Millisecond) }", interrupted},
		{"for s := \"\"; ; { strings.Map(func(r rune) rune { s += \"x\"; s = \"\"; return r }, \"abc\") }",
			interrupted},
		{"for { func() { defer func() { recover() }(); panic(1) }() }", interrupted},
		{"m := map[int]int{}\nfor i := 0; ; i++ { m[i%10]++ }", interrupted},
		{"type it struct{}\nfunc (it) String() string { for {} }\nfmt.Sprint(it{})", interrupted},
		{"for range func(yield func(int) bool) { for yield(1) {} } {}", interrupted},
		{"<-ch", waits},
		{"select {}", waits},
		{"var mu sync.Mutex\nmu.Lock()\nmu.Lock()", waits},
		{"time.Sleep(time.Hour)", waits},
		{"go func() { for {} }()\n<-ch", waits},
		{"<-nb.Context().Done()", []process.How{process.OK, process.Interrupted}},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		out := begun{cancel: cancel}
		ran, err := s.Run(ctx, session.Cell{Count: i + 2, Code: "fmt.Println(\"begun\")\n" + test.code}, &out)
		cancel()
		if err != nil {
			t.Errorf("%q: %v", test.code, err)
			continue
		}
		ok := false
		for _, how := range test.how {
			ok = ok || ran.How == how
		}
		if !ok {
			t.Errorf("%q: %s %s %s, want %v", test.code, ran.How, ran.Text, ran.Died, test.how)
		}
	}
	if got := run(t, s, 99, "kept"); got != "= 7\n" {
		t.Errorf("afterwards: %s", got)
	}
}

// begun cancels a context shortly after a cell has printed something.
type begun struct {
	output
	cancel context.CancelFunc
}

func (b *begun) Text(string, []byte) { time.AfterFunc(50*time.Millisecond, b.cancel) }

var (
	interrupted = []process.How{process.Interrupted}
	waits       = []process.How{process.Interrupted, process.Abandoned}
)
