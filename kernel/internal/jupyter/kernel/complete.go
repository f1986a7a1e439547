package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/editor/complete"
	"github.com/trafficlab/trafficlab/kernel/internal/editor/gopls"
	"github.com/trafficlab/trafficlab/kernel/internal/session"
	"github.com/trafficlab/trafficlab/kernel/internal/session/rewrite"
)

// A position is the cursor in a cell that is being typed, as editors send it.
type position struct {
	Code   string `json:"code"`
	Cursor int    `json:"cursor_pos"`
	Detail int    `json:"detail_level"`
}

// maxMatches bounds a list to choose from.
const maxMatches = 2000

// typed returns the cell of a request of an editor, what cells have declared, and the language
// server if it can answer. It replies to a malformed request and returns false.
func (k *Kernel) typed(r request) (cell complete.Cell, declared cellsource.Declared, server *gopls.Server, ok bool) {
	p, err := content[position](r)
	if err != nil {
		k.bad(r, err)
		return cell, declared, nil, false
	}
	declared, server = k.completer.known()
	return k.completer.cell(p, declared), declared, server, true
}

// complete answers a request for completion.
func (k *Kernel) complete(r request) {
	cell, declared, server, ok := k.typed(r)
	if !ok {
		return
	}
	matches, start, end := k.completer.index.Complete(cell)
	if found, from, to := k.completeInSession(cell); len(found) > 0 {
		start, end = from, to
		matches = merge(found, matches)
	} else if cell.IsGo() && server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), serverTime)
		matches = merge(matches, k.askServer(ctx, server, cell, declared, cell.Code[start:end]))
		cancel()
	}
	matches = matches[:min(len(matches), maxMatches)]
	texts, types := make([]string, len(matches)), make([]any, len(matches))
	from, to := cell.Runes(start), cell.Runes(end)
	for i, m := range matches {
		texts[i] = m.Text
		types[i] = map[string]any{"start": from, "end": to, "text": m.Text, "type": m.Kind, "signature": m.Sign}
	}
	k.reply(r, "complete_reply", map[string]any{"status": "ok", "matches": texts, "cursor_start": from,
		"cursor_end": to, "metadata": map[string]any{"_jupyter_types_experimental": types}})
}

// merge appends to a list of matches those of another that are not in it.
func merge(first, more []complete.Match) []complete.Match {
	seen := map[string]bool{}
	for _, m := range first {
		seen[m.Text] = true
	}
	for _, m := range more {
		if !seen[m.Text] {
			seen[m.Text] = true
			first = append(first, m)
		}
	}
	return first
}

// completeInSession returns what the living session knows: members of values, names of cells and of
// packages.
func (k *Kernel) completeInSession(cell complete.Cell) (found []complete.Match, start, end int) {
	if k.living == nil || !cell.IsGo() {
		return nil, 0, 0
	}
	c, ok := k.living.Complete(cellsource.Blank(cell.Code), cell.Offset())
	if !ok {
		return nil, 0, 0
	}
	for _, i := range c.Items {
		found = append(found, complete.Match{Text: i.Name, Kind: jupyterKind(i.Kind), Sign: i.Type})
	}
	return found, c.From, c.To
}

// jupyterKind returns the name that Jupyter's front ends have for a kind of name.
func jupyterKind(kind string) string {
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

// askServer returns the completions of the language server that begin with prefix.
func (k *Kernel) askServer(ctx context.Context, server *gopls.Server, cell complete.Cell, declared cellsource.Declared,
	prefix string) []complete.Match {
	file, at := k.completer.file(cell, declared)
	items, err := server.Complete(ctx, file, at)
	if err != nil {
		return nil
	}
	var out []complete.Match
	for _, item := range items {
		if strings.HasPrefix(item.Label, prefix) && !strings.Contains(item.Label, ".") && item.Label != prefix {
			out = append(out, complete.Match{Text: item.Label, Kind: serverKind(item.Kind), Sign: item.Detail})
		}
	}
	return out
}

// serverKind returns the name that Jupyter's front ends have for a kind of the language server
// protocol.
func serverKind(kind int) string {
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

// inspect answers a request for documentation.
func (k *Kernel) inspect(r request) {
	cell, declared, server, ok := k.typed(r)
	if !ok {
		return
	}
	data := k.describe(cell.Expression())
	if data == nil {
		data = k.completer.index.Inspect(cell)
	}
	if data == nil && cell.IsGo() && server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), serverTime)
		defer cancel()
		file, at := k.completer.file(cell, declared)
		if text, err := server.Hover(ctx, file, at); err == nil && text != "" {
			data = map[string]any{"text/markdown": text, "text/plain": plainText(text)}
		}
	}
	found := data != nil
	if !found {
		data = map[string]any{}
	}
	k.reply(r, "inspect_reply", map[string]any{"status": "ok", "found": found, "data": data, "metadata": struct{}{}})
}

// plainText returns Markdown for front ends that show text only.
func plainText(markdown string) string {
	unmark := strings.NewReplacer("```go\n", "", "```\n", "", "```", "", `\_`, "_", `\*`, "*")
	return strings.TrimSpace(unmark.Replace(markdown))
}

// describe returns what the living session knows about an expression, as text; nil if the
// expression is not about names of the session.
func (k *Kernel) describe(expr string) map[string]any {
	if k.living == nil || expr == "" {
		return nil
	}
	root, _, _ := strings.Cut(expr, ".")
	isRoot := func(n rewrite.Name) bool { return n.Name == root && n.Kind != "import" }
	if !slices.ContainsFunc(k.living.Names(), isRoot) {
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

// explain returns what is known about a name, for the pager; for a value of the session also the
// value.
func (k *Kernel) explain(c *cell, name string) map[string]any {
	if bundle := k.describe(name); bundle != nil {
		ran, err := k.living.Run(c.ctx, session.Cell{Code: k.living.Who(name), Quiet: true}, sessionOutput{c})
		var forms map[string]string
		if err == nil && json.Unmarshal(ran.Result, &forms) == nil {
			bundle["text/plain"] = fmt.Sprint(bundle["text/plain"], "\n\n", forms["text/plain"])
		}
		return bundle
	}
	declared, _ := k.completer.known()
	return k.completer.index.Explain(name, k.completer.cell(position{}, declared))
}
