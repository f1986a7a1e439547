package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/feature/tlsfeat"
	"github.com/trafficlab/trafficlab/trafficlib/internal/tlssim"
)

func TestMakeSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	for _, size := range []int64{1, mb, 30 * mb} { // less and more than the thousand sessions
		if err := makeSessions(path, size); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := int64(len(data)); n < size || n > size+mb || !strings.HasSuffix(string(data), "], \n") {
			t.Errorf("%d bytes, want %d and the rest of a line", n, size)
		}
	}
	s, err := tlsfeat.OpenSessionFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.At(s.Len() - 1); err != nil || s.Features() != tlssim.Width {
		t.Errorf("%d features, %v", s.Features(), err)
	}
}

func TestAppendSession(t *testing.T) {
	got := string(appendSession(nil, []tlssim.Packet{{0, 1500, 0.25}}))
	if want := "[0.0, 1500.0, 0.25, 0.0, "; !strings.HasPrefix(got, want) || strings.Count(got, ",") != tlssim.Width {
		t.Errorf("got %q, want %q …", got, want)
	}
}

// TestStages runs the stages in order: each leaves what the next one needs.
func TestStages(t *testing.T) {
	path, work := filepath.Join(t.TempDir(), "a.csv"), filepath.Join(t.TempDir(), "a")
	if err := makeSessions(path, mb); err != nil {
		t.Fatal(err)
	}
	s, err := tlsfeat.OpenSessionFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var packets, cut int64
	for i := range s.Len() {
		rows, err := s.At(i)
		if err != nil {
			t.Fatal(err)
		}
		n := len(rows) / s.Features()
		packets, cut = packets+int64(n), cut+int64(min(n, steps))
	}
	for stage, want := range map[string]int64{"index": int64(s.Len()), "read": packets, "convert": packets} {
		if m, err := ourStage(stage, path, work); err != nil || m.Count != want || m.rate() <= 0 {
			t.Errorf("%s: got %+v, %v, want %d counted", stage, m, err, want)
		}
	}
	if m, err := ourStage("batches", path, work); err != nil || m.Count != cut || m.Batches < 1 {
		t.Errorf("batches: got %+v, %v, want %d counted", m, err, cut)
	}
	if _, err := ourStage("fly", path, work); err == nil {
		t.Error("an unknown stage: no error")
	}
}

func TestTable(t *testing.T) {
	cost := func(seconds, cpu float64) benchkit.Cost { return benchkit.Cost{Seconds: seconds, CPU: cpu} }
	our := measurement{Cost: cost(2, 1), Bytes: 500 * mb}
	our.Anon, our.Mapped = 300*mb, mb
	rows := []row{
		newRow(benchkit.Ours, "convert", our),
		newRow("json + numpy", "convert", measurement{Cost: cost(50, 40), Bytes: 500 * mb}),
		newRow("json + numpy", ofConverted, measurement{Cost: cost(1, 1), Batches: 9}),
	}
	rows[1].Ratio, rows[1].CPURatio, rows[2].Ratio = 25, 40, 0.5
	got := benchkit.Markdown(page, "a machine", rows, bounds(rows))
	for _, want := range []string{
		"| trafficlib | convert | 500 | 2.000 | 1.000 | 250 |  | 300 | 1 |  |  |",
		"25.0 times the peer's throughput (40.0 by processor time), at least 20 wanted: met",
		"0.5 times the peer's throughput (0.0 by processor time), at least 1 wanted: NOT met",
		"300 MB, 256 allowed: NOT met",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
}
