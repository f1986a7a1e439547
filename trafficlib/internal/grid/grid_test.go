package grid

import (
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	g := Grid{Title: "two rows", Header: []string{"name", "n"}, Right: []bool{false, true}, Note: "… 3 more rows"}
	g.Add("é", "1")
	g.Add("line\nbreak", "20")
	want := "two rows\nname         n\né            1\nline break  20\n… 3 more rows\n"
	if got := g.Text(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestHTMLEscapes(t *testing.T) {
	g := Grid{Title: "<t>", Header: []string{"<script>"}, Note: "a & b"}
	g.Add(`"><img src=x onerror=alert(1)>`)
	got := g.HTML()
	for _, bad := range []string{"<script", "<img", "<t>", "a & b"} {
		if strings.Contains(got, bad) {
			t.Errorf("%q stands unescaped in %s", bad, got)
		}
	}
	bundle, err := g.MIME()
	if err != nil || bundle["text/html"] != got || bundle["text/plain"] != g.Text() {
		t.Errorf("MIME gives %v, %v", bundle, err)
	}
}

func TestZero(t *testing.T) {
	var g Grid
	if got := g.Text(); got != "" {
		t.Errorf("an empty grid has the text %q", got)
	}
}
