package process_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/session/process"
)

// interrupt runs a cell, and interrupts it once it has printed something.
func (b *harness) interrupt(source string) (process.Outcome, string) {
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

func (s *recorder) any() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Len() > 0
}

// checked begins the cells of the tests that contain CHECK, which stands for what the rewriting
// inserts.
const checked = `import ᐧlive "github.com/trafficlab/trafficlab/kernel/internal/session/live"
`

// withChecks replaces CHECK in a cell.
func withChecks(source string) string {
	return strings.ReplaceAll(source, "CHECK", "if ᐧlive.Stopped() { ᐧlive.Check() }")
}

// An interrupted cell ends, and the values that it has set stay.
func TestStops(t *testing.T) {
	b := start(t, process.Config{Grace: 5 * time.Second})
	b.run(t.Context(), "var n int\n\nfunc ᐧMain() {}\n")
	const one = "import ᐧ1 \"main/1\"\n"
	for _, c := range []struct {
		name, source string
		how          process.How
		printed      string
	}{{
		"a loop with checks", checked + one + "func ᐧMain() { ᐧ1.n = 7; println(1); for { CHECK } }",
		process.Interrupted, "1\n",
	}, {
		"its deferred functions", checked + "func loop() { for { CHECK } }\n" +
			"func ᐧMain() { defer func() { for i := range 3 { CHECK; println(i) } }(); println(9); loop() }",
		process.Interrupted, "9\n0\n1\n2\n",
	}, {
		"a deferred function that does not end",
		checked + "func loop() { for { CHECK } }\n" +
			"func ᐧMain() { defer loop(); println(1); loop() }",
		process.Interrupted, "1\n",
	}, {
		"recursion with checks", checked +
			"func f(n int) int { CHECK; if n == 0 { return 0 }; return f(n-1) + f(n-1) }\n" +
			"func ᐧMain() { println(1); f(100) }",
		process.Interrupted, "1\n",
	}, {
		"a cell that heeds its context", "import \"github.com/trafficlab/trafficlab/trafficlib/nb\"\n" +
			"func ᐧMain() { println(1); <-nb.Context().Done() }",
		process.OK, "1\nstopping after this step\n",
	}, {
		"a cell that heeds signals", "import (\n\t\"os\"\n\t\"os/signal\"\n)\n" +
			"func ᐧMain() { c := make(chan os.Signal, 1); signal.Notify(c, os.Interrupt); println(1); " +
			"println((<-c).String()); signal.Reset() }",
		process.OK, "1\ninterrupt\n",
	}, {
		"code that took the signal finishes", checked + "import (\n\t\"os\"\n\t\"os/signal\"\n\t\"time\"\n)\n" +
			"func ᐧMain() { c := make(chan os.Signal, 1); signal.Notify(c, os.Interrupt); println(1); <-c; " +
			"for range 150 { CHECK; time.Sleep(10 * time.Millisecond) }; println(2); signal.Reset() }",
		process.OK, "1\n2\n",
	}, {
		"code that saw its context canceled finishes", checked +
			"import (\n\t\"time\"\n\n\t\"github.com/trafficlab/trafficlab/trafficlib/nb\"\n)\n" +
			"func ᐧMain() { ctx := nb.Context(); println(1); for ctx.Err() == nil { CHECK; time.Sleep(time.Millisecond) }; " +
			"for range 150 { CHECK; time.Sleep(10 * time.Millisecond) }; println(2) }",
		process.OK, "1\nstopping after this step\n2\n",
	}, {
		"code that never looks at its signals", checked + "import (\n\t\"os\"\n\t\"os/signal\"\n)\n" +
			"func ᐧMain() { c := make(chan os.Signal, 1); signal.Notify(c, os.Interrupt); println(1); for { CHECK } }",
		process.Interrupted, "1\n",
	}, {
		"a cell that waits for ever", "func ᐧMain() { println(1); select {} }",
		process.Abandoned, "1\n",
	}, {
		"a cell that sleeps", checked + "import \"time\"\n" +
			"func ᐧMain() { println(1); for { CHECK; time.Sleep(10 * time.Millisecond) } }",
		process.Interrupted, "1\n",
	}, {
		"goroutines of the cell", checked + "import \"sync\"\n" +
			"func ᐧMain() { var g sync.WaitGroup; for range 3 { g.Go(func() { for { CHECK } }) }; println(1); " +
			"g.Wait() }",
		process.OK, "1\n",
	}, {
		"recover does not keep it", checked + "func f() { defer func() { recover() }(); for { CHECK } }\n" +
			"func ᐧMain() { println(1); for { f() } }",
		process.Interrupted, "1\n",
	}} {
		began := time.Now()
		o, printed := b.interrupt(c.source)
		how := o.How
		if c.name == "goroutines of the cell" && how == process.Interrupted {
			how = process.OK // it depends on which goroutine ends first
		}
		if how != c.how || printed != c.printed {
			t.Errorf("%s: got %s %q, printed %q; want %s, %q", c.name, o.How, o.Text, printed, c.how, c.printed)
		}
		t.Logf("%s: %v", c.name, time.Since(began).Round(time.Millisecond))
	}
	o, printed := b.run(t.Context(), one+"func ᐧMain() { println(ᐧ1.n) }")
	if o.How != process.OK || printed != "7\n" {
		t.Errorf("afterwards: %+v, %q", o, printed)
	}
}

// A cell that was left behind ends when it returns to code of the cell; other cells go on.
func TestLeftBehind(t *testing.T) {
	b := start(t, process.Config{})
	b.run(t.Context(), "var goes = make(chan bool)\n\nvar ended bool\n\nfunc ᐧMain() {}")
	o, _ := b.interrupt(checked + "import ᐧ1 \"main/1\"\n" +
		"func ᐧMain() { defer func() { ᐧ1.ended = true }(); println(1); <-ᐧ1.goes; for { CHECK } }")
	if o.How != process.Abandoned {
		t.Fatalf("got %+v", o)
	}
	o, printed := b.run(t.Context(), checked+"import (\n\t\"time\"\n\n\tᐧ1 \"main/1\"\n)\n"+`
func ᐧMain() {
	close(ᐧ1.goes)
	for until := time.Now().Add(20 * time.Second); !ᐧ1.ended && time.Now().Before(until); {
		CHECK
	}
	println(ᐧ1.ended)
}`)
	if o.How != process.OK || printed != "true\n" {
		t.Errorf("got %+v, %q", o, printed)
	}
}

// A call that does not return costs the host, after the grace time.
func TestGrace(t *testing.T) {
	b := start(t, process.Config{Grace: 1500 * time.Millisecond})
	o, _ := b.interrupt("func ᐧMain() { println(1); for {} }")
	if o.How != process.Died || !strings.Contains(o.Died, "did not return") {
		t.Errorf("got %+v", o)
	}
}

// A cell that waits for input ends when it is interrupted.
func TestInputStops(t *testing.T) {
	b := start(t, process.Config{})
	b.out.waits = true
	o, _ := b.interrupt("import \"fmt\"\n\n" +
		"func ᐧMain() { var s string; fmt.Print(\"name: \"); _, err := fmt.Scanln(&s); fmt.Println(err) }")
	if o.How != process.OK && o.How != process.Interrupted {
		t.Errorf("got %+v", o)
	}
}
