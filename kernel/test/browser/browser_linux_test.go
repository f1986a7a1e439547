package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/trafficlab/trafficlab/kernel/internal/notebook/lab"
	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
	"github.com/trafficlab/trafficlab/kernel/test/waits"
)

// The workbench as a person uses it: a browser, JupyterLab, the first notebook.

// page is JupyterLab in a browser.
type page struct {
	t    *testing.T
	ctx  context.Context
	work string // the notebook's work folder

	pictures string // the folder for screenshots
	shot     int
}

// kept, as the number of epochs, means the notebook as in the checkout, with its outputs.
const kept = 0

// openPage copies the first notebook, with another number of epochs and without outputs unless
// epochs is kept, and opens it.
func openPage(t *testing.T, epochs int) *page {
	t.Helper()
	dir := t.TempDir()
	copyNotebook(t, dir, epochs)
	p := open(t, filepath.Join(dir, kerneltest.First))
	p.until("the notebook is loaded", `document.querySelectorAll('.jp-Notebook .jp-Cell').length > 20`)
	return p
}

// open opens a notebook in JupyterLab.
func open(t *testing.T, notebook string) *page {
	t.Helper()
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
	if browser == "" {
		kerneltest.Skip(t, "no browser: install Debian's package chromium")
	}
	h := kerneltest.Machine(t)
	// The server passes its environment to its kernels: their work folders go below the test's own.
	work := filepath.Join(t.TempDir(), "work")
	t.Setenv("TRAFFICLAB_WORK", work)

	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	ready := make(chan string, 1)
	go func() {
		done <- lab.Lab{Home: h, Dir: filepath.Dir(notebook), Notebook: filepath.Base(notebook), Out: io.Discard,
			Errs: io.Discard, Ready: func(url string) { ready <- url }}.Run(ctx)
	}()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.WindowSize(1400,
			1600), chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	allocator, closeBrowser := chromedp.NewExecAllocator(ctx, options...)
	tab, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		closeTab()
		closeBrowser()
		stop()
		<-done
	})
	p := &page{t: t, ctx: tab, work: work, pictures: kerneltest.Artifacts(t)}
	select {
	case err := <-done:
		done <- err // for the cleanup
		t.Fatalf("JupyterLab: %v", err)
	case url := <-ready:
		p.do("open", chromedp.Navigate(url))
	}
	p.until("the notebook is open", `document.querySelectorAll('.jp-Notebook .jp-Cell').length > 0`)
	p.until("the kernel is shown", `document.querySelector('.jp-KernelName')?.innerText.includes('Go (trafficlab)')`)
	p.until("the kernel is idle", status+` === 'idle'`)
	return p
}

// copyNotebook copies the first notebook and its data to dir.
func copyNotebook(t *testing.T, dir string, epochs int) {
	t.Helper()
	data, err := os.ReadFile(kerneltest.Checkout(t, "notebooks", kerneltest.First))
	if err != nil {
		t.Fatal(err)
	}
	if epochs != kept {
		data = unrun(t, data, epochs)
	}
	if err := os.WriteFile(filepath.Join(dir, kerneltest.First), data, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"data", "img"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(kerneltest.Checkout(t, "notebooks", name))); err != nil {
			t.Fatal(err)
		}
	}
}

// unrun returns a notebook with another number of epochs and without outputs.
func unrun(t *testing.T, data []byte, epochs int) []byte {
	t.Helper()
	setting := regexp.MustCompile(`(epochs +int += )\d+`)
	if len(setting.FindAll(data, -1)) != 1 {
		t.Fatalf("%s: no epochs setting, or several", kerneltest.First)
	}
	data = setting.ReplaceAll(data, fmt.Appendf(nil, "${1}%d", epochs))
	var nb map[string]any
	if err := json.Unmarshal(data, &nb); err != nil {
		t.Fatal(err)
	}
	for _, c := range nb["cells"].([]any) {
		if cell := c.(map[string]any); cell["cell_type"] == "code" {
			cell["outputs"], cell["execution_count"] = []any{}, nil
		}
	}
	data, err := json.Marshal(nb)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (p *page) do(what string, actions ...chromedp.Action) {
	p.t.Helper()
	if err := chromedp.Run(p.ctx, actions...); err != nil {
		p.picture("failed")
		p.t.Fatalf("%s: %v", what, err)
	}
}

// until waits for a JavaScript expression to become true.
func (p *page) until(what string, expression string) {
	p.t.Helper()
	defer func() {
		if p.t.Failed() {
			p.picture("failed")
		}
	}()
	waits.Until(p.t, what, func() bool { return p.is(expression) })
}

func (p *page) is(expression string) (yes bool) {
	p.t.Helper()
	p.do(expression, chromedp.Evaluate(expression, &yes))
	return yes
}

func (p *page) text(expression string) (s string) {
	p.t.Helper()
	p.do(expression, chromedp.Evaluate(expression, &s))
	return s
}

// button clicks a button of the notebook's toolbar.
func (p *page) button(command string) {
	p.t.Helper()
	p.do(command, chromedp.Click(fmt.Sprintf(`.jp-NotebookPanel-toolbar [data-command=%q]`, command), chromedp.ByQuery))
}

// restartAndRunAll restarts the kernel and runs all cells with the toolbar's button, and waits
// until all cells are queued and the old outputs are gone.
func (p *page) restartAndRunAll() {
	p.t.Helper()
	p.button("notebook:restart-run-all")
	p.do("confirm", chromedp.WaitVisible(`.jp-Dialog .jp-mod-accept`, chromedp.ByQuery),
		chromedp.Click(`.jp-Dialog .jp-mod-accept`, chromedp.ByQuery),
		chromedp.WaitNotPresent(`.jp-Dialog`, chromedp.ByQuery))
	p.until("the cells wait to be run",
		`[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].at(-1).innerText.includes('*') &&
			!`+output+`.includes('rhs[0]=2')`)
}

// picture saves a screenshot.
func (p *page) picture(name string) {
	p.t.Helper()
	var png []byte
	if err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot(&png)); err != nil {
		p.t.Logf("no picture: %v", err)
		return
	}
	p.shot++
	if err := os.WriteFile(filepath.Join(p.pictures, fmt.Sprintf("%02d %s.png", p.shot, name)), png,
		0o666); err != nil {
		p.t.Fatal(err)
	}
}

const (
	// output is a JavaScript expression for the text of all outputs.
	output = `[...document.querySelectorAll('.jp-OutputArea-output')].map(e => e.innerText).join('\n')`
	// bars is a JavaScript expression for the lines of all progress bars.
	bars = `[...document.querySelectorAll('.jp-OutputArea-output')].map(e => e.innerText.trim()).filter(s =>
		s.startsWith('train step')).join('\n')`
	// curves is a JavaScript expression for the number of loss charts below those bars.
	curves = `[...document.querySelectorAll('.jp-OutputArea-output img[alt="curves so far"]')].filter(e =>
		e.naturalWidth > 0).length`
	// prompts is a JavaScript expression for the prompts of all cells.
	prompts = `[...document.querySelectorAll('.jp-InputPrompt')].map(e => e.innerText)`
	// focus is a JavaScript expression for the editor with the focus, in the active cell.
	focus = `document.activeElement?.closest('.jp-Cell.jp-mod-active .cm-content')`
	// idle is a JavaScript expression that is true once all cells have run.
	idle = `(p => p.some(s => /\d/.test(s)) && !p.some(s => s.includes('*')))(` + prompts + `)`
)

// TestBrowser walks through the first notebook: it stops a training, resumes it, and looks at the
// outputs.
func TestBrowser(t *testing.T) {
	p := openPage(t, 60)

	p.restartAndRunAll()
	p.until("a bar shows", bars+` !== ''`)
	before := p.text(bars)
	p.until("the bar moves", bars+` !== `+quote(before))
	if now := p.text(bars); strings.Count(now, "\n") != strings.Count(before, "\n") {
		t.Errorf("the bar was not updated in place: first %q, then %q", before, now)
	}
	p.until("rate and time left", `/[0-9.]+ step\/s · \S+ left/.test(`+bars+`)`)
	p.until("the losses so far", curves+` === 1`)
	p.show(`epochs/2`)
	p.picture("training")

	// The cells after a stopped one do not run.
	const stopped = `(` + output + `.match(/stopped at step/g) ?? []).length`
	p.button("notebook:interrupt-kernel")
	p.until("the training says that it stopped", stopped+` >= 1`)
	left, err := filepath.Glob(filepath.Join(p.work, "run", "step-*"))
	if err != nil || len(left) == 0 {
		t.Errorf("no snapshot below %s: %v", p.work, err)
	}
	p.until("the cells after it are not waited for",
		`document.querySelector('.jp-Notebook-ExecutionIndicator').dataset.status === 'idle' && !(`+prompts+`).some(
			s => s.includes('*'))`)
	if n := p.text(`String((` + bars + `.match(/train step/g) ?? []).length)`); n != "1" {
		t.Errorf("%s trainings have begun, want only the one that was stopped", n)
	}
	p.show(`epochs/2`)
	p.picture("stopped")

	p.run(`snapshot.List`)
	p.until("a cell after the stop lists the snapshots",
		output+`.includes('step-0000') && `+output+`.includes('whole epochs')`)

	p.restartAndRunAll()
	p.until("the training goes on", output+`.includes('resumed from step')`)
	p.until("all cells have run", idle+` && `+output+`.includes('rhs[0]=2')`)

	p.wantsShown()
	p.until("the figures of the resumed training", output+`.includes('ROC AUC: LSTM')`)
	p.show(`"ROC AUC: LSTM`)
	p.picture("scores")
	p.show(`chart.Picture`)
	p.picture("a picture")
	p.zoom()
}

// TestOpened checks a promise of the README: the notebook opens with all outputs of its last run,
// before anything runs.
func TestOpened(t *testing.T) {
	p := openPage(t, kept)
	p.picture("top")
	p.wantsShown()
	p.until("the full bar of the training", bars+`.includes('train step 600/600')`)
	p.show(`chart.Picture`)
	p.picture("a picture")
	p.zoom()
}

// wantsShown waits for everything that the notebook shows.
func (p *page) wantsShown() {
	p.t.Helper()
	for what, expression := range map[string]string{
		"charts to zoom in": fmt.Sprintf(`document.querySelectorAll(%q).length >= 6`, vega+" svg.marks"),
		"a chart as picture": `[...document.querySelectorAll(` +
			`'.jp-OutputArea-output:is(.jp-RenderedImage, .jp-RenderedSVG) :is(img, svg)')]` +
			`.some(e => e.getBoundingClientRect().width > 300 && e.naturalWidth !== 0)`,
		"one bar a training": `(` + bars + `.match(/train step/g) ?? []).length === 2 && ` + curves + ` === 2`,
		"tables":             `document.querySelectorAll('.jp-RenderedHTMLCommon table tbody tr').length > 10`,
		"the picture on top": `[...document.querySelectorAll('.jp-MarkdownOutput img')].some(e => e.naturalWidth > 0)`,
		"colors of the code": `[...document.querySelectorAll('.jp-CodeCell .cm-content span')].some(e =>
			e.innerText === 'for' && getComputedStyle(e).color !== getComputedStyle(e.closest('.cm-content')).color)`,
	} {
		p.until(what, expression)
	}
}

// vega is the selector of interactive charts.
const vega = `.jp-OutputArea-output.jp-RenderedVegaCommon5`

// zoom turns the mouse wheel over the chart of the losses and waits for another range of its axes.
// A double click restores the range.
func (p *page) zoom() {
	p.t.Helper()
	p.show(`chart.Loss(`)
	p.picture("chart")
	labels := fmt.Sprintf(`[...document.querySelector(%q).querySelectorAll('.role-axis-label text')].filter(e =>
		e.getAttribute('opacity') !== '0').map(e => e.textContent).sort().join(' ')`, vega)
	var at []float64
	p.do("find the chart",
		chromedp.Evaluate(fmt.Sprintf(`(r => [r.x + r.width/2, r.y + r.height/2])(`+
			`document.querySelector(%q).getBoundingClientRect())`, vega+" svg.marks"), &at))
	before := p.text(labels)
	p.do("turn the wheel", chromedp.MouseEvent(input.MouseMoved, at[0], at[1]),
		input.DispatchMouseEvent(input.MouseWheel, at[0], at[1]).WithDeltaX(0).WithDeltaY(-600))
	p.until("the axes show less", labels+` !== `+quote(before))
	p.picture("zoomed in")
	p.do("double click", chromedp.MouseClickXY(at[0], at[1], chromedp.ClickCount(1)),
		chromedp.MouseClickXY(at[0], at[1], chromedp.ClickCount(2)))
	p.until("the axes show all again", labels+` === `+quote(before))
}

// run runs the first cell whose code contains the text, with a click into it and Shift-Enter.
func (p *page) run(text string) {
	p.t.Helper()
	p.do("find "+text, chromedp.Evaluate(`document.querySelectorAll('[data-clicked]').forEach(
		e => e.removeAttribute('data-clicked'));
		[...document.querySelectorAll('.jp-CodeCell .cm-content')].find(
			e => e.innerText.includes(`+quote(text)+`)).setAttribute('data-clicked', ''); true`, nil))
	p.do("click into "+text, chromedp.Click(`[data-clicked]`, chromedp.ByQuery))
	p.until("the cell is edited", focus+`?.innerText.includes(`+quote(text)+`)`)
	p.do("run "+text, chromedp.KeyEvent("\r", chromedp.KeyModifiers(input.ModifierShift)))
}

// insert inserts a cell below the active one and types into it.
func (p *page) insert(text string) {
	p.t.Helper()
	const cells = `document.querySelectorAll('.jp-Notebook .jp-Cell').length`
	p.do("leave the editor", chromedp.KeyEvent("\x1b"))
	p.until("command mode", `document.querySelector('.jp-Notebook.jp-mod-commandMode') !== null`)
	before := p.text(`String(` + cells + `)`)
	p.do("insert a cell", chromedp.KeyEvent("b"))
	p.until("the cell is inserted", cells+` > `+before)
	p.do("edit it", chromedp.KeyEvent("\r"))
	p.until("the cell is edited", focus+` != null`)
	p.do("type", input.InsertText(text))
}

// show scrolls to the first cell with the text, and waits until the page has stopped moving.
func (p *page) show(text string) {
	p.t.Helper()
	cell := `[...document.querySelectorAll('.jp-Cell')].find(e => e.innerText.includes(` + quote(text) + `))`
	p.do("show "+text, chromedp.Evaluate(cell+`?.scrollIntoView(); true`, nil))
	position, still := "", 0
	waits.Until(p.t, "the page stands still", func() bool {
		now := p.text(`String(` + cell + `?.getBoundingClientRect().top)`)
		if still++; now != position {
			position, still = now, 0
		}
		return still == 10
	})
}

func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

// TestCompletion types half a name and expects the other half.
func TestCompletion(t *testing.T) {
	p := openPage(t, 1)
	p.run(`core/graph`)
	p.until("the imports have run", idle)
	p.insert("%%\nset := seq.FixedLen")
	var pressed time.Time
	waits.Until(t, "Tab completes seq.FixedLen", func() bool {
		if time.Since(pressed) > 3*time.Second { // again and again: gopls may not be up at first
			p.do("press Tab", chromedp.KeyEvent("\t"))
			pressed = time.Now()
		}
		return p.is(`[...document.querySelectorAll('.jp-Completer-item')].some(
			e => e.innerText.includes('FixedLength')) || ` + active + `.includes('seq.FixedLength')`)
	})
	p.picture("completion")
}
