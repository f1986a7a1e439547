package report

import (
	"bytes"
	"fmt"
	"html/template"
	"time"
)

// Index returns a page that links the pages of the notebooks, NAME.html beside it: the result of
// each with its failure, the minutes it took, and its first chart. It needs no other file and no
// network.
func Index(notebooks []Notebook) ([]byte, error) {
	var b bytes.Buffer
	if err := index.Execute(&b, notebooks); err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	return b.Bytes(), nil
}

// minutes formats a duration in minutes. A duration above zero is not shown as 0.0.
func minutes(d time.Duration) string {
	if d > 0 {
		d = max(d, 6*time.Second)
	}
	return fmt.Sprintf("%.1f", d.Minutes())
}

var index = template.Must(template.New("index").Funcs(template.FuncMap{
	"minutes": minutes,
	"total": func(all []Notebook) string {
		passed, took := 0, time.Duration(0)
		for _, n := range all {
			took += n.Took
			if n.Status == Passed {
				passed++
			}
		}
		return fmt.Sprintf("%d of %d passed, %s minutes", passed, len(all), minutes(took))
	},
	// Read makes the data URIs, of picture types and in base64.
	"picture": func(n Notebook) template.URL { return template.URL(n.Chart) },
	"passed":  func(n Notebook) bool { return n.Status == Passed },
	"failure": func(n Notebook) *Cell {
		for i := range n.Cells {
			if n.Cells[i].State == Failed {
				return &n.Cells[i]
			}
		}
		return nil
	},
}).Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Notebooks</title>
<style>
body { font: 16px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #ccc; padding: .5em; text-align: left; vertical-align: top; }
td.minutes { text-align: right; }
td.minutes { font-variant-numeric: tabular-nums; }
.failed { color: #a4000f; font-weight: bold; }
.words { font: 13px/1.4 monospace; overflow-wrap: anywhere; }
img { max-width: 20em; }
</style>
</head>
<body>
<h1>Notebooks</h1>
<p>{{total .}}</p>
<table>
<tr><th>notebook</th><th>result</th><th>minutes</th><th>first chart</th></tr>
{{- range .}}
<tr>
<td>{{if .Cells}}<a href="./{{.Name}}.html">{{.Name}}</a>{{else}}{{.Name}}{{end}}</td>
<td{{if not (passed .)}} class="failed"{{end}}>{{.Status}}{{with failure .}}, cell {{.Number}}{{with .Heading}} ({{.}}){{end}}{{with .Headline}}<div class="words">{{.}}</div>{{end}}{{end}}</td>
<td class="minutes">{{minutes .Took}}</td>
<td>{{if .Chart}}<img src="{{picture .}}" alt="the first chart of {{.Name}}">{{end}}</td>
</tr>
{{- end}}
</table>
</body>
</html>
`))
