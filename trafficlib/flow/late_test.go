package flow

import (
	"slices"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// Packets after TCP's end, other than a SYN, begin no flow as long as the old one lingers.
func TestLate(t *testing.T) {
	const S, A, F, R = capture.SYN, capture.ACK, capture.FIN, capture.RST
	closed := []*capture.Packet{tcp(0, true, S, 0), tcp(1, false, S|A, 0), tcp(2, true, F|A, 0), tcp(3, false, F|A, 0),
		tcp(4, true, A, 0)}
	after := func(more ...*capture.Packet) []*capture.Packet { return slices.Concat(closed, more) }
	mirrored := slices.Concat(closed, closed)
	slices.SortStableFunc(mirrored, func(a, b *capture.Packet) int { return int(a.Nanos - b.Nanos) })
	type ended = []any
	for _, c := range []struct {
		name    string
		rules   Rules
		packets []*capture.Packet
		want    ended
		late    int64
	}{
		{"each frame twice", Rules{}, mirrored, ended{int64(10), Closed}, 1},
		{"a RST", Rules{}, after(tcp(9, false, R, 0)), ended{int64(6), Closed}, 1},
		{"RSTs of both sides", Rules{}, after(tcp(9, false, R, 0), tcp(10, true, R|A, 0), tcp(59_000, false, R, 0)),
			ended{int64(8), Closed}, 3},
		{"data", Rules{}, after(tcp(9, false, A, 7)), ended{int64(6), Closed}, 1},
		{"after the default", Rules{}, after(tcp(60_004, false, R, 0)), ended{int64(5), Closed, int64(1), Closed}, 0},
		{"after the time", Rules{Linger: 5 * time.Millisecond}, after(tcp(8, false, R, 0), tcp(9, false, R, 0)),
			ended{int64(6), Closed, int64(1), Closed}, 1},
		{"at once", Rules{Linger: -1}, after(tcp(9, false, R, 0)), ended{int64(5), Closed, int64(1), Closed}, 0},
		{"apart", Rules{Late: LateApart}, after(tcp(9, false, R, 0)), ended{int64(5), Closed}, 1},
		{"another connection", Rules{}, after(tcp(9, true, S, 0), tcp(10, false, S|A, 0)),
			ended{int64(5), Closed, int64(2), Flushed}, 0},
		{"another's answer", Rules{}, after(tcp(9, false, S|A, 0)), ended{int64(5), Closed, int64(1), Flushed}, 0},
		{"beyond the active time", Rules{Active: 6 * time.Millisecond}, after(tcp(9, false, R, 0)),
			ended{int64(6), Closed}, 1},
	} {
		c.rules.TCP = AtClose
		var all []Flow
		m, err := NewMeter(c.rules, func(f *Flow) { all = append(all, *f) })
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range c.packets {
			m.Add(p)
		}
		m.Close()
		if got, r := ends(all), m.Report(); !slices.Equal(got, c.want) || r.Late != c.late {
			t.Errorf("%s: %v, %d late, want %v, %d late", c.name, got, r.Late, c.want, c.late)
		}
		if f := all[0]; f.Src != client || f.SrcPort != 50000 {
			t.Errorf("%s: %v sent first", c.name, f.Src)
		}
	}
}

// A lingering flow is evicted before any live one, and counts as ended by TCP.
func TestLateMakesRoom(t *testing.T) {
	var all []Flow
	m, err := NewMeter(Rules{TCP: AtClose, Most: 1}, func(f *Flow) { all = append(all, *f) })
	if err != nil {
		t.Fatal(err)
	}
	m.Add(tcp(0, true, capture.RST, 0))
	other := tcp(1, true, capture.SYN, 0)
	other.SrcPort++
	m.Add(other)
	m.Close()
	if got, want := ends(all), []any{int64(1), Closed, int64(1), Flushed}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
