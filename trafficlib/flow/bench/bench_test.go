package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/internal/capturesim"
)

// TestFlows checks that each copy of the bundled captures has flows of its own.
func TestFlows(t *testing.T) {
	t.Chdir("../../..")
	path := filepath.Join(t.TempDir(), "x.pcap")
	if err := capturesim.OneByOne(path, 40_000, bundled...); err != nil {
		t.Fatal(err)
	}
	f, err := flows(path)
	if err != nil {
		t.Fatal(err)
	}
	once, err := flows(bundled[0])
	if err != nil {
		t.Fatal(err)
	}
	if f.Count[0] < 35_000 || f.Count[1] < once.Count[1] {
		t.Errorf("%v, of one copy %v", f.Count, once.Count)
	}
}

func TestPage(t *testing.T) {
	best := make([]measurement, len(sides))
	for i := range best {
		best[i] = measurement{Cost: benchkit.Cost{Seconds: 2, CPU: 1}, Count: [3]int64{300_000, 7, 9}}
	}
	best[1].CPU = 100 // NFStream
	best[4].Note = "A note."
	rows := newRows(best, func(string) int64 { return 5 * benchkit.MB })
	got := benchkit.Markdown(page, "a machine", rows, bounds(best))
	for _, want := range []string{
		"| NFStream | flows | 300000 | 7 | 5.0 | 2.000 | 100.000 | 3.0 | 0 |",
		"100.0 times the packets of NFStream",
		"300 k packets per second of processor time, 150 k per second; at least 100 wanted: met",
		"A note.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
}
