package volume

import (
	"net/netip"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// Traffic says which packets of captures are counted: one protocol or several, over one version of
// IP or both. Without a protocol it is TCP, and without a version IPv4, so that the zero value
// counts what notebook 3 does.
type Traffic uint8

// What can be counted. QUIC is UDP with its long headers (RFC 9000 §17.2), and what follows on its
// ports; UDP includes it.
const (
	TCP Traffic = 1 << iota
	UDP
	QUIC
	Others // of IP: ICMP and the like
	IPv4
	IPv6

	Everything = TCP | UDP | Others | IPv4 | IPv6
)

func (t Traffic) withDefaults() Traffic {
	if t&(TCP|UDP|QUIC|Others) == 0 {
		t |= TCP
	}
	if t&(IPv4|IPv6) == 0 {
		t |= IPv4
	}
	return t
}

// String names it, "TCP over IPv4".
func (t Traffic) String() string {
	t = t.withDefaults()
	names := func(of []string, first Traffic) string {
		var set []string
		for i, name := range of {
			if t&(first<<i) != 0 {
				set = append(set, name)
			}
		}
		return strings.Join(set, ", ")
	}
	return names([]string{"TCP", "UDP", "QUIC", "others"}, TCP) + " over " + names([]string{"IPv4", "IPv6"}, IPv4)
}

// filter says which packets are counted.
type filter struct {
	traffic Traffic
	quic    map[ends]bool // where a long header was seen
}

// ends are both sides of a packet, the lower one first.
type ends struct{ low, high netip.AddrPort }

// mostQUIC bounds the connections that are known to be QUIC. Beyond it later ones take their place.
const mostQUIC = 1 << 16

func (f *filter) takes(p *capture.Packet) bool {
	t := f.traffic
	if p.IPVersion == 4 && t&IPv4 == 0 || p.IPVersion == 6 && t&IPv6 == 0 || p.Kind != capture.Decoded {
		return false
	}
	switch p.Protocol {
	case capture.TCP:
		return t&TCP != 0
	case capture.UDP:
		return t&UDP != 0 || t&QUIC != 0 && f.isQUIC(p)
	}
	return t&Others != 0
}

func (f *filter) isQUIC(p *capture.Packet) bool {
	e := ends{netip.AddrPortFrom(p.Src, p.SrcPort), netip.AddrPortFrom(p.Dst, p.DstPort)}
	if e.high.Compare(e.low) < 0 {
		e.low, e.high = e.high, e.low
	}
	if f.quic[e] {
		return true
	}
	if !longHeader(p.Body) {
		return false
	}
	if f.quic == nil || len(f.quic) >= mostQUIC {
		f.quic = map[ends]bool{}
	}
	f.quic[e] = true
	return true
}

// longHeader reports whether a datagram begins with a long header of a version of QUIC: 1, 2 (RFC
// 9369), a draft, or Google's.
func longHeader(b []byte) bool {
	if len(b) < 7 || b[0]&0x80 == 0 {
		return false
	}
	version := uint32(b[1])<<24 | uint32(b[2])<<16 | uint32(b[3])<<8 | uint32(b[4])
	switch {
	case version>>24 == 'Q' || version>>24 == 'T':
		return b[2] == '0'
	case b[0]&0x40 == 0: // the bit that is always set
		return false
	}
	const longestID = 20
	return (version == 1 || version == 0x6b3343cf || version>>8 == 0xff0000) && b[5] <= longestID
}
