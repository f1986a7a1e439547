package complete

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

func index(t *testing.T) *Index {
	t.Helper()
	checkout, err := paths.Checkout(".")
	if err != nil {
		t.Fatal(err)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return &Index{Goroot: strings.TrimSpace(string(root)), Checkout: checkout, Module: paths.Module}
}

// at returns a cell with the cursor at the bar.
func at(code string) Cell {
	before, after, _ := strings.Cut(code, "|")
	return Cell{Code: before + after, Cursor: len([]rune(before))}
}

func TestComplete(t *testing.T) {
	x := index(t)
	dir := t.TempDir()
	for _, name := range []string{"flows.csv", "flags.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for code, want := range map[string]struct {
		replaced string
		exactly  string // "" for at least has
		has      string
	}{
		"fmt.Printl|":                      {"Printl", "Println", ""},
		"üñ𝄞 := 1; fmt.Printl|n":           {"Printl", "Println", ""},
		"import \"trafficlib/data/s|":      {"trafficlib/data/s", "", paths.Module + "/trafficlib/data/seq"},
		"import (\n\t\"fmt\"\n\t\"net/ht|": {"net/ht", "", "net/http"},
		"seq.Fixed|":                       {"Fixed", "", "FixedLength"},
		"import s \"strings\"\ns.HasP|":    {"HasP", "HasPrefix", ""},
		"%e|":                              {"%e", "%env %exec", ""},
		"%%w|":                             {"%%w", "%%writefile", ""},
		"!cat flo|":                        {"flo", "flows.csv", ""},
		"%%bash\ncat fla|":                 {"fla", "flags.txt", ""},
		"longName := 1\nlongN|":            {"longN", "longName", ""},
		"earli|":                           {"earli", "earlier", ""},
		"retu|":                            {"retu", "return", ""},
		"\"fmt.Printl|\"":                  {"", "", "-"},
		"// fmt.Printl|":                   {"", "", "-"},
		"fmt := 1\nfmt.Printl|":            {"Printl", "", "-"},
		"a.b.Printl|":                      {"Printl", "", "-"},
		"|":                                {"", "", "-"},
		"nosuch.X|":                        {"X", "", "-"},
	} {
		c := at(code)
		c.Dir, c.Declared = dir, map[string]string{"earlier": "var earlier = 1"}
		matches, start, end := x.Complete(c)
		var texts []string
		for _, m := range matches {
			texts = append(texts, m.Text)
		}
		if got := c.Code[start:end]; got != want.replaced {
			t.Errorf("%q: %q is replaced, want %q", code, got, want.replaced)
		}
		switch {
		case want.has == "-" && len(texts) > 0:
			t.Errorf("%q: got %q", code, texts)
		case want.exactly != "" && strings.Join(texts, " ") != want.exactly:
			t.Errorf("%q: got %q, want %q", code, texts, want.exactly)
		case want.exactly == "" && want.has != "-" && !slices.Contains(texts, want.has):
			t.Errorf("%q: got %q without %q", code, texts, want.has)
		}
	}
}

func TestInspect(t *testing.T) {
	x := index(t)
	for code, want := range map[string]string{
		"fmt.Println|(1)": "func Println(a ...any)", "fmt.Pri|ntln(1)": "func Println(a ...any)",
		"fmt.Println(|": "func Println(a ...any)",
		"f|mt":          "package fmt", "seq.Open|": "func Open(path string)", "app|end": "func append(",
		"%env| A b": "%env NAME VALUE",
		"earlier|":  "var earlier = 1", "!l|s": "!COMMAND", "x|": "", "": "", "1|": "",
	} {
		c := at(code)
		c.Declared = map[string]string{"earlier": "var earlier = 1"}
		got, _ := x.Inspect(c)["text/plain"].(string)
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%q: %.80q, want %q", code, got, want)
		}
	}
	for topic, want := range map[string]string{"strings.Builder": "type Builder struct",
		"strings.Builder.Len": "func (b *Builder) Len() int",
		"trafficlib/data/seq": "package seq", "net/http": "package http", "%%": "%% [ARGS]", "../../etc": "",
		"nothing": ""} {
		got, _ := x.Explain(topic, Cell{})["text/plain"].(string)
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %.80q, want %q", topic, got, want)
		}
	}
}

func TestImports(t *testing.T) {
	got := index(t).Imports(Cell{Code: "x := seq.Open()\nx.Len()\nos.Args",
		Declared: map[string]string{"os": "var os = 1"}}, "var b strings.Builder")
	if got["seq"] != paths.Module+"/trafficlib/data/seq" || got["strings"] != "strings" || got["os"] != "" ||
		got["x"] != "" {
		t.Errorf("got %v", got)
	}
}
