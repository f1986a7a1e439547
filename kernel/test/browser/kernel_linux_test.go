package browser

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/launch"
	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
	"github.com/trafficlab/trafficlab/kernel/test/waits"
)

// status is a JavaScript expression for the kernel's state: idle or busy.
const status = `document.querySelector('.jp-Notebook-ExecutionIndicator').dataset.status`

// add inserts a cell below the last one and types into it.
func (p *page) add(text string) {
	p.t.Helper()
	p.do("select the last cell", chromedp.KeyEvent("\x1b"), chromedp.Evaluate(
		`[...document.querySelectorAll('.jp-Cell')].at(-1).querySelector('.jp-InputPrompt').click(); true`, nil))
	p.insert(text)
}

// enter runs the active cell.
func (p *page) enter() {
	p.t.Helper()
	p.do("run", chromedp.KeyEvent("\r", chromedp.KeyModifiers(input.ModifierCtrl)))
}

// active is a JavaScript expression for the text of the active cell.
const active = `document.querySelector('.jp-Cell.jp-mod-active .cm-content').innerText`

// closed is a JavaScript expression that is true if no list of completions and no documentation is
// shown.
const closed = `![...document.querySelectorAll('.jp-Completer, .jp-Tooltip')].some(e => e.getClientRects().length > 0)`

// TestRunAllStops runs all cells of a notebook whose second cell fails.
func TestRunAllStops(t *testing.T) {
	p := open(t, kerneltest.Write(t, "stops.ipynb",
		kerneltest.Code("fmt.Println(\"first \" + \"ran\")"), kerneltest.Code("rate := 0.1\nfmt.Println(rate, "+
			"missing)"), kerneltest.Code("fmt.Println(\"too \" + \"far\")"), kerneltest.Code("6 * 7")))
	p.button("notebook:restart-run-all")
	p.do("confirm", chromedp.WaitVisible(`.jp-Dialog .jp-mod-accept`, chromedp.ByQuery),
		chromedp.Click(`.jp-Dialog .jp-mod-accept`, chromedp.ByQuery),
		chromedp.WaitNotPresent(`.jp-Dialog`, chromedp.ByQuery))
	p.until("the error", output+`.includes('undefined: missing')`)
	p.until("nothing waits", status+` === 'idle' && !(`+prompts+`).some(s => s.includes('*'))`)
	p.picture("stopped at the error")
	shown := p.text(output)
	kerneltest.Wants(t, "the notebook", shown, "first ran", "undefined: missing", "fmt.Println(rate, missing)")
	if strings.Contains(shown, "too far") || strings.Contains(shown, "42") {
		t.Errorf("cells behind the error ran:\n%s", shown)
	}
	if got := p.text(prompts + `.join(' ')`); !strings.HasSuffix(strings.ReplaceAll(got, "\u00a0", " "), "[ ]: [ ]:") {
		t.Errorf("the prompts are %q, want the last two empty", got)
	}
	// The kernel still works.
	p.add("6 * 7")
	p.enter()
	p.until("the result", output+`.includes('42')`)
	p.picture("and goes on")
}

// slowToBuild returns a cell that takes the compiler some ten seconds, with random numbers that no
// cache has seen.
func slowToBuild() string {
	var b strings.Builder
	b.WriteString("f := func(i int) float64 {\n\tif i > 3 {\n\t\treturn float64(i)\n\t}\n\treturn 1.5\n}\nm := " +
		"map[int]float64{}\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "x%d := f(%d) + %d*f(%d)\n", i, rand.IntN(1e9), i, i+1)
	}
	for i := range 5000 {
		fmt.Fprintf(&b, "m[%d] = x%d\n", i, i)
	}
	b.WriteString("fmt.Println(\"built \" + \"and run\", len(m))")
	return b.String()
}

// compiling reports whether a Go compiler is running for the page's kernel.
func (p *page) compiling() bool {
	paths, err := filepath.Glob("/proc/[0-9]*/comm")
	if err != nil {
		p.t.Fatal(err)
	}
	for _, path := range paths {
		if comm, err := os.ReadFile(path); err != nil || string(comm) != "compile\n" {
			continue // another program, or it has ended
		}
		environ, err := os.ReadFile(filepath.Join(filepath.Dir(path), "environ"))
		if err == nil && bytes.Contains(environ, []byte(launch.EnvWork+"="+p.work)) {
			return true
		}
	}
	return false
}

// TestStopInMidBuild clicks the stop button while the compiler is running.
func TestStopInMidBuild(t *testing.T) {
	p := open(t, kerneltest.Write(t, "build.ipynb", kerneltest.Code("fmt.Println(\"warm\")"),
		kerneltest.Code(slowToBuild()), kerneltest.Code("fmt.Println(\"next \" + \"works\")")))
	p.run("warm")
	p.until("the first cell", output+`.includes('warm')`)
	p.do("go to the next", chromedp.KeyEvent("\r", chromedp.KeyModifiers(input.ModifierShift)))
	p.until("it runs", status+` === 'busy'`)
	waits.Until(t, "the compiler runs", p.compiling)
	pressed := time.Now()
	p.button("notebook:interrupt-kernel")
	p.until("it says so", `/Interrupted/i.test(`+output+`)`)
	if took := time.Since(pressed); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	p.do("look at the end",
		chromedp.Evaluate(`[...document.querySelectorAll('.jp-Cell')].at(-1).scrollIntoView({block: 'end'}); true`,
			nil))
	p.picture("stopped in mid-build")
	p.run(`next `)
	p.until("the next cell", output+`.includes('next works')`)
	if strings.Contains(p.text(output), "built and run") {
		t.Error("the cell was built and run")
	}
}

// TestTyping types as a person does: Tab completes, Shift-Tab shows the documentation, the last
// expression and a table are shown, and a question is answered.
func TestTyping(t *testing.T) {
	p := open(t, kerneltest.Write(t, "typing.ipynb", kerneltest.Code("import (\n\t\"fmt\"\n\t\"strings\"\n)")))

	p.add("fmt.Printl")
	p.do("press Tab", chromedp.KeyEvent("\t"))
	p.until("the one that fits",
		`[...document.querySelectorAll('.jp-Completer-item')].some(e => e.innerText.includes('Println'))`)
	p.do("choose it", chromedp.KeyEvent("\r"))
	p.until("Tab completes", active+`.includes('fmt.Println') && `+closed)
	p.do("go on", input.InsertText(`("com" + "pleted")`))
	p.enter()
	p.until("it runs", output+`.includes('completed')`)

	p.add("strings.ToU")
	p.do("press Tab", chromedp.KeyEvent("\t"))
	p.until("a list to choose from",
		`[...document.querySelectorAll('.jp-Completer-item')].some(e => e.innerText.includes('ToUpperSpecial'))`)
	p.picture("Tab")
	p.do("choose the first", chromedp.KeyEvent("\r"))
	p.until("the choice is typed", active+`.includes('strings.ToUpper') && `+closed)

	p.do("press Shift-Tab", chromedp.KeyEvent("\t", chromedp.KeyModifiers(input.ModifierShift)))
	p.until("the documentation",
		`(document.querySelector('.jp-Tooltip')?.innerText ?? '').includes('ToUpper returns s with all')`)
	p.picture("Shift-Tab")
	p.do("close it", chromedp.KeyEvent("\x1b"))
	p.until("the documentation is closed", closed)

	p.add("strings.ToUpper(\"shown as a result\")")
	p.enter()
	p.until("a result", `[...document.querySelectorAll('.jp-OutputArea-executeResult')].some(e =>
		e.innerText.includes('SHOWN AS A RESULT'))`)

	p.add("[]struct {\n\tHost string\n\tPackets int\n}{{\"10.0.0.1\", 12}, {\"10.0.0.2\", 7}}")
	p.enter()
	p.until("a table", `[...document.querySelectorAll('.jp-OutputArea-executeResult table')].some(e =>
		e.innerText.includes('Packets') && e.innerText.includes('10.0.0.2'))`)
	p.picture("a table")

	p.add("import \"bufio\"\nimport \"os\"\nimport \"github.com/janpfeifer/gonb/gonbui\"\n" +
		"gonbui.RequestInput(\"Your name? \", false)\nline, _ := bufio.NewReader(os.Stdin).ReadString('\\n')\n" +
		"fmt.Println(\"Hello,\", line)")
	p.enter()
	p.until("a question", `document.querySelector('.jp-Stdin-input') !== null`)
	p.do("answer", chromedp.Click(`.jp-Stdin-input`, chromedp.ByQuery), input.InsertText("Grace"),
		chromedp.KeyEvent("\r"))
	p.until("the answer", output+`.includes('Hello, Grace')`)
	p.picture("a question")
}
