package display

import (
	"fmt"
	"os"
	"reflect"
	"strings"
)

// trafficlabShow writes the values of a cell's last expression to a file for the kernel.
func trafficlabShow(values ...any) {
	forms := trafficlabJSON(values...)
	if forms == "" {
		return
	}
	if err := os.WriteFile(os.Getenv("TRAFFICLAB_RESULT"), []byte(forms), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// trafficlabJSON returns the representations of values, by MIME type, as a JSON object. A nil error
// at the end does not count as a value. It returns "" if the only value is nil.
func trafficlabJSON(values ...any) string {
	if n := len(values); n > 1 && values[n-1] == nil {
		values = values[:n-1]
	}
	if len(values) == 1 && values[0] == nil {
		return ""
	}
	bundle := map[string]string{}
	if len(values) == 1 {
		bundle = trafficlabBundle(values[0])
	} else {
		var texts []string
		for _, v := range values {
			texts = append(texts, trafficlabText(v))
		}
		bundle["text/plain"] = strings.Join(texts, " ")
	}
	var b strings.Builder
	b.WriteByte('{')
	for mime, value := range bundle {
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString(trafficlabQuote(mime) + ":" + value)
		if !strings.HasSuffix(mime, "json") {
			s := b.String()
			b.Reset()
			b.WriteString(s[:len(s)-len(value)] + trafficlabQuote(value))
		}
	}
	b.WriteByte('}')
	return b.String()
}

// trafficlabBegin marks on both streams where the output of the cell's own statements begins, after
// the output of what its program runs again.
func trafficlabBegin() {
	os.Stdout.WriteString("\x1etrafficlab\x1e\n")
	os.Stderr.WriteString("\x1etrafficlab\x1e\n")
}

// trafficlabQuote returns a string as JSON.
func trafficlabQuote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r < ' ' || r == '\u2028' || r == '\u2029':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// trafficlabMax bounds the text of a value, in bytes, and trafficlabRows the rows of a table.
const (
	trafficlabMax  = 100_000
	trafficlabRows = 60
)

// trafficlabText returns a value as text.
func trafficlabText(v any) string {
	var s string
	switch v := v.(type) {
	case error, fmt.Stringer:
		s = fmt.Sprint(v)
	default:
		s = fmt.Sprintf("%+v", v)
	}
	if len(s) > trafficlabMax {
		s = strings.ToValidUTF8(s[:trafficlabMax], "") + fmt.Sprintf("… (%d bytes more)", len(s)-trafficlabMax)
	}
	return s
}

// trafficlabEncode returns a value as JSON. It is nil in programs of cells, which do not link
// encoding/json for it.
var trafficlabEncode func(any) ([]byte, error)

// trafficlabBundle returns the representations of a value by MIME type. A value may provide its
// own, with a method MIME, as charts do, or HTML() string.
func trafficlabBundle(v any) map[string]string {
	if own, ok := v.(interface {
		MIME() (map[string]any, error)
	}); ok {
		if forms, err := own.MIME(); err == nil {
			out := map[string]string{}
			for mime, form := range forms {
				switch form := form.(type) {
				case string:
					out[mime] = form
				case []byte:
					out[mime] = trafficlabBase64(form)
				default:
					if trafficlabEncode != nil && strings.HasSuffix(mime, "json") {
						if text, err := trafficlabEncode(form); err == nil {
							out[mime] = string(text)
						}
					}
				}
			}
			if len(out) > 0 {
				return out
			}
		}
	}
	out := map[string]string{"text/plain": trafficlabText(v)}
	if own, ok := v.(interface{ HTML() string }); ok {
		out["text/html"] = own.HTML()
		return out
	}
	switch v.(type) {
	case error, fmt.Stringer:
		return out
	}
	if head, rows, more := trafficlabTable(reflect.ValueOf(v)); head != nil {
		out["text/plain"], out["text/html"] = trafficlabPlain(head, rows, more), trafficlabHTML(head, rows, more)
	}
	return out
}

// trafficlabTable returns the header and rows of a slice of structs, of maps with string keys or of
// slices; nil for anything else. More is how many rows were left out.
func trafficlabTable(v reflect.Value) (head []string, rows [][]string, more int) {
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array || v.Len() == 0 {
		return nil, nil, 0
	}
	n := min(v.Len(), trafficlabRows)
	elem := v.Type().Elem()
	if elem.Kind() == reflect.Pointer {
		elem = elem.Elem()
	}
	at := func(i int) reflect.Value {
		e := v.Index(i)
		if e.Kind() == reflect.Pointer {
			e = e.Elem()
		}
		return e
	}
	cell := func(v reflect.Value) string {
		if !v.IsValid() {
			return ""
		}
		if v.CanInterface() {
			return trafficlabCell(trafficlabText(v.Interface()))
		}
		return trafficlabCell(fmt.Sprintf("%+v", v))
	}
	switch {
	case elem.Implements(reflect.TypeFor[fmt.Stringer]()) ||
		reflect.PointerTo(elem).Implements(reflect.TypeFor[fmt.Stringer]()):
		return nil, nil, 0
	case elem.Kind() == reflect.Struct && elem.NumField() > 0:
		for i := range elem.NumField() {
			head = append(head, elem.Field(i).Name)
		}
		for i := range n {
			row := make([]string, len(head))
			for j := range head {
				if e := at(i); e.IsValid() {
					row[j] = cell(e.Field(j))
				}
			}
			rows = append(rows, row)
		}
	case elem.Kind() == reflect.Map && elem.Key().Kind() == reflect.String:
		seen := map[string]bool{}
		for i := range n {
			for _, k := range at(i).MapKeys() {
				if !seen[k.String()] {
					seen[k.String()] = true
					head = append(head, k.String())
				}
			}
		}
		for i := range head { // a few names do not justify linking package sort
			for j := i; j > 0 && head[j] < head[j-1]; j-- {
				head[j], head[j-1] = head[j-1], head[j]
			}
		}
		for i := range n {
			row := make([]string, len(head))
			for j, name := range head {
				row[j] = cell(at(i).MapIndex(reflect.ValueOf(name).Convert(elem.Key())))
			}
			rows = append(rows, row)
		}
	case elem.Kind() == reflect.Slice && elem.Elem().Kind() != reflect.Uint8:
		width := 0
		for i := range n {
			width = max(width, min(at(i).Len(), trafficlabRows))
		}
		for j := range width {
			head = append(head, fmt.Sprint(j))
		}
		for i := range n {
			row := make([]string, width)
			for j := range min(at(i).Len(), width) {
				row[j] = cell(at(i).Index(j))
			}
			rows = append(rows, row)
		}
	}
	if len(head) == 0 {
		return nil, nil, 0
	}
	return head, rows, v.Len() - n
}

// trafficlabCell shortens a value for a cell of a table.
func trafficlabCell(s string) string {
	s = strings.ReplaceAll(s, "\n", " ")
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}

// trafficlabPlain returns a table as text, in aligned columns.
func trafficlabPlain(head []string, rows [][]string, more int) string {
	widths := make([]int, len(head))
	all := append([][]string{head}, rows...)
	for _, row := range all {
		for j, s := range row {
			widths[j] = max(widths[j], len([]rune(s)))
		}
	}
	var b strings.Builder
	for _, row := range all {
		var line strings.Builder
		for j, s := range row {
			if j > 0 {
				line.WriteString("  ")
			}
			line.WriteString(s + strings.Repeat(" ", widths[j]-len([]rune(s))))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	if more > 0 {
		fmt.Fprintf(&b, "… %d rows more\n", more)
	}
	return strings.TrimRight(b.String(), "\n")
}

// trafficlabHTML returns a table as HTML.
func trafficlabHTML(head []string, rows [][]string, more int) string {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace
	var b strings.Builder
	b.WriteString("<table><thead><tr>")
	for _, s := range head {
		b.WriteString("<th>" + escape(s) + "</th>")
	}
	b.WriteString("</tr></thead><tbody>")
	for _, row := range rows {
		b.WriteString("<tr>")
		for _, s := range row {
			b.WriteString("<td>" + escape(s) + "</td>")
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table>")
	if more > 0 {
		fmt.Fprintf(&b, "<p>… %d rows more</p>", more)
	}
	return b.String()
}

// trafficlabBase64 returns data in base64, without encoding/base64.
func trafficlabBase64(data []byte) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	var b strings.Builder
	for i := 0; i < len(data); i += 3 {
		var three [3]byte
		n := copy(three[:], data[i:])
		v := uint(three[0])<<16 | uint(three[1])<<8 | uint(three[2])
		for k := range 4 {
			if k > n {
				b.WriteByte('=')
			} else {
				b.WriteByte(digits[v>>(18-6*k)&63])
			}
		}
	}
	return b.String()
}
