package display

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

type chart struct{}

func (chart) MIME() (map[string]any, error) {
	return map[string]any{"text/plain": "a chart", "image/png": []byte{1, 2, 3, 4}, "application/x+json": `{"a": [1]}`},
		nil
}

type flow struct {
	Port int
	name string
}

func TestShow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "result")
	t.Setenv("TRAFFICLAB_RESULT", path)
	show := func(values ...any) map[string]any {
		t.Helper()
		os.Remove(path)
		trafficlabShow(values...)
		data, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		var out map[string]any
		if err := json.Unmarshal(data, &out); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		return out
	}
	for _, c := range []struct {
		values []any
		plain  string
	}{
		{[]any{2}, "2"},
		{[]any{"a \"b\"\n\x01\u2028\xff"}, "a \"b\"\n\x01\u2028\uFFFD"},
		{[]any{12, nil}, "12"},
		{[]any{12, errors.New("bad")}, "12 bad"},
		{[]any{3 * time.Second}, "3s"},
		{[]any{flow{443, "x"}}, "{Port:443 name:x}"},
		{[]any{[]int{1, 2}}, "[1 2]"},
		{[]any{[]flow{{1, "<a>"}, {22, "b"}}}, "Port  name\n1     <a>\n22    b"},
		{[]any{[]*flow{{1, "a"}, nil}}, "Port  name\n1     a"},
		{[]any{[]map[string]any{{"b": 1}, {"a": "x"}}}, "a  b\n   1\nx"},
		{[]any{[][]float64{{1, 2}, {3}}}, "0  1\n1  2\n3"},
		{[]any{strings.Repeat("x", 100_005)}, strings.Repeat("x", 100_000) + "… (5 bytes more)"},
	} {
		if got := show(c.values...)["text/plain"]; got != c.plain {
			t.Errorf("%.50v: got %.80q, want %.80q", c.values, got, c.plain)
		}
	}
	if got := show(nil); got != nil {
		t.Errorf("nil was shown as %v", got)
	}
	if got := show([]flow{{1, "<a>"}})["text/html"]; !strings.Contains(got.(string), "<td>&lt;a&gt;</td>") {
		t.Errorf("the table is %v", got)
	}
	if got := show(make([]flow, 100))["text/plain"].(string); !strings.HasSuffix(got, "… 40 rows more") {
		t.Errorf("a long table ends with %q", got[len(got)-40:])
	}
	got := show(chart{})
	if got["image/png"] != base64.StdEncoding.EncodeToString([]byte{1, 2, 3, 4}) ||
		got["application/x+json"].(map[string]any)["a"] == nil {
		t.Errorf("a chart is %v", got)
	}
	for n := range 7 {
		data := []byte("trafficlab"[:n])
		if got := trafficlabBase64(data); got != base64.StdEncoding.EncodeToString(data) {
			t.Errorf("%d bytes: %s", n, got)
		}
	}
}

func TestSource(t *testing.T) {
	if s := Source(); !strings.HasPrefix(s, "package main\n") || strings.Contains(s, "//go:") || len(s) < 1000 {
		t.Error(strconv.Quote(s[:40]))
	}
}

func TestBegin(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	out, errs := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = file, file
	trafficlabBegin()
	os.Stdout, os.Stderr = out, errs
	if text, _ := os.ReadFile(file.Name()); string(text) != Mark+Mark {
		t.Errorf("it printed %q", text)
	}
}

type spec struct{}

func (spec) MIME() (map[string]any, error) {
	return map[string]any{"text/plain": "a chart", "application/x+json": map[string]any{"a": []int{1}}}, nil
}

func TestJSON(t *testing.T) {
	if got, want := string(JSON(spec{})), `"application/x+json":{"a":[1]}`; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s in it", got, want)
	}
	if got := JSON(error(nil)); got != nil {
		t.Errorf("nil is shown as %s", got)
	}
}
