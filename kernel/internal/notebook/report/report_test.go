package report

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// executed is a notebook as papermill writes it when the third code cell fails.
const executed = `{"cells": [
{"cell_type": "markdown", "source": ["# Flows & <sessions>\n", "text"]},
{"cell_type": "code", "source": "import (…)", "metadata": {"papermill": {"status": "completed", "duration": 0.5, "exception": false}},
 "outputs": [{"output_type": "display_data", "data": {"text/plain": "no picture", "application/vnd.vegalite.v5+json": {"mark": "line"}}}]},
{"cell_type": "code", "source": [" \n"], "metadata": {"papermill": {"status": "completed", "duration": 0.01, "exception": false}}, "outputs": []},
{"cell_type": "markdown", "source": "words alone"},
{"cell_type": "markdown", "source": "## Train"},
{"cell_type": "code", "source": "%%", "metadata": {"papermill": {"status": "failed", "duration": 12.3456, "exception": true}},
 "outputs": [{"output_type": "display_data", "data": {"image/svg+xml": ["<svg>\n", "</svg>"], "image/png": "AA=="}},
  {"output_type": "error", "ename": "ERROR", "evalue": "x", "traceback": ["error: flows.csv:7: \"a\" & \u001b[1m<b>", "exit status 1"]}]},
{"cell_type": "code", "source": "%%", "metadata": {"papermill": {"status": "pending", "duration": null, "exception": null}}, "outputs": []}
]}`

func read(t *testing.T, notebook string) ([]Cell, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "n.ipynb")
	if err := os.WriteFile(path, []byte(notebook), 0o666); err != nil {
		t.Fatal(err)
	}
	cells, chart, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return cells, chart
}

func TestRead(t *testing.T) {
	cells, chart := read(t, executed)
	want := []Cell{
		{1, "Flows & <sessions>", Ran, 0.5, ""},
		{2, "Flows & <sessions>", NotRun, 0.01, ""},
		{3, "Train", Failed, 12.3456, "error: flows.csv:7: \"a\" & \x1b[1m<b>\nexit status 1"},
		{4, "Train", NotRun, 0, ""},
	}
	if !reflect.DeepEqual(cells, want) {
		t.Errorf("got  %+v\nwant %+v", cells, want)
	}
	if want := "data:image/svg+xml;base64,PHN2Zz4KPC9zdmc+"; chart != want {
		t.Errorf("chart %q, want %q", chart, want)
	}
	_, chart = read(t,
		`{"cells": [{"cell_type": "code", "source": "", "outputs": [{"data": {"image/png": "AA\nAA\n"}}]}]}`)
	if want := "data:image/png;base64,AAAA"; chart != want {
		t.Errorf("chart %q, want %q", chart, want)
	}
}

func TestReadRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "n.ipynb")
	for _, text := range []string{"", "[]", `{"cells": [`, `{"cells": {}}`, `{"cells": [{"source": 1}]}`} {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Read(path); err == nil || !strings.Contains(err.Error(), path+": not a notebook") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

// parsed reads JUnit XML as a server does, independently of how we write it.
func parsed(t *testing.T, n Notebook) (suite struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Skipped  int `xml:"skipped,attr"`
	Cases    []struct {
		Name    string    `xml:"name,attr"`
		Time    float64   `xml:"time,attr"`
		Failure []string  `xml:"failure"`
		Skipped []*string `xml:"skipped"`
	} `xml:"testcase"`
}) {
	t.Helper()
	data, err := n.JUnit()
	if err != nil {
		t.Fatal(err)
	}
	all := struct {
		XMLName xml.Name `xml:"testsuites"`
		Suite   any      `xml:"testsuite"`
	}{Suite: &suite}
	if err := xml.Unmarshal(data, &all); err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return suite
}

func TestJUnit(t *testing.T) {
	cells, _ := read(t, executed)
	suite := parsed(t, Notebook{Name: "flows", Status: "FAILED", Took: 13 * time.Second, Cells: cells})
	if suite.Tests != 4 || suite.Failures != 1 || suite.Skipped != 2 || len(suite.Cases) != 4 {
		t.Fatalf("got %+v", suite)
	}
	third := suite.Cases[2]
	if third.Name != "3 Train" || third.Time != 12.346 || len(third.Failure) != 1 {
		t.Errorf("the case of the failed cell: %+v", third)
	}
	// XML does not allow an escape character.
	if want := "error: flows.csv:7: \"a\" & \uFFFD[1m<b>\nexit status 1"; third.Failure[0] != want {
		t.Errorf("it says %q, want %q", third.Failure[0], want)
	}
	if len(suite.Cases[0].Failure)+len(suite.Cases[0].Skipped) != 0 || len(suite.Cases[3].Skipped) != 1 {
		t.Errorf("the cell before it or the one after: %+v", suite)
	}
}

func TestHeadline(t *testing.T) {
	for words, want := range map[string]string{
		"error: flows.csv:7: bad\nexit status 1":                          "error: flows.csv:7: bad",
		"Cell[2]: Line 2\n\nfunc main() {\n\nf()\n^\n}\n\nundefined: f\n": "Cell[2]: Line 2: undefined: f",
		"": "",
	} {
		if got := (Cell{Failure: words}).Headline(); got != want {
			t.Errorf("%q: got %q, want %q", words, got, want)
		}
	}
}

// A failed run always has a suite with a failure.
func TestJUnitOfARunWithoutCells(t *testing.T) {
	for _, n := range []Notebook{{Name: "n", Status: "not run"}, {Name: "n", Status: "interrupted",
		Cells: make([]Cell, 12)}} {
		suite := parsed(t, n)
		if last := suite.Cases[len(suite.Cases)-1]; suite.Failures != 1 || len(last.Failure) != 1 ||
			!strings.Contains(last.Failure[0], n.Status) {
			t.Errorf("%s: got %+v", n.Status, suite)
		}
		if len(n.Cells) > 9 && suite.Cases[0].Name != "00" {
			t.Errorf("%q: want as many digits as the last has", suite.Cases[0].Name)
		}
	}
}

func TestIndex(t *testing.T) {
	cells, chart := read(t, executed)
	data, err := Index([]Notebook{
		{Name: "2 <flows>", Status: "FAILED", Took: 90 * time.Second, Cells: cells, Chart: chart},
		{Name: "3", Status: Passed, Took: 6 * time.Second, Cells: cells[:1]},
		{Name: "4", Status: "not run"},
	})
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	for _, want := range []string{
		`<a href="./2%20%3cflows%3e.html">2 &lt;flows&gt;</a>`,
		`class="failed">FAILED, cell 3 (Train)<div class="words">error: flows.csv:7: &#34;a&#34; &amp; `,
		">1.5</td>",
		"<p>1 of 3 passed, 1.6 minutes</p>",
		`<img src="` + strings.ReplaceAll(chart, "+", "&#43;") +
			`"`, `<a href="./3.html">3</a>`, "<td>passed</td>", ">0.1</td>",
		"<td>4</td>", `<td class="failed">not run</td>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("lacks %q", want)
		}
	}
	if strings.Contains(page, "http") {
		t.Error("it links to the network")
	}
	if t.Failed() {
		t.Log(page)
	}
}
