package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/internal/probe"
)

func samples(row, kernel string, seconds ...float64) (all []sample) {
	for _, s := range seconds {
		all = append(all, sample{Row: row, Kernel: kernel, Seconds: &s})
	}
	return all
}

func TestRows(t *testing.T) {
	all := append(samples("start", probe.Ours, 0.5, 0.2, 0.3), samples("start", probe.GoNB, 0.9, 0.6, 0.6, 0.9)...)
	all = append(all, samples("trivial cell", probe.Ours, 0.4)...)
	all = append(all, sample{Row: "trivial cell", Kernel: probe.GoNB, Words: "no"})
	got := rows(all, 1)
	if len(got) != 2 || got[0].Name != "start" {
		t.Fatalf("%+v", got)
	}
	if s := got[0]; *s.Times[probe.Ours] != 0.3 || *s.Best[probe.Ours] != 0.2 || *s.Times[probe.GoNB] != 0.75 || s.Ratio != 2.5 || !*s.Met || s.Times[probe.IPyKernel] != nil {
		t.Errorf("%+v", s)
	}
	if c := got[1]; *c.Met || c.Times[probe.GoNB] != nil || c.Ratio != 0 {
		t.Errorf("%+v", c)
	}
	if m, _ := middle([]float64{1}, 3); m != nil {
		t.Errorf("one of three rounds gave %v", *m)
	}
}

// What is written by hand stays.
func TestWrite(t *testing.T) {
	page := filepath.Join(t.TempDir(), "BENCH.md")
	if err := os.WriteFile(page, []byte("old"+rule+"by hand\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Write(page, rows(samples("start", probe.Ours, 0.7), 1), "a machine"); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(page)
	if s := string(got); strings.Contains(s, "old") || !strings.Contains(s, "| start | 0.700 | – | – |  | 0.60 | NOT met |") || !strings.HasSuffix(s, "by hand\n") {
		t.Error(s)
	}
	if text := Text(rows(samples("start", probe.Ours, 0.7), 1), "a machine"); !strings.Contains(text, "a machine") || !strings.Contains(text, "NOT met") {
		t.Error(text)
	}
}
