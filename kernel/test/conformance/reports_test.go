package conformance

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

// outside matches what makes a page load another file: a script, style, font, picture or frame that
// is not embedded. Links for readers do not count.
var outside = regexp.MustCompile(`(?is)<(?:script|img|iframe|source|embed|object)\b` +
	`[^>]*\b(?:src|data)\s*=\s*["']?(?:[^"'d]|d[^"'a])|` +
	`<link\b|@import|url\(\s*["']?(?:https?:)?//|\b(?:from|import)\s*\(?\s*["']https?:`)

func TestOutside(t *testing.T) {
	for text, want := range map[string]bool{
		`<script src="https://cdn.example/x.js"></script>`:     true,
		`<script type="module">import x from 'https://cdn/'`:   true,
		`<link rel="stylesheet" href="x.css">`:                 true,
		`<img alt="x" src="img/x.svg">`:                        true,
		`@font-face { src: url("//fonts.example/x.woff") }`:    true,
		`<img src="data:image/png;base64,AA==">`:               false,
		`url(data:image/svg+xml;base64,AA) <script>f()`:        false,
		`<a href="https://github.com/">read it there</a>`:      false,
		`<svg xmlns="http://www.w3.org/2000/svg"></svg> { a }`: false,
	} {
		if outside.MatchString(text) != want {
			t.Errorf("%s: want %v", text, want)
		}
	}
}

func content(t *testing.T, elem ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

const (
	shown  = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>`
	figure = `<svg xmlns="http://www.w3.org/2000/svg" width="5" height="5"/>`
)

// drawing writes a notebook with a chart and an image that its text names, followed by the given
// cells, and returns its path.
func drawing(t *testing.T, name string, cells ...map[string]any) string {
	t.Helper()
	nb := kerneltest.Write(t, name, append([]map[string]any{
		kerneltest.Text("# Draw\n\n![a figure](img/figure.svg)"),
		kerneltest.Code("import (\n\t\"fmt\"\n\t\"os\"\n\t\"github.com/trafficlab/trafficlab/trafficlib/nb\"\n)"),
		kerneltest.Code("type picture struct{}\n\nfunc (picture) MIME() (map[string]any, error) {\n" +
			"\treturn map[string]any{\"image/svg+xml\": `" + shown + "`, \"text/plain\": \"a circle\"}, " +
			"nil\n}\n\n%%\nnb.Show(picture{})"),
	}, cells...)...)
	image := filepath.Join(filepath.Dir(nb), "img", "figure.svg")
	if err := os.Mkdir(filepath.Dir(image), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(image, []byte(figure), 0o666); err != nil {
		t.Fatal(err)
	}
	return nb
}

// inside checks that a page loads no other file.
func inside(t *testing.T, what, page string) {
	t.Helper()
	for _, at := range outside.FindAllStringIndex(page, 3) {
		t.Errorf("%s loads another file: %s", what, page[at[0]:min(at[1]+80, len(page))])
	}
}

func TestReports(t *testing.T) {
	h := kerneltest.Machine(t)
	bad := drawing(t, "bad.ipynb", kerneltest.Text("## Fail"),
		kerneltest.Code("%%\nfmt.Fprintln(os.Stderr, \"error: <flows.csv>:7\")\nos.Exit(3)"), kerneltest.Text("## "+
			"After"), kerneltest.Code("%%\nfmt.Println(7)"))
	good := drawing(t, "good.ipynb")
	out := t.TempDir()
	output, status := kerneltest.Command(t, ".", nil, h.Program(), "run", bad, good, "--out", out)
	if status != 1 || !strings.Contains(output, "1 of 2 notebooks passed") {
		t.Fatalf("status %d:\n%s", status, output)
	}

	for _, name := range []string{"bad.html", "good.html", "index.html"} {
		page := content(t, out, name)
		inside(t, name, page)
		kerneltest.Wants(t, name, page, "data:image/svg")
	}
	page := content(t, out, "bad.html")
	for what, word := range map[string]string{
		"the chart":              base64.StdEncoding.EncodeToString([]byte(shown)),
		"the image of the text":  base64.StdEncoding.EncodeToString([]byte(figure)),
		"Go's keywords as such":  `<span class="kd">type</span>`,
		"the words of a failure": "error: &lt;flows.csv&gt;:7",
	} {
		if !strings.Contains(page, word) {
			t.Errorf("bad.html lacks %s: %s", what, word)
		}
	}
	kerneltest.Wants(t, "index.html", content(t, out, "index.html"), `href="./good.html"`, "FAILED, cell 3 (Fail)",
		strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte(shown)), "+", "&#43;"))

	var suites struct {
		Suite struct {
			Cases []struct {
				Name    string  `xml:"name,attr"`
				Time    float64 `xml:"time,attr"`
				Failure string  `xml:"failure"`
				Skipped *string `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(content(t, out, "bad.xml")), &suites); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range suites.Suite.Cases {
		got = append(got, fmt.Sprint(c.Name, " | ", c.Failure, " | ", c.Skipped != nil, c.Time > 0))
	}
	want := []string{
		"1 Draw |  | false true", "2 Draw |  | false true",
		"3 Fail | error: <flows.csv>:7\nexit status 3 | false true", "4 After |  | true false",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("bad.xml says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if good := content(t, out, "good.xml"); strings.Contains(good, "<failure") || strings.Contains(good, "<skipped") {
		t.Errorf("good.xml: %s", good)
	}
}

// A run that ends by a time limit says so in its reports.
func TestReportsOfATimeLimit(t *testing.T) {
	h := kerneltest.Machine(t)
	nb := kerneltest.Write(t, "slow.ipynb", kerneltest.Code(kerneltest.Imports),
		kerneltest.Code("%%\ntime.Sleep(time.Hour)"), kerneltest.Code("%%\nfmt.Println(7)"))
	out := t.TempDir()
	if output, status := kerneltest.Command(t, ".", nil, h.Program(), "run", nb, "--out", out, "--timeout",
		"3s"); status != 1 {
		t.Fatalf("status %d:\n%s", status, output)
	}
	kerneltest.Wants(t, "slow.xml", content(t, out, "slow.xml"), `failures="1" skipped="1"`, "by the time limit")
	kerneltest.Wants(t, "slow.html", content(t, out, "slow.html"), "by the time limit")
}

// A notebook keeps the beginning and the end of a long output, with a line that says how much was
// cut.
func TestOutputIsCut(t *testing.T) {
	h := kerneltest.Machine(t)
	nb := kerneltest.Write(t, "flood.ipynb", kerneltest.Code("import "+
		"(\n\t\"fmt\"\n\t\"os\"\n\t\"strings\"\n\t\"github.com/trafficlab/trafficlab/trafficlib/nb\"\n)"),
		kerneltest.Code("%%\nfor i := range 20_000 {\n\tfmt.Println(\"line\", i)\n}\nfmt.Fprintln(os.Stderr, \"a "+
			"word\")"),
		kerneltest.Code("%%\nfmt.Print(strings.Repeat(\"x\", 500_000), \"end\")"),
		kerneltest.Code("%%\nfor i := range 203 {\n\tnb.Show(fmt.Sprint(\"shown \", i))\n}"),
		kerneltest.Code("%%\nfor i := range 1_000 {\n\tfmt.Println(\"line\", i)\n}"))
	out := t.TempDir()
	if output, status := kerneltest.Command(t, ".", nil, h.Program(), "run", "--inplace", nb, "--out", out); status != 0 {
		t.Fatalf("status %d:\n%s", status, output)
	}
	for what, path := range map[string]string{"the executed notebook": filepath.Join(out, "flood.ipynb"),
		"the notebook": nb} {
		got := kerneltest.Outputs(t, path)
		const notice = "line 499\n… 19,000 lines with 199,000 characters cut here: a cell keeps 1,000 lines and " +
			"100,000 characters …\nline 19500\n"
		if !strings.Contains(got[1], notice) || !strings.HasPrefix(got[1], "line 0\n") ||
			strings.Count(got[1], "\n") != 1002 {
			t.Errorf("%s: of many lines %d are left:\n%.9000s", what, strings.Count(got[1], "\n"), got[1])
		}
		kerneltest.Wants(t, what, got[1], "line 19999\n", "a word\n")
		if len(got[2]) > 100_200 || !strings.HasSuffix(got[2], "xend") || !strings.Contains(got[2],
			"x\n… 0 lines with 400,003 characters cut here") {
			t.Errorf("%s: of a long line %d bytes are left", what, len(got[2]))
		}
		kerneltest.Wants(t, what, got[3], "… 3 displays with 27 characters cut: a cell keeps 200 displays")
		if n := strings.Count(content(t, path), "shown "); n != 200+1 { // and once in the cell itself
			t.Errorf("%s keeps %d displays", what, n)
		}
		if strings.Contains(got[4], "cut") || strings.Count(got[4], "\n") != 1_000 {
			t.Errorf("%s: what fits was cut", what)
		}
	}
}
