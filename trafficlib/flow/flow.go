// Package flow makes flows out of packets: who spoke with whom, for how long, in how many packets and bytes, and at what pace.
//
// It takes the packets of captures (package capture) and gives flows: of files and folders as a table (Read), on all cores,
// and of packets as they come one by one (All, Meter). The table has the columns of a Profile: NFStream, CICFlowMeter or
// CICFlowMeter2018, and the same flows come out however many cores there are.
//
//	for f := range flow.All(r.Packets(), flow.NFStream.Rules) { … }
//
// A flow is the packets of one protocol between two hosts and ports, in both directions, within one VLAN
// (or with QinQ within one pair of tags). Rules say when it
// ends: after a time without packets, a time since it began, or with TCP's own end; each end is told (Flow.End). What comes
// after TCP's end without a SYN belongs to the flow that has ended, for Rules.Linger, or is counted apart. ICMP and
// protocols without ports have ports 0. The fragments of a datagram belong to the flow of its first one, and a packet whose
// header the capture cut off behind the ports has a flow too. What has no flow is left out and counted: frames that are not
// IP, fragments of which the first is missing, and headers that could not be decoded (see capture.Report). Tunnels are looked into where
// the reader does (capture.Options.Decapsulate): flows in different tunnels are different flows (Flow.Tunnel), and
// WithTunnel adds columns that say so.
//
// Memory is bounded by Rules.Most, the flows that may be open at once: up to a kilobyte each; BENCH.md has what 65536 take.
// When they are as many, the one that has been silent for longest makes room (of a sixteenth of all, into which they are
// divided by their addresses, so that cores can share the work), and Report tells how many had to. A packet that is older
// than the last one of its flow counts as of the same time, or begins another where it is older by more than Rules.Idle and
// Rules.Active; package capture puts those of files in order before.
package flow

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// A Flow is one, at its end.
type Flow struct {
	// Src sent the SYN that opened the connection, where that is in the flow, and else the first packet, if the flow was not
	// cut, see Rules.KeepDirection.
	Src, Dst         netip.Addr
	SrcPort, DstPort uint16
	Protocol         uint8
	VLAN             uint16         // the identifier of the innermost tag but for a third; 0 for none
	Tunnel           capture.Tunnel // that its packets came in, see capture.Options.Decapsulate
	TunnelKey        uint32         // of a tunnel that has one for both directions
	OuterVLAN        uint16         // of the outermost of several tags, as of QinQ; 0 for none
	SrcMAC, DstMAC   [6]byte
	Number           int64 // of the first packet in its file, from 1
	File             int   // which of the files
	Unit             time.Duration
	End              End
	Summary
	Activity Activity // of Rules with Activity
}

// Start is the time of the first packet, to the Unit.
func (f *Flow) Start() time.Time { return time.Unix(0, f.First*int64(f.Unit)).UTC() }

// Has says whether the packet would belong to this flow, by its addresses, ports and protocol, and which direction it has.
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

// End says why a flow ended.
type End uint8

// The ends.
const (
	Idle    End = iota // nothing came for Rules.Idle
	Active             // it went on for Rules.Active
	Closed             // TCP's end
	Evicted            // the table was full
	Flushed            // the packets ended
)

// String gives the end in words.
func (e End) String() string {
	return [...]string{"idle", "active", "closed", "evicted", "flushed"}[e]
}

// Merge joins pieces of one flow, as of several captures, in whatever order they are given. The direction, Number and so on
// are those of the earliest, the End that of the latest. Activity is not joined: it does not say enough. It panics without a
// piece, or when two are of different units.
func Merge(pieces ...*Flow) *Flow {
	sorted := slices.Clone(pieces)
	slices.SortFunc(sorted, func(a, b *Flow) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Last, b.Last), cmp.Compare(a.File, b.File), cmp.Compare(a.Number, b.Number))
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
