package results

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const oneshot = `{"preview":false,"init_offset":0,"messages":[{"type":"DEBUG","text":"base lispy: [ AND ]"}],` +
	`"fields":[{"name":"b"},"a"],` +
	`"results":[{"b":"1","a":["x","y"]},{"b":"2\u00e9","n":3,"t":true,"none":null,"empty":[]}],"highlighted":{}}`

const export = `{"preview":true,"offset":0,"result":{"b":"early"}}
{"preview":false,"offset":0,"result":{"b":"1","a":["x","y"]}}
{"messages":[{"type":"WARN","text":"slow"}]}
{"preview":false,"offset":1,"lastrow":true,"result":{"b":"2\u00e9","n":3,"t":true,"none":null,"empty":[]}}
`

var both = []Record{
	{{"b", []string{"1"}}, {"a", []string{"x", "y"}}},
	{{"b", []string{"2é"}}, {"n", []string{"3"}}, {"t", []string{"true"}}, {"none", nil}, {"empty", nil}},
}

// TestRead reads the same records from both kinds of responses, in pieces of any size.
func TestRead(t *testing.T) {
	for name, text := range map[string]string{"oneshot": oneshot, "export": export} {
		for _, chunk := range []int{1, 1 << 20} {
			r := NewReader(slow{strings.NewReader(text), chunk})
			got, err := r.ReadAll()
			if err != nil || !reflect.DeepEqual(got, both) {
				t.Errorf("%s: %v, %v", name, got, err)
			}
			if len(r.Messages()) != 1 {
				t.Errorf("%s: messages %v", name, r.Messages())
			}
			if _, err := r.Next(); err != io.EOF {
				t.Errorf("%s: behind the end: %v", name, err)
			}
		}
	}
	r := NewReader(strings.NewReader(oneshot))
	if _, err := r.Next(); err != nil || !reflect.DeepEqual(r.Fields(), []string{"b", "a"}) {
		t.Errorf("fields %v, %v", r.Fields(), err)
	}
	if v, ok := both[0].Get("a"); v != "x" || !ok {
		t.Errorf("a is %q", v)
	}
	if _, ok := both[1].Get("none"); ok {
		t.Error("null has a value")
	}
	// A search that finds nothing.
	for _, text := range []string{`{"preview":false,"lastrow":true}`, `{"preview":false,"init_offset":0,"results":[]}`} {
		if got, err := NewReader(strings.NewReader(text)).ReadAll(); err != nil || len(got) != 0 {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

type slow struct {
	r io.Reader
	n int
}

func (s slow) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), s.n)]) }

// TestRefused checks that an error is one line that names the problem and the place.
func TestRefused(t *testing.T) {
	line := strings.SplitAfter(export, "\n")[1]
	for text, want := range map[string]string{
		"":                       "ends before its last row",
		line:                     "record 2: the answer ends before its last row",
		line + line[:20]:         "record 2: the answer ends before its last row",
		oneshot[:len(oneshot)/2]: "record 1: the answer ends before its last row",
		oneshot[:len(oneshot)-1]: "record 3: the answer ends before its last row",
		`{"messages":[{"type":"FATAL","text":"Unknown search command 'x'."}]}`: "the search has failed: " +
			"Unknown search command 'x'.",
		"<!doctype html><html>\n<p>":       `the answer is not JSON: it begins with "<!doctype html><html>"`,
		"<html>" + strings.Repeat("x", 99): `begins with "<html>` + strings.Repeat("x", 34) + `"…`,
		`{"results":{}}`:                   "where [ was expected",
		`{"results":[{"a":{}}]}`:           `field "a": is an object`,
		`{"results":[{"a":[[1]]}]}`:        `field "a": is a list of lists`,
		`{"results":[1]}`:                  "where { was expected",
		`{"preview":"no"}`:                 "cannot unmarshal",
		`[1]`:                              "where an object was expected",
		`{"fields":[3],"results":[]}`:      "the field \"3\" has no name",
		`{"result":{"a":"` + strings.Repeat("x", MostRecord) + `"}}`: "it has more than",
	} {
		_, err := NewReader(strings.NewReader(text)).ReadAll()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
	// The error is that of the connection, not that of the JSON decoder.
	broken := errors.New("connection reset")
	r := NewReader(io.MultiReader(strings.NewReader(line[:30]), failing{broken}))
	if _, err := r.ReadAll(); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestSave writes records and reads them again, as a response and as a gzipped file.
func TestSave(t *testing.T) {
	want := []Record{{{"b", []string{"1"}}, {"a", []string{"x", "y"}}}, {{"c", []string{"a \"quote\" <&>\n"}}}, {}}
	for _, name := range []string{"a.json", "a.json.gz"} {
		path := filepath.Join(t.TempDir(), name)
		if err := Save(path, want); err != nil {
			t.Fatal(err)
		}
		got, err := ReadFile(path)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	path := filepath.Join(t.TempDir(), "list.json")
	if err := os.WriteFile(path, []byte(" [{\"a\":\"1\"},\n{\"a\":[\"2\",\"3\"]}]"), 0o666); err != nil {
		t.Fatal(err)
	}
	got, err := ReadFile(path)
	if want := []Record{{{"a", []string{"1"}}}, {{"a", []string{"2", "3"}}}}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("list: %v, %v", got, err)
	}
	if err := os.WriteFile(path, []byte("a,b\n1,2\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(path); err == nil ||
		!strings.Contains(err.Error(), `list.json: record 1: the answer is not JSON: it begins with "a,b"`) {
		t.Errorf("CSV: %v", err)
	}
}

// FuzzReader reads arbitrary bytes. An error is one line, and records are the same when written and
// read again.
func FuzzReader(f *testing.F) {
	f.Add([]byte(oneshot))
	f.Add([]byte(export))
	f.Add([]byte(`{"preview":false,"lastrow":true}`))
	f.Add([]byte(`{"messages":[{"type":"ERROR","text":"x"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
			return
		}
		var b bytes.Buffer
		if err := Write(&b, got); err != nil {
			t.Fatal(err)
		}
		again, err := NewReader(bytes.NewReader(b.Bytes())).ReadAll()
		if err != nil || len(again) != len(got) {
			t.Fatalf("%d records became %d: %v", len(got), len(again), err)
		}
		for i, r := range got {
			var full Record
			for _, field := range r {
				if len(field.Values) > 0 {
					full = append(full, field)
				}
			}
			if len(full) != len(again[i]) || len(full) > 0 && !reflect.DeepEqual(full, again[i]) {
				t.Errorf("record %d: %v became %v", i, full, again[i])
			}
		}
	})
}
