package flow

import (
	"slices"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

// Times are kept as long as their differences fit 64 bits. Others are counted.
func TestFarTimes(t *testing.T) {
	for year, clipped := range map[int]int64{1900: 1, 1950: 0, 1970: 0, 2043: 0, 2044: 0, 2106: 0, 2200: 0, 2250: 1} {
		p := tcp(0, true, 0, 1)
		at := time.Date(year, 5, 1, 0, 0, 0, 0, time.UTC)
		p.Nanos = at.UnixNano()
		var got Flow
		m, err := NewMeter(NFStream.Rules, func(f *Flow) { got = *f })
		if err != nil {
			t.Fatal(err)
		}
		m.Add(p)
		m.Close()
		if r := m.Report(); r.Clipped != clipped || clipped == 0 && !got.Start().Equal(at) || got.Duration() != 0 {
			t.Errorf("%d: from %v, %v", year, got.Start(), r)
		}
	}
}

// If packets arrive one by one, a clock that is ahead for one packet does not shift the next ones.
func TestClockSetBack(t *testing.T) {
	year := int64(365 * 24 * time.Hour / time.Millisecond)
	packets := []*capture.Packet{tcp(0, true, 0, 1), tcp(1, true, 0, 1), tcp(10*year, true, 0, 1), tcp(2, true, 0, 1),
		tcp(3, true, 0, 1)}
	all := flows(t, Rules{Unit: time.Millisecond}, packets...)
	if got := ends(all); !slices.Equal(got, []any{int64(2), Idle, int64(1), Idle, int64(2), Flushed}) ||
		all[2].First != 2 || all[2].Last != 3 {
		t.Errorf("%v, %+v", got, all)
	}
}

// In a capture with a single clock that is years ahead, both connections are whole, and the packet
// is counted.
func TestStrayedCapture(t *testing.T) {
	got, err := Read(silent(t.Context()), NFStream, shareddata.Dir(t, "capture_faults", "15c_future.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Capture.Strayed != 1 || got.Report.Flows != 2 {
		t.Errorf("%v; %v", got.Report, got.Capture)
	}
	for _, ms := range got.Table.Float64s("bidirectional_duration_ms") {
		if ms > 60_000 {
			t.Errorf("a flow takes %v ms", ms)
		}
	}
}
