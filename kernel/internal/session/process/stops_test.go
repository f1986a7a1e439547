package process_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/session/process"
)

// interrupt runs a cell, and interrupts it once it has printed something.
func (b *bench) interrupt(source string) (process.Outcome, string) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil && !b.out.any() {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	return b.run(ctx, source)
}

func (s *said) any() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Len() > 0
}

const checked = `import ᐧlive "github.com/trafficlab/trafficlab/kernel/internal/session/live"
`

// A cell that is interrupted ends, and the values that it had set stay.
func TestStops(t *testing.T) {
	b := start(t, process.Config{Grace: 5 * time.Second})
	b.run(t.Context(), "var n int\n\nfunc ᐧMain() {}\n")
	const one = "import ᐧ1 \"main/1\"\n"
	for _, c := range []struct {
		name, source string
		how          process.How
		said         string
	}{{
		"a loop with checks", checked + one + "func ᐧMain() { ᐧ1.n = 7; println(1); for { if ᐧlive.Stopped() { ᐧlive.Check() } } }", process.Interrupted, "1\n",
	}, {
		"its deferred functions", checked + "func loop() { for { if ᐧlive.Stopped() { ᐧlive.Check() } } }\n" +
			"func ᐧMain() { defer func() { for i := range 3 { if ᐧlive.Stopped() { ᐧlive.Check() }; println(i) } }(); println(9); loop() }", process.Interrupted, "9\n0\n1\n2\n",
	}, {
		"a deferred function that does not end", checked + "func loop() { for { if ᐧlive.Stopped() { ᐧlive.Check() } } }\n" +
			"func ᐧMain() { defer loop(); println(1); loop() }", process.Interrupted, "1\n",
	}, {
		"recursion with checks", checked + "func f(n int) int { if ᐧlive.Stopped() { ᐧlive.Check() }; if n == 0 { return 0 }; return f(n-1) + f(n-1) }\n" +
			"func ᐧMain() { println(1); f(100) }", process.Interrupted, "1\n",
	}, {
		"a cell that heeds its context", "import \"github.com/trafficlab/trafficlab/trafficlib/nb\"\n" +
			"func ᐧMain() { println(1); <-nb.Context().Done() }", process.OK, "1\nstopping after this step\n",
	}, {
		"a cell that heeds signals", "import (\n\t\"os\"\n\t\"os/signal\"\n)\n" +
			"func ᐧMain() { c := make(chan os.Signal, 1); signal.Notify(c, os.Interrupt); println(1); println((<-c).String()); signal.Reset() }", process.OK, "1\ninterrupt\n",
	}, {
		"what a signal has told goes on to its end", checked + "import (\n\t\"os\"\n\t\"os/signal\"\n\t\"time\"\n)\n" +
			"func ᐧMain() { c := make(chan os.Signal, 1); signal.Notify(c, os.Interrupt); println(1); <-c; for range 150 { if ᐧlive.Stopped() { ᐧlive.Check() }; time.Sleep(10 * time.Millisecond) }; println(2); signal.Reset() }", process.OK, "1\n2\n",
	}, {
		"what its context has told goes on to its end", checked + "import (\n\t\"time\"\n\n\t\"github.com/trafficlab/trafficlab/trafficlib/nb\"\n)\n" +
			"func ᐧMain() { ctx := nb.Context(); println(1); for ctx.Err() == nil { if ᐧlive.Stopped() { ᐧlive.Check() }; time.Sleep(time.Millisecond) }; for range 150 { if ᐧlive.Stopped() { ᐧlive.Check() }; time.Sleep(10 * time.Millisecond) }; println(2) }",
		process.OK, "1\nstopping after this step\n2\n",
	}, {
		"a cell that could look and does not", checked + "import (\n\t\"os\"\n\t\"os/signal\"\n)\n" +
			"func ᐧMain() { c := make(chan os.Signal, 1); signal.Notify(c, os.Interrupt); println(1); for { if ᐧlive.Stopped() { ᐧlive.Check() } } }", process.Interrupted, "1\n",
	}, {
		"a cell that waits for ever", "func ᐧMain() { println(1); select {} }", process.Abandoned, "1\n",
	}, {
		"a cell that sleeps", checked + "import \"time\"\nfunc ᐧMain() { println(1); for { if ᐧlive.Stopped() { ᐧlive.Check() }; time.Sleep(10 * time.Millisecond) } }", process.Interrupted, "1\n",
	}, {
		"goroutines of the cell", checked + "import \"sync\"\nfunc ᐧMain() { var g sync.WaitGroup; for range 3 { g.Go(func() { for { if ᐧlive.Stopped() { ᐧlive.Check() } } }) }; println(1); g.Wait() }",
		process.OK, "1\n",
	}, {
		"recover does not keep it", checked + "func f() { defer func() { recover() }(); for { if ᐧlive.Stopped() { ᐧlive.Check() } } }\nfunc ᐧMain() { println(1); for { f() } }", process.Interrupted, "1\n",
	}} {
		began := time.Now()
		o, said := b.interrupt(c.source)
		how := o.How
		if c.name == "goroutines of the cell" && how == process.Interrupted {
			how = process.OK // which of the two depends on which goroutine ends first
		}
		if how != c.how || said != c.said {
			t.Errorf("%s: got %s %q, printed %q; want %s, %q", c.name, o.How, o.Text, said, c.how, c.said)
		}
		t.Logf("%s: %v", c.name, time.Since(began).Round(time.Millisecond))
	}
	o, said := b.run(t.Context(), one+"func ᐧMain() { println(ᐧ1.n) }")
	if o.How != process.OK || said != "7\n" {
		t.Errorf("afterwards: %+v, %q", o, said)
	}
}

// What was left behind ends when it comes back to code of the cell; other cells do not.
func TestLeftBehind(t *testing.T) {
	b := start(t, process.Config{})
	b.run(t.Context(), "var goes = make(chan bool)\n\nvar ended bool\n\nfunc ᐧMain() {}")
	o, _ := b.interrupt(checked + "import ᐧ1 \"main/1\"\nfunc ᐧMain() { defer func() { ᐧ1.ended = true }(); println(1); <-ᐧ1.goes; for { if ᐧlive.Stopped() { ᐧlive.Check() } } }")
	if o.How != process.Abandoned {
		t.Fatalf("got %+v", o)
	}
	o, said := b.run(t.Context(), checked+"import (\n\t\"time\"\n\n\tᐧ1 \"main/1\"\n)\n"+`
func ᐧMain() {
	close(ᐧ1.goes)
	for until := time.Now().Add(20 * time.Second); !ᐧ1.ended && time.Now().Before(until); {
		if ᐧlive.Stopped() { ᐧlive.Check() }
	}
	println(ᐧ1.ended)
}`)
	if o.How != process.OK || said != "true\n" {
		t.Errorf("got %+v, %q", o, said)
	}
}

// A call that does not come back costs the host, after the grace.
func TestGrace(t *testing.T) {
	b := start(t, process.Config{Grace: 1500 * time.Millisecond})
	o, _ := b.interrupt("func ᐧMain() { println(1); for {} }")
	if o.How != process.Died || !strings.Contains(o.Died, "did not come back") {
		t.Errorf("got %+v", o)
	}
}

// A cell that waits for input ends when it is interrupted.
func TestInputStops(t *testing.T) {
	b := start(t, process.Config{})
	b.out.waits = true
	o, _ := b.interrupt("import \"fmt\"\n\nfunc ᐧMain() { var s string; fmt.Print(\"name: \"); _, err := fmt.Scanln(&s); fmt.Println(err) }")
	if o.How != process.OK && o.How != process.Interrupted {
		t.Errorf("got %+v", o)
	}
}
