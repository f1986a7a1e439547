package report

import (
	"bytes"
	"fmt"
	"html/template"
)

// Index gives a page that leads to the pages of the notebooks, NAME.html beside it: how each ended, the minutes it
// took, and its first chart. It needs no other file and no network.
func Index(notebooks []Notebook) ([]byte, error) {
	var b bytes.Buffer
	if err := index.Execute(&b, notebooks); err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	return b.Bytes(), nil
}

var index = template.Must(template.New("index").Funcs(template.FuncMap{
	"minutes": func(n Notebook) string { return fmt.Sprintf("%.1f", n.Took.Minutes()) },
	// The data URIs are made by Read, of a picture type and base64.
	"picture": func(n Notebook) template.URL { return template.URL(n.Chart) },
	"passed":  func(n Notebook) bool { return n.Word == Passed },
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
.failed { color: #a4000f; font-weight: bold; }
img { max-width: 20em; }
</style>
</head>
<body>
<h1>Notebooks</h1>
<table>
<tr><th>notebook</th><th>result</th><th>minutes</th><th>first chart</th></tr>
{{- range .}}
<tr>
<td>{{if .Cells}}<a href="./{{.Name}}.html">{{.Name}}</a>{{else}}{{.Name}}{{end}}</td>
<td{{if not (passed .)}} class="failed"{{end}}>{{.Word}}{{with failure .}}, cell {{.Number}}{{with .Heading}} ({{.}}){{end}}{{end}}</td>
<td class="minutes">{{minutes .}}</td>
<td>{{if .Chart}}<img src="{{picture .}}" alt="the first chart of {{.Name}}">{{end}}</td>
</tr>
{{- end}}
</table>
</body>
</html>
`))
