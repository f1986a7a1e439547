// Package flow makes flows out of packets: who spoke with whom, for how long, in how many packets
// and bytes, and at what pace.
//
// It takes the packets of captures (package capture) and returns flows: as a flow table (Extract),
// which is what readers of published flows return too, as a table with the columns of a Profile
// (Read), or one by one as they end (All, Meter). The profiles are NFStream, CICFlowMeter and
// CICFlowMeter2018. The flows are the same on any number of cores.
//
//	for f := range flow.All(r.Packets(), flow.NFStream.Rules) { … }
//
// A flow is the packets of one protocol between two hosts and ports, in both directions, within one
// VLAN (with QinQ, one pair of tags). Rules say when it ends: after a time without packets, after a
// time since it began, or with TCP's own end; Flow.End says which. Packets that come after TCP's
// end without a SYN belong to the flow that has ended, for Rules.Linger, or are counted apart. ICMP
// and other protocols without ports have the ports 0. The fragments of a datagram belong to the
// flow of its first fragment, and a packet whose header the capture cut behind the ports has a flow
// too. Frames without a flow are counted: those that are not IP, fragments whose first is missing,
// and headers that could not be decoded (see capture.Report). The reader looks into tunnels
// (capture.Options.Decapsulate): flows in different tunnels are different flows (Flow.Tunnel), and
// WithTunnel adds columns that say so.
//
// Memory is bounded by Rules.Most, the number of flows that may be open at once, each of up to a
// kilobyte; BENCH.md says what 65536 take. When as many are open, the one that has been silent for
// longest is evicted, and Report counts it. (Flows are divided by their addresses into sixteen
// tables, so that cores can share the work, and the one is chosen within its table.) A packet that
// is older than the last one of its flow counts as of the same time; if it is older by more than
// Rules.Idle or Rules.Active it begins another flow. Package capture sorts the packets of files
// first.
package flow

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// A Flow is a finished flow: its key, its counters and why it ended.
type Flow struct {
	// Src sent the SYN that opened the connection or, without one in the flow, the first packet;
	// see Rules.KeepDirection for flows that were cut.
	Src, Dst         netip.Addr
	SrcPort, DstPort uint16
	Protocol         uint8
	VLAN             uint16         // ID of the second tag if there are several, else of the only one; 0 without
	Tunnel           capture.Tunnel // in which its packets came, see capture.Options.Decapsulate
	TunnelKey        uint32         // of the tunnel, if both directions have the same
	OuterVLAN        uint16         // the ID of the outermost of several tags, as with QinQ; 0 if there are none
	SrcMAC, DstMAC   [6]byte
	Number           int64 // of the first packet in its file, from 1
	File             int   // index of that file
	Unit             time.Duration
	End              End
	Summary
	Activity Activity // if Rules.Activity is set
}

// Start returns the time of the first packet, rounded down to the Unit.
func (f *Flow) Start() time.Time { return time.Unix(0, f.First*int64(f.Unit)).UTC() }

// Has reports whether a packet has the addresses, ports, protocol, tags and tunnel of the flow, and
// whether it goes forward.
func (f *Flow) Has(p *capture.Packet) (forward, ok bool) {
	if p.Protocol != f.Protocol || vlan(p) != f.VLAN || outerVLAN(p) != f.OuterVLAN || p.Tunnel != f.Tunnel {
		return false, false
	}
	if _, key := tunnel(p); key != f.TunnelKey {
		return false, false
	}
	switch {
	case p.Src == f.Src && p.Dst == f.Dst && p.SrcPort == f.SrcPort && p.DstPort == f.DstPort:
		return true, true
	case p.Src == f.Dst && p.Dst == f.Src && p.SrcPort == f.DstPort && p.DstPort == f.SrcPort:
		return false, true
	}
	return false, false
}

// End is why a flow ended.
type End uint8

// The ends.
const (
	Idle    End = iota // no packet came for Rules.Idle
	Active             // it lasted for Rules.Active
	Closed             // TCP's end
	Evicted            // the table was full
	Flushed            // the packets ended
)

// String returns the end in a word.
func (e End) String() string {
	return [...]string{"idle", "active", "closed", "evicted", "flushed"}[e]
}

// Merge joins pieces of one flow, for example from several captures, given in any order. The
// direction, Number and so on are those of the earliest piece, the End is that of the latest.
// Activity is dropped, since it cannot be joined. It panics without a piece, or if two have
// different units.
func Merge(pieces ...*Flow) *Flow {
	sorted := slices.Clone(pieces)
	slices.SortFunc(sorted, func(a, b *Flow) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Last, b.Last),
			cmp.Compare(a.File, b.File), cmp.Compare(a.Number, b.Number))
	})
	whole := *sorted[0]
	for _, p := range sorted[1:] {
		if p.Unit != whole.Unit {
			panic("flow: Merge: pieces of different units")
		}
		s := p.Summary
		if p.Src != whole.Src || p.SrcPort != whole.SrcPort {
			s = s.Turn()
		}
		whole.Append(s)
		whole.End = p.End
	}
	whole.Activity = Activity{}
	return &whole
}
