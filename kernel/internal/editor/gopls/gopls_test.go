package gopls

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/test/waits"
)

// server starts the gopls that setup has installed, in a module of its own, and waits until it is
// up.
func server(t *testing.T) *Server {
	t.Helper()
	h, err := paths.UserHome()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(h.Gopls()); err != nil {
		if os.Getenv("TRAFFICLAB_ALL") != "" {
			t.Fatal(err)
		}
		t.Skip("no gopls (run: go run ./kernel setup)")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module cells\n\ngo 1.26\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	s, err := Start(h.Gopls(), dir, append(os.Environ(), "GOFLAGS=", "GOWORK=off"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if _, err := s.Complete(t.Context(), "", 0); err != ErrCold && err != nil {
		t.Errorf("from a server that has just started: %v", err)
	}
	waits.Until(t, "gopls comes up", s.Warm)
	return s
}

func TestServer(t *testing.T) {
	s := server(t)
	const text = "package main\n\nimport \"strings\"\n\nvar gx = strings.Builder{}\n\nfunc main() {\n\tgx.Wri\n" +
		"\tü := gx\n}\n"
	ctx := waits.Context(t)
	items, err := s.Complete(ctx, text, strings.Index(text, "Wri")+3)
	if err != nil {
		t.Fatal(err)
	}
	var labels []string
	for _, i := range items {
		labels = append(labels, i.Label)
	}
	if !slices.Contains(labels, "WriteString") {
		t.Errorf("got %q", labels)
	}
	hover, err := s.Hover(ctx, text, strings.LastIndex(text, "gx"))
	if err != nil || !strings.Contains(hover, "strings.Builder") {
		t.Errorf("got %q, %v", hover, err)
	}
	short, cancelShort := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancelShort()
	if _, err := s.Complete(short, text, 10); err == nil {
		t.Error("it waited longer than its context")
	}
}

func TestPosition(t *testing.T) {
	if p := position("a\nü𝄞x", len("a\nü𝄞")); p["line"] != 1 || p["character"] != 3 {
		t.Errorf("got %v", p)
	}
	if u := uri("/tmp/a b/ü"); u != "file:///tmp/a%20b/%C3%BC" {
		t.Errorf("got %s", u)
	}
}
