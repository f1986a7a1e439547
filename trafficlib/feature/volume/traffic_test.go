package volume

import (
	"net/netip"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

func TestTraffic(t *testing.T) {
	packet := func(version, protocol uint8, port uint16, body ...byte) *capture.Packet {
		p := &capture.Packet{IPVersion: version, Protocol: protocol, SrcPort: port, DstPort: 443, Body: body,
			Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2")}
		if version == 6 {
			p.Src, p.Dst = netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
		}
		return p
	}
	packets := []*capture.Packet{
		packet(4, capture.TCP, 1), packet(6, capture.TCP, 1), packet(4, capture.ICMP, 0), packet(6, capture.ICMPv6, 0),
		packet(4, capture.UDP, 5, 0x40, 1, 2, 3, 4, 5, 6), // a short header with no long one before it
		// QUIC
		packet(4, capture.UDP, 6, 0xc3, 0, 0, 0, 1, 8, 1), packet(4, capture.UDP, 6, 0x43, 9),
		packet(6, capture.UDP, 7, 0xd0, 0x6b, 0x33, 0x43, 0xcf, 8, 1),
		packet(4, capture.UDP, 8, 0xc3, 'Q', '0', '4', '6', 0x50, 1),
		packet(4, capture.UDP, 9, 0x80, 0, 0, 0, 1, 0, 0), // no fixed bit
		{Kind: capture.NotIP}, {Kind: capture.Fragment, IPVersion: 4, Protocol: capture.TCP},
	}
	for traffic, want := range map[Traffic]int{
		0:                  1,
		TCP:                1,
		IPv6:               1,
		TCP | IPv4 | IPv6:  2,
		UDP:                5,
		QUIC:               3,
		QUIC | IPv4 | IPv6: 4,
		TCP | QUIC:         4,
		Others:             1,
		Everything:         10,
	} {
		f, n := filter{traffic: traffic.withDefaults()}, 0
		for _, p := range packets {
			if f.takes(p) {
				n++
			}
		}
		if n != want {
			t.Errorf("%v: %d packets, want %d", traffic, n, want)
		}
	}
	if s := (UDP | QUIC | IPv6).String(); s != "UDP, QUIC over IPv6" {
		t.Error(s)
	}
}

// Rules.Traffic selects the packets of a capture that count.
func TestReadTraffic(t *testing.T) {
	const lan = "../../../notebooks/data/tcp/lan.pcap.gz"
	total := func(traffic Traffic) (sum float64) {
		s, _, err := Read(t.Context(), lan, Rules{Every: 1e9, Traffic: traffic})
		if err != nil {
			return 0
		}
		for _, v := range s.Values {
			sum += v
		}
		return sum
	}
	tcp, all := total(0), total(Everything)
	if tcp == 0 || all <= tcp || all != tcp+total(UDP|Others)+total(TCP|UDP|Others|IPv6) {
		t.Errorf("%v bytes of TCP, %v of all", tcp, all)
	}
}
