package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/test/internal/client"
)

func samples(row, kernel string, seconds ...float64) (all []sample) {
	for _, s := range seconds {
		all = append(all, sample{Row: row, Kernel: kernel, Seconds: &s})
	}
	return all
}

func TestRows(t *testing.T) {
	all := append(samples("start", client.Ours, 0.5, 0.2, 0.3), samples("start", client.GoNB, 0.9, 0.6, 0.6, 0.9)...)
	all = append(all, samples("trivial cell", client.Ours, 0.4)...)
	all = append(all, sample{Row: "trivial cell", Kernel: client.GoNB, Words: "no"})
	got := rows(all, 1)
	if len(got) != 2 || got[0].Name != "start" {
		t.Fatalf("%+v", got)
	}
	if s := got[0]; *s.Times[client.Ours] != 0.3 || *s.Best[client.Ours] != 0.2 || *s.Times[client.GoNB] != 0.75 ||
		s.Ratio != 2.5 || !*s.Met || s.Times[client.IPyKernel] != nil {
		t.Errorf("%+v", s)
	}
	if c := got[1]; *c.Met || c.Times[client.GoNB] != nil || c.Ratio != 0 {
		t.Errorf("%+v", c)
	}
	if m, _ := middle([]float64{1}, 3); m != nil {
		t.Errorf("one of three rounds gave %v", *m)
	}
}

func TestLoops(t *testing.T) {
	var all []sample
	for _, m := range []struct {
		way     string
		seconds float64
	}{{"session", 3}, {"program", 1}, {"session", 2}, {"program", 2}, {"session", 9}, {"program", 3}} {
		all = append(all, sample{Loop: "fib", Way: m.way, Seconds: &m.seconds})
	}
	all = append(all, sample{Loop: "alone", Way: "session", Seconds: new(float64)})
	if got := loops(all); len(got) != 1 || got[0] != (Loop{"fib", 3, 2}) {
		t.Errorf("%+v", got)
	}
}

// The part that is written by hand is kept.
func TestWrite(t *testing.T) {
	page := filepath.Join(t.TempDir(), "BENCH.md")
	if err := os.WriteFile(page, []byte("old"+rule+"by hand\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	r := &Report{
		Rows:   rows(samples("start", client.Ours, 0.7), 1),
		Memory: rows(samples("kernel, RSS", client.GoNB, 30), 1),
		Loops:  []Loop{{"a loop", 0.3, 0.2}},
	}
	if err := r.Write(page, "a machine"); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(page)
	if s := string(got); strings.Contains(s, "old") || !strings.Contains(s,
		"| start | 0.700 | – | – |  | 0.30 | NOT met |") ||
		!strings.Contains(s, "| kernel, RSS | – | 30.0 | – |") || !strings.Contains(s,
		"| a loop | 0.300 | 0.200 | 1.50 |") || !strings.HasSuffix(s, "by hand\n") {
		t.Error(s)
	}
	if text := r.Text("a machine"); !strings.Contains(text, "a machine") || !strings.Contains(text, "NOT met") {
		t.Error(text)
	}
}
