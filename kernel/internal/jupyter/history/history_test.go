package history

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func codes(list []Entry) string {
	var out []string
	for _, e := range list {
		out = append(out, fmt.Sprintf("%d/%d %s", e.Session, e.Line, e.Code))
	}
	return strings.Join(out, "|")
}

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "history")
	s := open(t, path)
	for i, c := range []string{"one", "two", " ", "one"} {
		s.Add(i+1, c)
	}
	s.Result(2, "2")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString("{damaged\n")
	f.Close()
	next := open(t, path)
	next.Add(1, "three")
	for what, c := range map[string]struct{ got, want string }{
		"tail":          {codes(next.Tail(2)), "1/4 one|2/1 three"},
		"a long tail":   {codes(next.Tail(100)), "1/1 one|1/2 two|1/4 one|2/1 three"},
		"no tail":       {codes(next.Tail(-1)), ""},
		"this session":  {codes(next.Range(0, 0, 0)), "2/1 three"},
		"the last":      {codes(next.Range(-1, 2, 4)), "1/2 two"},
		"by number":     {codes(next.Range(1, 1, 3)), "1/1 one|1/2 two"},
		"search":        {codes(next.Search("t*", 0, false)), "1/2 two|2/1 three"},
		"search one":    {codes(next.Search("o?e", 1, false)), "1/4 one"},
		"search unique": {codes(next.Search("*", 0, true)), "1/2 two|1/4 one|2/1 three"},
		"no pattern":    {codes(next.Search("o.e", 0, false)), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", what, c.got, c.want)
		}
	}
	if s.Tail(3)[1].Output != "2" {
		t.Errorf("the result is %q", s.Tail(3)[1].Output)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestBounds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	s := open(t, path)
	big := strings.Repeat("x", maxCell-10)
	for i := range maxBytes/maxCell + 10 {
		s.Add(i, fmt.Sprint(i)+big)
	}
	s.Add(1, strings.Repeat("y", maxCell+1))
	s.Close()
	next := open(t, path)
	if info, err := os.Stat(path); err != nil || info.Size() > maxBytes/2 {
		t.Errorf("%d bytes are kept, %v", info.Size(), err)
	}
	if got := next.Tail(1); len(got) != 1 || !strings.HasPrefix(got[0].Code, fmt.Sprint(maxBytes/maxCell+9)) {
		t.Error("the newest is not kept")
	}
}

func TestWithoutFile(t *testing.T) {
	s := open(t, "")
	s.Add(1, "x")
	if codes(s.Tail(1)) != "1/1 x" {
		t.Error("the cell is missing")
	}
	if s, err := Open("/dev/null/x"); err == nil || s == nil {
		t.Errorf("got %v, %v", s, err)
	}
}
