package flow

import (
	"slices"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// Where TCP ends flows, a SYN with another sequence number begins another connection.
func TestPortReuse(t *testing.T) {
	const S, A = capture.SYN, capture.ACK
	at := func(ms int64, from bool, flags capture.Flags, seq, ack uint32) *capture.Packet {
		p := tcp(ms, from, flags, 0)
		p.Seq, p.Ack = seq, ack
		return p
	}
	begun := []*capture.Packet{at(0, true, S, 99, 0), at(1, false, S|A, 7, 100), at(2, true, A, 100, 8)}
	for name, c := range map[string]struct {
		packets []*capture.Packet
		ended   []any // with TCP's ends
	}{
		"another number": {append(slices.Clone(begun), at(3, true, S, 5000, 0), at(4, false, S|A, 9, 5001)),
			[]any{int64(3), Closed, int64(2), Flushed}},
		"the SYN again": {append(slices.Clone(begun), at(3, true, S, 99, 0)), []any{int64(4), Flushed}},
		"in the middle": {[]*capture.Packet{at(0, true, A, 1<<30, 7), at(1, true, S, 5, 0)},
			[]any{int64(1), Closed, int64(1), Flushed}},
		"in the middle, back": {[]*capture.Packet{at(0, false, A, 7, 1<<30), at(1, true, S, 5, 0)},
			[]any{int64(1), Closed, int64(1), Flushed}},
		"behind what follows it": {[]*capture.Packet{at(0, true, A, 100, 8), at(1, true, S, 99, 0)},
			[]any{int64(2), Flushed}},
		"behind its answer": {[]*capture.Packet{at(0, false, S|A, 7, 100), at(1, true, S, 99, 0)}, []any{int64(2), Flushed}},
	} {
		for _, end := range []TCPEnd{FirstFIN, AtClose, NoTCPEnd} {
			want := c.ended
			if end == NoTCPEnd {
				want = []any{int64(len(c.packets)), Flushed}
			}
			if got := ends(flows(t, Rules{TCP: end}, c.packets...)); !slices.Equal(got, want) {
				t.Errorf("%s, rule %d: %v, want %v", name, end, got, want)
			}
		}
	}
}

// Packets with another outer or inner tag belong to another flow.
func TestTags(t *testing.T) {
	tagged := func(n int, tags ...uint16) *capture.Packet {
		p := tcp(int64(n), true, capture.ACK, 1)
		p.VLANs = len(tags)
		copy(p.VLAN[:], tags)
		return p
	}
	all := flows(t, Rules{}, tagged(0), tagged(1, 5), tagged(2, 5, 7), tagged(3, 6, 7), tagged(4, 6, 8), tagged(5, 6, 7),
		tagged(6, 6, 7, 9))
	var tags [][2]uint16
	for _, f := range all {
		tags = append(tags, [2]uint16{f.OuterVLAN, f.VLAN})
	}
	slices.SortFunc(tags, func(a, b [2]uint16) int { return slices.Compare(a[:], b[:]) })
	if want := [][2]uint16{{0, 0}, {0, 5}, {5, 7}, {6, 7}, {6, 8}}; !slices.Equal(tags, want) {
		t.Errorf("flows of %v, want %v", tags, want)
	}
}
