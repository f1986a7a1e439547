package process_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/session/process"
)

// The ways in which a cell ends by itself. After each of them the values of an earlier cell are
// unchanged.
func TestEnds(t *testing.T) {
	b := start(t, process.Config{})
	b.run(t.Context(), "var kept = []int{1}\n\nfunc ᐧMain() {}\n")
	for _, c := range []struct {
		name, source string
		want         process.Outcome // its How, Code and Text
		printed      string
		trace        []string // in this order
		not          string
	}{{
		name: "panic",
		source: `
import "errors"

/*line Cell[7]:3:1*/func f(n int) { if n == 0 { panic(errors.New("boom")) }; f(n - 1) }
func ᐧMain() {
/*line Cell[7]:9:1*/f(1)
}`,
		want: process.Outcome{How: process.Panicked, Text: "panic: boom"},
		trace: []string{"goroutine ", "main.f(", "Cell[7]:3", "main.f(", "main.main(",
			"Cell[7]:9"}, not: "session/live",
	}, {
		name:   "fault",
		source: "func g(p *int) int { return *p }\n\nfunc ᐧMain() { println(g(nil)) }",
		want: process.Outcome{How: process.Panicked,
			Text: "panic: runtime error: " +
				"invalid memory address or nil pointer dereference"},
		trace: []string{"main.main("}, not: "sigpanic",
	}, {
		name:   "panic while panicking",
		source: "func ᐧMain() { defer func() { panic(2) }(); panic(\"one\") }",
		want:   process.Outcome{How: process.Panicked, Text: "panic: one\n\tpanic: 2"},
	}, {
		name:   "panicked again",
		source: "func ᐧMain() { defer func() { panic(recover()) }(); panic(\"one\") }",
		want:   process.Outcome{How: process.Panicked, Text: "panic: one [recovered, repanicked]"},
	}, {
		name:   "of a type of the cell's",
		source: "type t struct{ a int }\n\nfunc ᐧMain() { panic(t{3}) }",
		want:   process.Outcome{How: process.Panicked, Text: "panic: (main.t) {a:3}"},
	}, {
		name:   "in an initializer",
		source: "var x = func() int { panic(\"early\") }()\n\nfunc ᐧMain() { println(x) }",
		want:   process.Outcome{How: process.Panicked, Text: "panic: early"},
	}, {
		name: "in a goroutine",
		source: `
func ᐧMain() {
	go func() {
		panic("elsewhere")
	}()
	select {}
}`,
		want: process.Outcome{How: process.Panicked, Text: "panic: elsewhere"}, trace: []string{"main.main.func1(",
			"created by main.main in goroutine"},
	}, {
		name: "recovered",
		source: "import \"fmt\"\n\n" +
			"func ᐧMain() { defer func() { fmt.Println(recover()) }(); var m map[string]int; m[\"a\"] = 1 }",
		want: process.Outcome{How: process.OK}, printed: "assignment to entry in nil map\n",
	}, {
		name:   "exit",
		source: "import \"os\"\n\nfunc ᐧMain() { defer println(\"deferred\"); os.Exit(3) }",
		want:   process.Outcome{How: process.Exited, Code: 3}, printed: "deferred\n",
	}, {
		name:   "exit in a library",
		source: "import \"log\"\n\nfunc ᐧMain() { log.SetFlags(0); log.Fatal(\"fatal\") }",
		want:   process.Outcome{How: process.Exited, Code: 1}, printed: "fatal\n",
	}, {
		name:   "exit in a goroutine",
		source: "import \"os\"\n\nfunc ᐧMain() { go os.Exit(4); select {} }",
		want:   process.Outcome{How: process.Exited, Code: 4},
	}, {
		name:   "Goexit",
		source: "import \"runtime\"\n\nfunc ᐧMain() { runtime.Goexit() }",
		want:   process.Outcome{How: process.Goexited},
	}, {
		name: "value",
		source: `import ᐧlive "github.com/trafficlab/trafficlab/kernel/internal/session/live"

type row struct{ Name string; N int }

func ᐧMain() { ᐧlive.Show([]row{{"a", 1}}) }`,
		want: process.Outcome{How: process.OK},
	}, {
		name:   "flag, once",
		source: "import \"flag\"\n\nvar n = flag.Int(\"n\", 1, \"\")\n\nfunc ᐧMain() { flag.Parse(); println(*n) }",
		want:   process.Outcome{How: process.OK}, printed: "1\n",
	}, {
		name:   "flag, again",
		source: "import \"flag\"\n\nvar n = flag.Int(\"n\", 2, \"\")\n\nfunc ᐧMain() { flag.Parse(); println(*n) }",
		want:   process.Outcome{How: process.OK}, printed: "2\n",
	}} {
		o, printed := b.run(t.Context(), c.source)
		if o.How != c.want.How || o.Code != c.want.Code || o.Text != c.want.Text || printed != c.printed {
			t.Errorf("%s: got %s %d %q, printed %q; want %s %d %q, %q", c.name, o.How, o.Code, o.Text, printed,
				c.want.How, c.want.Code, c.want.Text, c.printed)
		}
		rest := o.Trace
		for _, part := range c.trace {
			i := strings.Index(rest, part)
			if i < 0 {
				t.Errorf("%s: the trace has no %q:\n%s", c.name, part, o.Trace)
				break
			}
			rest = rest[i+len(part):]
		}
		if c.not != "" && strings.Contains(o.Trace, c.not) {
			t.Errorf("%s: the trace has %q:\n%s", c.name, c.not, o.Trace)
		}
		if c.name == "value" && !strings.Contains(string(o.Result), `"text/html":"\u003ctable`) &&
			!strings.Contains(string(o.Result), "<table>") {
			t.Errorf("%s: %s", c.name, o.Result)
		}
	}
	o, printed := b.run(t.Context(),
		"import ᐧ1 \"main/1\"\n\nfunc ᐧMain() { ᐧ1.kept[0]++; println(ᐧ1.kept[0]) }\n")
	if o.How != process.OK || printed != "2\n" {
		t.Errorf("afterwards: %+v, %q", o, printed)
	}
	if len(b.out.late) > 0 {
		t.Errorf("panics of nobody: %q", b.out.late)
	}
}

// A panic in a goroutine whose cell has ended is reported, and ends nothing else.
func TestLate(t *testing.T) {
	b := start(t, process.Config{})
	o, _ := b.run(t.Context(), `
import "time"

var goes = make(chan bool)

func ᐧMain() {
	go func() { <-goes; panic("late") }()
	go func() { for range 3 { time.Sleep(time.Millisecond); println("tick") } }()
}`)
	if o.How != process.OK {
		t.Fatalf("got %+v", o)
	}
	o, printed := b.run(t.Context(),
		"import (\n\t\"time\"\n\n\tᐧ1 \"main/1\"\n)\n\n"+
			"func ᐧMain() { close(ᐧ1.goes); time.Sleep(100 * time.Millisecond) }")
	if o.How != process.OK || !strings.HasSuffix(printed, "tick\n") {
		t.Errorf("got %+v, %q", o, printed)
	}
	if len(b.out.late) != 1 || !strings.HasPrefix(b.out.late[0], "1 panic: late\ngoroutine ") {
		t.Errorf("got %q", b.out.late)
	}
}

// The end of the host is an outcome; the next run reports it again.
func TestDies(t *testing.T) {
	for _, c := range []struct{ name, source, died string }{
		{"fatal error", "func ᐧMain() { m := map[int]int{}; for range 4 { go func() { for { m[1]++ } }() }; select " +
			"{} }",
			"fatal error: concurrent map writes"},
		{"stack overflow", "func f(n int) int { return f(n+1) + 1 }\n\nfunc ᐧMain() { println(f(0)) }",
			"fatal error: stack overflow"},
		{"a signal", "import (\n\t\"os\"\n\t\"syscall\"\n)\n\n" +
			"func ᐧMain() { print(\"last words\"); syscall.Kill(os.Getpid(), syscall.SIGKILL); select {} }",
			"signal: killed"},
	} {
		b := start(t, process.Config{})
		o, printed := b.run(t.Context(), c.source)
		if o.How != process.Died || !strings.Contains(o.Died, c.died) {
			t.Errorf("%s: got %+v", c.name, o)
		}
		if c.name == "a signal" && printed != "last words" {
			t.Errorf("%s: printed %q", c.name, printed)
		}
		select {
		case <-b.h.Gone():
		case <-time.After(10 * time.Second):
			t.Errorf("%s: the host is not gone", c.name)
		}
		if o, _ := b.run(t.Context(), "func ᐧMain() {}"); o.How != process.Died {
			t.Errorf("%s: the next cell: %+v", c.name, o)
		}
	}
}

// A module that cannot be loaded ends nothing.
func TestLoadFails(t *testing.T) {
	b := start(t, process.Config{})
	m := b.module("func ᐧMain() {}")
	if err := os.WriteFile(m.Image, []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := b.h.Run(t.Context(), m, &b.out)
	if err != nil || o.How != process.LoadFailed || o.Text == "" {
		t.Errorf("got %+v, %v", o, err)
	}
	if o, printed := b.run(t.Context(), "func ᐧMain() { println(1) }"); o.How != process.OK || printed != "1\n" {
		t.Errorf("afterwards: %+v, %q", o, printed)
	}
}

// Standard input is what the user types. It is at its end where nobody types.
func TestInput(t *testing.T) {
	b := start(t, process.Config{})
	b.out.lines = []string{"one", "two words", "3"}
	o, printed := b.run(t.Context(), `
import (
	"bufio"
	"fmt"
	"io"
	"os"
)

func ᐧMain() {
	s := bufio.NewScanner(os.Stdin)
	s.Scan()
	fmt.Println(s.Text())
	r := bufio.NewReader(os.Stdin)
	line, _ := r.ReadString('\n')
	fmt.Printf("%q\n", line)
	var n int
	_, err := fmt.Scan(&n)
	rest, _ := io.ReadAll(os.Stdin)
	fmt.Println(n, err, len(rest))
}`)
	if o.How != process.OK || printed != "one\n\"two words\\n\"\n3 <nil> 0\n" {
		t.Errorf("got %+v, %q", o, printed)
	}
}

// Rich output keeps its place among text.
func TestRich(t *testing.T) {
	dir := t.TempDir()
	pipe, back := dir+"/pipe", dir+"/back"
	for _, path := range []string{pipe, back} {
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	keep, err := os.OpenFile(back, os.O_RDWR, 0) // gonbui waits for a writer
	if err != nil {
		t.Fatal(err)
	}
	defer keep.Close()
	b := start(t, process.Config{Pipe: pipe, Env: append(os.Environ(), "GONB_PIPE="+pipe, "GONB_PIPE_BACK="+back)})
	order := &orderRecorder{recorder: &b.out}
	m := b.module(`
import (
	"fmt"

	"github.com/janpfeifer/gonb/gonbui"
)

func ᐧMain() {
	for i := range 20 {
		fmt.Println(i)
		gonbui.DisplayHTML(fmt.Sprint("<b>", i, "</b>"))
	}
}`)
	o, err := b.h.Run(t.Context(), m, order)
	if err != nil || o.How != process.OK {
		t.Fatalf("%+v, %v", o, err)
	}
	// Each line of text is followed by its rich output.
	if want := strings.Repeat("tr", 20); order.kinds != want {
		t.Errorf("got %s", order.kinds)
	}
}

// orderRecorder records the order in which output arrives.
type orderRecorder struct {
	*recorder
	kinds string
}

func (o *orderRecorder) note(kind string) {
	if !strings.HasSuffix(o.kinds, kind) {
		o.kinds += kind
	}
}

func (o *orderRecorder) Text(_ string, _ []byte) { o.note("t") }
func (o *orderRecorder) Rich(_ []byte)           { o.note("r") }
