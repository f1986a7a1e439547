package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"go/build"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/editor/complete"
	"github.com/trafficlab/trafficlab/kernel/internal/editor/gopls"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/session"
	"github.com/trafficlab/trafficlab/kernel/internal/session/rewrite"
)

// asked is how long the language server has to answer what somebody who types waits for.
const asked = 220 * time.Millisecond

// aids answers what an editor asks for while somebody types: from the sources of packages at once, and from the
// language server when it is up.
type aids struct {
	k     *Kernel
	index complete.Index

	mu       sync.Mutex
	server   *gopls.Server
	closed   bool
	priming  bool
	declared cellsource.Declared
}

func (t *aids) start(k *Kernel) {
	t.k = k
	t.index = complete.Index{Goroot: build.Default.GOROOT, Checkout: k.Checkout, Module: paths.Module}
	if t.index.Goroot == "" || !filepath.IsAbs(t.index.Goroot) {
		if goCommand, err := lookPath(k.Env, "go"); err == nil {
			if real, err := filepath.EvalSymlinks(goCommand); err == nil {
				t.index.Goroot = filepath.Dir(filepath.Dir(real))
			}
		}
	}
}

// engineIn starts the language server in GoNB's folder.
func (t *aids) engineIn(dir string, env []string) {
	if t.k.Gopls == "" {
		return
	}
	s, err := gopls.Start(t.k.Gopls, dir, env, t.k.Log)
	if err != nil {
		t.k.log.Print(err)
		return
	}
	t.mu.Lock()
	old, closed := t.server, t.closed
	t.server = s
	t.mu.Unlock()
	if old != nil && old != s {
		old.Close()
	}
	if closed {
		s.Close()
		return
	}
	go func() {
		<-s.Gone()
		time.Sleep(5 * time.Second) // one that can not stay up must not take the machine
		t.mu.Lock()
		again := t.server == s && !t.closed
		t.mu.Unlock()
		if again {
			t.k.log.Print("gopls is gone and is started anew")
			t.engineIn(dir, env)
		}
	}()
}

// alone starts the language server in a folder of its own: a module in a workspace with the checkout, as GoNB has it.
func (t *aids) alone() {
	if t.k.Gopls == "" {
		return
	}
	dir := filepath.Join(t.k.Tmp, "editor")
	version := strings.TrimPrefix(runtime.Version(), "go") // that of the kernel, which setup has built
	version, _, _ = strings.Cut(version, "-")
	version, _, _ = strings.Cut(version, " ")
	files := map[string]string{
		"go.mod":  "module cells\n\ngo " + version + "\n",
		"go.work": "go " + version + "\n\nuse (\n\t.\n\t" + strconv.Quote(t.k.Checkout) + "\n)\n",
	}
	err := os.MkdirAll(dir, 0o700)
	for name, text := range files {
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)
		}
	}
	if err != nil {
		t.k.log.Print(err)
		return
	}
	t.engineIn(dir, t.k.Env)
}

// forget forgets what cells have declared.
func (t *aids) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.declared = cellsource.Declared{}
}

func (t *aids) close() {
	t.mu.Lock()
	s := t.server
	t.server, t.closed = nil, true
	t.mu.Unlock()
	if s != nil {
		s.Close()
	}
}

// learn takes in a cell that went well.
func (t *aids) learn(c *cellsource.Cell) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.declared.Add(c)
	if s := t.server; s != nil && !t.priming {
		t.priming = true
		go t.prime(s, t.declared.Copy())
	}
}

// prime has the language server look at what is declared now, so that the next question is answered at once.
func (t *aids) prime(s *gopls.Server, d cellsource.Declared) {
	time.Sleep(time.Second) // cells often come one after the other
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if file, at, ok := t.k.editor(complete.Cell{Code: "fmt.", Cursor: 4, Declared: d.Names, Imports: d.Imports}, d); ok {
		s.Complete(ctx, file, at)
	}
	t.mu.Lock()
	t.priming = false
	t.mu.Unlock()
}

func (t *aids) known() (cellsource.Declared, *gopls.Server) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.declared.Copy(), t.server
}

type codeAt struct {
	Code   string `json:"code"`
	Cursor int    `json:"cursor_pos"`
	Detail int    `json:"detail_level"`
}

func (t *aids) cell(c codeAt, d cellsource.Declared) complete.Cell {
	for name, path := range t.k.builder.dirs() {
		t.index.AddDir(name, path)
	}
	return complete.Cell{Code: c.Code, Cursor: max(0, c.Cursor), Declared: d.Names, Imports: d.Imports, Dir: t.k.folder()}
}

// mostMatches bounds a list that somebody is to choose from.
const mostMatches = 2000

func (k *Kernel) complete(r request) {
	c, err := content[codeAt](r)
	if err != nil {
		k.bad(r, err)
		return
	}
	declared, server := k.tips.known()
	cell := k.tips.cell(c, declared)
	matches, start, end := k.tips.index.Complete(cell)
	if found, from, to := k.ofSession(cell); len(found) > 0 {
		start, end = from, to
		matches = slices.DeleteFunc(matches, func(m complete.Match) bool {
			return slices.ContainsFunc(found, func(f complete.Match) bool { return f.Text == m.Text })
		})
		matches = append(found, matches...)
	} else if cell.IsGo() && server != nil && server.Warm() {
		ctx, cancel := context.WithTimeout(context.Background(), asked)
		more := k.fromGopls(ctx, server, cell, declared, cell.Code[start:end])
		cancel()
		seen := map[string]bool{}
		for _, m := range matches {
			seen[m.Text] = true
		}
		for _, m := range more {
			if !seen[m.Text] {
				seen[m.Text] = true
				matches = append(matches, m)
			}
		}
	}
	matches = matches[:min(len(matches), mostMatches)]
	texts, types := make([]string, len(matches)), make([]any, len(matches))
	from, to := cell.Runes(start), cell.Runes(end)
	for i, m := range matches {
		texts[i] = m.Text
		types[i] = map[string]any{"start": from, "end": to, "text": m.Text, "type": m.Kind, "signature": m.Sign}
	}
	k.reply(r, "complete_reply", map[string]any{"status": "ok", "matches": texts, "cursor_start": from, "cursor_end": to,
		"metadata": map[string]any{"_jupyter_types_experimental": types}})
}

// ofSession returns what the living session knows: the members of values, names of cells and of packages.
func (k *Kernel) ofSession(cell complete.Cell) (found []complete.Match, start, end int) {
	if k.living == nil || !cell.IsGo() {
		return nil, 0, 0
	}
	c, ok := k.living.Complete(cellsource.Blank(cell.Code), cell.Offset())
	if !ok {
		return nil, 0, 0
	}
	for _, i := range c.Items {
		found = append(found, complete.Match{Text: i.Name, Kind: kindOfItem(i.Kind), Sign: i.Type})
	}
	return found, c.From, c.To
}

// kindOfItem names kinds as Jupyter's front ends do.
func kindOfItem(kind string) string {
	switch kind {
	case "func", "method":
		return "function"
	case "field":
		return "property"
	case "package":
		return "module"
	case "const":
		return "constant"
	case "var", "value":
		return "instance"
	}
	return kind
}

// fromGopls gives what the language server knows: those that begin as it was typed, and no other than those.
func (k *Kernel) fromGopls(ctx context.Context, server *gopls.Server, cell complete.Cell, declared cellsource.Declared, prefix string) []complete.Match {
	file, at, ok := k.editor(cell, declared)
	if !ok {
		return nil
	}
	items, err := server.Complete(ctx, file, at)
	if err != nil {
		return nil
	}
	var out []complete.Match
	for _, item := range items {
		if strings.HasPrefix(item.Label, prefix) && !strings.Contains(item.Label, ".") && item.Label != prefix {
			out = append(out, complete.Match{Text: item.Label, Kind: kindOf(item.Kind), Sign: item.Detail})
		}
	}
	return out
}

// editor makes the file that the language server is asked about, with the imports that goimports will add.
func (k *Kernel) editor(cell complete.Cell, declared cellsource.Declared) (file string, at int, ok bool) {
	for name, path := range k.tips.index.Imports(cell, declared.File(nil)) {
		if declared.Imports == nil {
			declared.Imports = map[string]string{}
		}
		declared.Imports[name] = path
	}
	return cellsource.Editor(cell.Code, cell.Offset(), declared.File(nil))
}

// kindOf names the kinds of the language server's protocol as Jupyter's front ends do.
func kindOf(kind int) string {
	switch kind {
	case 2, 3, 4:
		return "function"
	case 5, 10:
		return "property"
	case 7, 8, 22, 25:
		return "type"
	case 9:
		return "module"
	case 14:
		return "keyword"
	case 21:
		return "constant"
	}
	return "instance"
}

func (k *Kernel) inspect(r request) {
	c, err := content[codeAt](r)
	if err != nil {
		k.bad(r, err)
		return
	}
	declared, server := k.tips.known()
	cell := k.tips.cell(c, declared)
	data := k.describe(cell.Expression())
	if data == nil {
		data = k.tips.index.Inspect(cell)
	}
	if data == nil && cell.IsGo() && server != nil && server.Warm() {
		ctx, cancel := context.WithTimeout(context.Background(), asked)
		defer cancel()
		if file, at, ok := k.editor(cell, declared); ok {
			if text, err := server.Hover(ctx, file, at); err == nil && text != "" {
				data = map[string]any{"text/markdown": text, "text/plain": unmarked(text)}
			}
		}
	}
	found := data != nil
	if !found {
		data = map[string]any{}
	}
	k.reply(r, "inspect_reply", map[string]any{"status": "ok", "found": found, "data": data, "metadata": struct{}{}})
}

// unmarked is Markdown for those who see only text.
func unmarked(text string) string {
	return strings.TrimSpace(strings.NewReplacer("```go\n", "", "```\n", "", "```", "", `\_`, "_", `\*`, "*").Replace(text))
}

// describe returns what the living session knows of an expression over its values, in text; nil when it is about none.
func (k *Kernel) describe(expr string) map[string]any {
	if k.living == nil || expr == "" {
		return nil
	}
	root, _, _ := strings.Cut(expr, ".")
	if !slices.ContainsFunc(k.living.Names(), func(n rewrite.Name) bool { return n.Name == root && n.Kind != "import" }) {
		return nil
	}
	item, text, ok := k.living.Inspect(expr)
	if !ok {
		return nil
	}
	if text == "" {
		text = item.Kind + " " + expr + " " + item.Type
	}
	if item.File != "" && item.Line > 0 {
		text += fmt.Sprintf("\n\ndeclared in %s:%d", item.File, item.Line)
	}
	return map[string]any{"text/plain": text}
}

// explain returns what is known of a name, for the pager; of a value of the session also the value.
func (k *Kernel) explain(c *cell, name string) map[string]any {
	if bundle := k.describe(name); bundle != nil {
		ran, err := k.living.Run(c.ctx, session.Cell{Code: k.living.Who(name), Quiet: true}, c.spoken())
		var forms map[string]string
		if err == nil && json.Unmarshal(ran.Result, &forms) == nil {
			bundle["text/plain"] = fmt.Sprint(bundle["text/plain"], "\n\n", forms["text/plain"])
		}
		return bundle
	}
	declared, _ := k.tips.known()
	return k.tips.index.Explain(name, k.tips.cell(codeAt{}, declared))
}

// folder is where cells run.
func (k *Kernel) folder() string {
	dir, err := filepath.Abs(".")
	if err != nil {
		return "."
	}
	return dir
}
