package volume

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

// A row years away from the others does not create millions of intervals. The error names its
// place.
func TestFarRows(t *testing.T) {
	rules := Rules{Every: time.Second}
	for _, far := range []int64{20 * 365 * 24 * 3600, -20 * 365 * 24 * 3600} {
		sum := NewSum(rules)
		for i := range int64(1000) {
			if err := sum.Add(i*1e9, 1); err != nil {
				t.Fatal(err)
			}
		}
		err := sum.Add(far*1e9, 1)
		if err == nil || !strings.HasPrefix(err.Error(), "volume: row 1001, at ") || cap(sum.values) > 1<<20 {
			t.Errorf("%d s: %v, room for %d intervals", far, err, cap(sum.values))
		}
	}
	path := filepath.Join(t.TempDir(), "x.csv")
	text := strings.Join(Fields, ",") + "\n10.0.0.1,10.0.0.2,60,1000.5\n10.0.0.1,10.0.0.2,60,900001000.5\n"
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Read(t.Context(), path, rules); err == nil ||
		!strings.Contains(err.Error(), fmt.Sprintf("volume: %s: row 2, at ", path)) {
		t.Errorf("a CSV: %v", err)
	}
	// Weeks without a row, followed by more rows, are valid.
	sum := NewSum(rules)
	for _, day := range []int64{0, 1, 40, 41} {
		if err := sum.Add(day*24*3600*1e9, 1); err != nil {
			t.Error(err)
		}
	}
}

// A single clock that is years ahead does not extend the series.
func TestStrayedSeries(t *testing.T) {
	s, notice, err := Read(t.Context(), shareddata.Dir(t, "capture_faults", "15c_future.pcap"), Rules{Every: time.Second})
	if err != nil || s.Len() > 1000 || !strings.Contains(notice, "1 with a clock that was off") {
		t.Errorf("%d intervals, %q, %v", s.Len(), notice, err)
	}
}
