package flow

import (
	"slices"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

// fragment returns a fragment of a datagram. The first one has the ports.
func fragment(ms int64, from, first bool, id uint32, size int) *capture.Packet {
	p := tcp(ms, from, 0, size)
	p.Protocol, p.ID, p.MoreFrag = capture.UDP, id, true
	if !first {
		p.Kind, p.SrcPort, p.DstPort, p.FragOffset, p.Header, p.MoreFrag = capture.Fragment, 0, 0, 1480, 0, false
	}
	return p
}

// Later fragments belong to the flow of the first one, in any order.
func TestFragments(t *testing.T) {
	first, later, last := fragment(0, true, true, 7, 1000), fragment(1, true, false, 7, 1000),
		fragment(2, true, false, 7, 100)
	back := fragment(3, false, true, 7, 50)
	backLater := fragment(4, false, false, 7, 50)
	for name, c := range map[string]struct {
		packets []*capture.Packet
		want    []any
		left    int64
	}{
		"in order":         {[]*capture.Packet{first, later, last}, []any{int64(3), Flushed}, 0},
		"backwards":        {[]*capture.Packet{last, later, first}, []any{int64(3), Flushed}, 0},
		"both directions":  {[]*capture.Packet{first, back, backLater, later}, []any{int64(4), Flushed}, 0},
		"no first":         {[]*capture.Packet{later, last}, nil, 2},
		"another datagram": {[]*capture.Packet{first, fragment(1, true, false, 8, 9)}, []any{int64(1), Flushed}, 1},
		"too late":         {[]*capture.Packet{first, fragment(31_000, true, false, 7, 9)}, []any{int64(1), Flushed}, 1},
		"the same id again": {[]*capture.Packet{first, later, fragment(31_001, true, true, 7, 9),
			fragment(31_002, true, false, 7, 9)}, []any{int64(4), Flushed}, 0},
	} {
		var all []Flow
		m, err := NewMeter(Rules{}, func(f *Flow) { all = append(all, *f) })
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range c.packets {
			m.Add(p)
		}
		m.Close()
		if got, r := ends(all), m.Report(); !slices.Equal(got, c.want) || r.Left != c.left ||
			r.Packets+r.Left != int64(len(c.packets)) {
			t.Errorf("%s: %v, %v, want %v and %d left", name, got, r, c.want, c.left)
		}
		if len(all) > 0 && (all[0].Src != client || all[0].SrcPort != 50000 || all[0].DstPort != 80) {
			t.Errorf("%s: from %v:%d to port %d", name, all[0].Src, all[0].SrcPort, all[0].DstPort)
		}
	}
}

// Fragments that wait for a first one do not exceed their limit.
func TestFragmentsAreBounded(t *testing.T) {
	m, err := NewMeter(Rules{}, func(*Flow) {})
	if err != nil {
		t.Fatal(err)
	}
	const n = 3 * mostFragments
	for i := range n {
		m.Add(fragment(0, true, false, uint32(i/2), 9))
	}
	if len(m.fragments.of) > mostDatagrams || m.fragments.waiting > mostFragments || m.Report().Left < n-mostFragments {
		t.Errorf("%d datagrams, %d fragments wait, %v", len(m.fragments.of), m.fragments.waiting, m.Report())
	}
	m.Close()
	if m.Report().Left != n {
		t.Errorf("%v, want %d left", m.Report(), n)
	}
}

// A packet whose header was cut off after the ports has a flow. Fields that are missing count as
// zero.
func TestCutHeader(t *testing.T) {
	p := tcp(0, true, capture.SYN, 0)
	p.Kind, p.Ports = capture.Short, true
	q := *p
	q.Ports = false
	got := flows(t, CICFlowMeter.Rules, p, &q)
	if len(got) != 1 || got[0].Packets() != 1 || got[0].Forward.Window != -1 || got[0].Flag(capture.SYN) != 0 {
		t.Errorf("%+v", got)
	}
}

// The published numbers for a datagram in three fragments, and for a SYN in two.
func TestFragmentsOfCaptures(t *testing.T) {
	for file, want := range map[string][2]int64{
		"10_frag.pcap":             {3, 4110},
		"10d_tinyfrag.pcap":        {3, 0},
		"zeek_fragmented-syn.pcap": {2, 0},
	} {
		r, err := capture.Open(shareddata.Dir(t, "capture_faults", file))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for f := range All(r.Packets(), Rules{Unit: time.Millisecond}) {
			if n++; f.Packets() != want[0] || want[1] > 0 && f.Bytes() != want[1] {
				t.Errorf("%s: %d packets of %d bytes, want %d of %d", file, f.Packets(), f.Bytes(), want[0], want[1])
			}
		}
		if n != 1 {
			t.Errorf("%s: %d flows", file, n)
		}
		r.Close()
	}
}
