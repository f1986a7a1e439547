package flow

import (
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// NFStream has the columns of NFStream 6 with statistical_analysis, under its names, and its rules:
// flows end after 120 s without packets and 1800 s after they began, sizes are those of frames, and
// times are whole milliseconds. Standard deviations are those of samples. Values that do not exist,
// such as the times of a direction without packets, are 0.
//
// It differs from NFStream on purpose:
//   - There is no tunnel_id: capture.Options.Decapsulate looks into GTP, CAPWAP, TZSP and other
//     tunnels, and Profile.WithTunnel adds columns for them. The columns of nDPI are absent too.
//   - Packets that stand out of order in a file are sorted first, see capture.Options. A packet
//     that is out of order nevertheless keeps its time, or has that of the last packet of its flow
//     if it is older. NFStream gives it the time of the newest packet of any flow.
//   - A TCP flow has the direction of its SYN, even if the answer comes before it.
//   - IPv6 packets that the capture cut count. NFStream leaves them out, and with its default of
//     1536 bytes all large ones.
//   - Rules.Size Transport and Payload hold for all protocols. NFStream's sizes are 0 but for TCP,
//     UDP and ICMP.
//   - SCTP, DCCP and UDP-Lite have ports, and so flows of their own. NFStream makes one flow of all
//     between two hosts.
//   - QinQ tags (0x88a8), cooked captures of version 2 and further links are read.
//   - Sizes are not cut to 16 bits, so segments that a network card has joined keep their size.
//   - expiration_id is 0 for flows that were idle or open at the end and 1 for active ones, as in
//     NFStream; 2 is TCP's end, for rules with one, and 3 eviction.
//   - Rows are in the order of the first packets of flows, and there is no id, which counts rows.
//     NFStream returns a flow when it ends.
var NFStream = Profile{
	Rules:   Rules{Idle: 120 * time.Second, Active: 1800 * time.Second, Unit: time.Millisecond},
	columns: nfstreamColumns(),
}

func nfstreamColumns() []column {
	expirations := [...]int64{Idle: 0, Flushed: 0, Active: 1, Closed: 2, Evicted: 3}
	all := []column{
		whole("expiration_id", func(f *Flow) int64 { return expirations[f.End] }),
		text("src_ip", func(f *Flow) string { return f.Src.String() }),
		text("src_mac", func(f *Flow) string { return mac(f.SrcMAC[:]) }),
		text("src_oui", func(f *Flow) string { return mac(f.SrcMAC[:3]) }),
		whole("src_port", func(f *Flow) int64 { return int64(f.SrcPort) }),
		text("dst_ip", func(f *Flow) string { return f.Dst.String() }),
		text("dst_mac", func(f *Flow) string { return mac(f.DstMAC[:]) }),
		text("dst_oui", func(f *Flow) string { return mac(f.DstMAC[:3]) }),
		whole("dst_port", func(f *Flow) int64 { return int64(f.DstPort) }),
		whole("protocol", func(f *Flow) int64 { return int64(f.Protocol) }),
		whole("ip_version", func(f *Flow) int64 {
			if f.Src.Is4() {
				return 4
			}
			return 6
		}),
		whole("vlan_id", func(f *Flow) int64 { return int64(f.VLAN) }),
	}
	// A part is the flow or a direction of it, as columns see it.
	type part struct {
		name        string
		first, last func(*Flow) int64
		sizes, gaps func(*Flow) Stats
		flag        func(*Flow, capture.Flags) int64
	}
	parts := []part{
		{"bidirectional", func(f *Flow) int64 { return f.First }, func(f *Flow) int64 { return f.Last },
			func(f *Flow) Stats { return f.Sizes() },
			func(f *Flow) Stats { return f.Gaps }, func(f *Flow, flag capture.Flags) int64 { return f.Flag(flag) }},
	}
	for _, d := range []struct {
		name string
		of   func(*Flow) *Direction
	}{
		{"src2dst", func(f *Flow) *Direction { return &f.Forward }},
		{"dst2src", func(f *Flow) *Direction { return &f.Backward }},
	} {
		parts = append(parts, part{d.name, func(f *Flow) int64 { return d.of(f).First },
			func(f *Flow) int64 { return d.of(f).Last },
			func(f *Flow) Stats { return d.of(f).Sizes }, func(f *Flow) Stats { return d.of(f).Gaps },
			func(f *Flow, flag capture.Flags) int64 { return d.of(f).Flag(flag) }})
	}
	for _, p := range parts {
		all = append(all,
			whole(p.name+"_first_seen_ms", p.first),
			whole(p.name+"_last_seen_ms", p.last),
			whole(p.name+"_duration_ms", func(f *Flow) int64 { return p.last(f) - p.first(f) }),
			whole(p.name+"_packets", func(f *Flow) int64 { s := p.sizes(f); return s.N }),
			whole(p.name+"_bytes", func(f *Flow) int64 { s := p.sizes(f); return s.Sum }))
	}
	for _, what := range []struct {
		name string
		of   func(part) func(*Flow) Stats
	}{
		{"ps", func(p part) func(*Flow) Stats { return p.sizes }},
		{"piat_ms", func(p part) func(*Flow) Stats { return p.gaps }},
	} {
		for _, p := range parts {
			of := what.of(p)
			all = append(all,
				whole(p.name+"_min_"+what.name, func(f *Flow) int64 { s := of(f); return s.Min }),
				float(p.name+"_mean_"+what.name, func(f *Flow) float64 { s := of(f); return s.Mean() }),
				float(p.name+"_stddev_"+what.name, func(f *Flow) float64 { s := of(f); return s.Std() }),
				whole(p.name+"_max_"+what.name, func(f *Flow) int64 { s := of(f); return s.Max }))
		}
	}
	for _, p := range parts {
		for _, flag := range []capture.Flags{capture.SYN, capture.CWR, capture.ECE, capture.URG,
			capture.ACK, capture.PSH, capture.RST, capture.FIN} {
			name := p.name + "_" + strings.ToLower(flag.String()) + "_packets"
			all = append(all, whole(name, func(f *Flow) int64 { return p.flag(f, flag) }))
		}
	}
	return all
}

// mac returns the bytes of an address as text.
func mac(b []byte) string {
	const digits = "0123456789abcdef"
	s := make([]byte, 0, 17)
	for i, v := range b {
		if i > 0 {
			s = append(s, ':')
		}
		s = append(s, digits[v>>4], digits[v&15])
	}
	return string(s)
}
