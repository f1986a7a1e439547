package capture

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

func cat(parts ...[]byte) []byte { return slices.Concat(parts...) }

// in puts a payload into a UDP datagram to a port, or after an IP header with another protocol.
func in(t testing.TB, protocol layers.IPProtocol, port int, payload []byte) []byte {
	t.Helper()
	outer := ip4(func(ip *layers.IPv4) {
		ip.Protocol, ip.SrcIP, ip.DstIP = protocol, []byte{1, 1, 1, 1}, []byte{2, 2, 2, 2}
	})
	if port == 0 {
		return frame(t, ether, outer, gopacket.Payload(payload))
	}
	return frame(t, ether, outer, &layers.UDP{SrcPort: 40000, DstPort: layers.UDPPort(port)}, gopacket.Payload(payload))
}

// tunnels returns frames with the same TCP segment in different tunnels.
func tunnels(t testing.TB) map[string]struct {
	frame  []byte
	tunnel Tunnel
	key    uint32
} {
	raw, raw6, eth := frame(t, ip4(nil), push, payload), frame(t, ip6(layers.IPProtocolTCP), push, payload), frame(t,
		ether, ip4(nil), push, payload)
	ppp := append([]byte{0xff, 3, 0, 0x21}, raw...)
	mac := make([]byte, 12)
	snap := cat([]byte{0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, raw)
	wifi := cat([]byte{0x88, 1}, make([]byte, 22), []byte{0, 0}, snap)
	type c = struct {
		frame  []byte
		tunnel Tunnel
		key    uint32
	}
	return map[string]c{
		"GRE": {in(t, 47, 0, cat([]byte{0, 0, 8, 0}, raw)), GRE, 0},
		"GRE with a key": {in(t, 47, 0, cat([]byte{0xb0, 0, 8, 0, 9, 9, 0, 0, 0, 0, 1, 2, 0, 0, 0, 3}, raw)), GRE,
			0x102},
		"GRE, Ethernet": {in(t, 47, 0, cat([]byte{0, 0, 0x65, 0x58}, eth)), GRE, 0},
		"GRE, IPv6":     {in(t, 47, 0, cat([]byte{0, 0, 0x86, 0xdd}, raw6)), GRE, 0},
		"PPTP": {in(t, 47, 0,
			cat([]byte{0x30, 0x81, 0x88, 0x0b, 0, 9, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2}, ppp)), GRE, 0},
		"ERSPAN I": {in(t, 47, 0, cat([]byte{0, 0, 0x88, 0xbe}, eth)), ERSPAN, 0},
		"ERSPAN II": {in(t, 47, 0,
			cat([]byte{0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 100, 0, 0, 0, 0}, eth)), ERSPAN, 100},
		"ERSPAN III": {in(t, 47, 0,
			cat([]byte{0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1}, make([]byte, 8),
				eth)), ERSPAN, 5},
		"VXLAN":     {in(t, 17, 4789, cat([]byte{8, 0, 0, 0, 0, 0, 42, 0}, eth)), VXLAN, 42},
		"VXLAN-GPE": {in(t, 17, 4790, cat([]byte{0x0c, 0, 0, 1, 0, 0, 42, 0}, raw)), VXLAN, 42},
		"Geneve": {in(t, 17, 6081, cat([]byte{1, 0, 0x65, 0x58, 0, 1, 0, 0, 0, 0, 0, 0}, eth)), Geneve,
			256},
		"GTP-U": {in(t, 17, 2152, cat([]byte{0x30, 255, 0, 0, 0, 0, 0, 9}, raw)), GTPU, 9},
		"GTP-U, extended": {in(t, 17, 2152,
			cat([]byte{0x34, 255, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0x85, 1, 0, 0, 0}, raw6)), GTPU, 9},
		"CAPWAP, Ethernet": {in(t, 17, 5247, cat([]byte{0, 0x10, 0, 0, 0, 0, 0, 0}, eth)), CAPWAP, 0},
		"CAPWAP, 802.11":   {in(t, 17, 5247, cat([]byte{0, 0x10, 3, 0, 0, 0, 0, 0}, wifi)), CAPWAP, 0},
		"L2TP":             {in(t, 17, 1701, cat([]byte{0x40, 2, 0, 99, 0, 1, 0, 2}, ppp)), L2TP, 0x10002},
		"Teredo":           {in(t, 17, 3544, cat([]byte{0, 0, 1, 2, 3, 4, 5, 6}, raw6)), Teredo, 0},
		"NSH":              {cat(mac, []byte{0x89, 0x4f, 0, 2, 1, 1, 0, 0, 7, 255}, raw), NSH, 7},
		"TZSP":             {in(t, 17, 37008, cat([]byte{1, 0, 0, 1, 0, 10, 1, 5, 1}, eth)), TZSP, 0},
		"pseudowire":       {cat(mac, []byte{0x88, 0x47, 0, 1, 1, 64, 0, 0, 0, 0}, eth), Pseudowire, 0},
		"pseudowire, no word": {cat(mac, []byte{0x88, 0x47, 0, 1, 1, 64}, append([]byte{0xaa}, eth[1:]...)), Pseudowire,
			0},
		"IP in IP": {in(t, 4, 0, raw), IPinIP, 0},
		"6in4":     {in(t, 41, 0, raw6), IPinIP, 0},
		"VXLAN in GRE": {in(t, 47, 0,
			cat([]byte{0, 0, 0x65, 0x58}, in(t, 17, 4789, cat([]byte{8, 0, 0, 0, 0, 0, 42, 0}, eth)))), VXLAN, 42},
	}
}

func TestTunnels(t *testing.T) {
	for name, c := range tunnels(t) {
		for _, decapsulate := range []bool{false, true} {
			r, err := Options{Decapsulate: decapsulate}.NewReader(bytes.NewReader(pcap(t, layers.LinkTypeEthernet,
				c.frame)), "x")
			if err != nil {
				t.Fatal(err)
			}
			for p := range r.Packets() {
				inside := p.TCP() && p.SrcPort == 80 && p.DstPort == 50000 && bytes.Equal(p.Body, payload)
				want := decapsulate || c.tunnel == IPinIP
				if inside != want || decapsulate != (p.Tunnel == c.tunnel) || decapsulate && p.TunnelKey != c.key {
					t.Errorf("%s, decapsulated %v: %v in %v of key %d, %v:%d", name, decapsulate, p.Kind, p.Tunnel,
						p.TunnelKey, p.Src, p.SrcPort)
				}
			}
		}
	}
}

// TestNoTunnels checks that other uses of the ports and numbers of tunnels are not taken for
// tunnels.
func TestNoTunnels(t *testing.T) {
	for _, c := range []struct {
		protocol layers.IPProtocol
		port     int
	}{{17, 4789}, {17, 6081}, {17, 2152}, {17, 5247}, {17, 1701}, {17, 3544}, {17, 37008}, {47, 0}, {4, 0}} {
		for _, body := range [][]byte{nil, {1}, bytes.Repeat([]byte{0xff}, 60), bytes.Repeat([]byte{8, 0, 1}, 30),
			[]byte("GET / HTTP/1.1\r\n\r\n")} {
			r, err := Options{Decapsulate: true}.NewReader(bytes.NewReader(pcap(t, layers.LinkTypeEthernet,
				in(t, c.protocol, c.port, body))), "x")
			if err != nil {
				t.Fatal(err)
			}
			for p := range r.Packets() {
				if p.Tunnel != NoTunnel || p.Src != netip.MustParseAddr("1.1.1.1") || p.Protocol != uint8(c.protocol) ||
					int(p.DstPort) != c.port || p.Kind != Decoded {
					t.Errorf("%d to %d, %q: %v of %v, %v from %v", c.protocol, c.port, body, p.Kind, p.Protocol,
						p.Tunnel, p.Src)
				}
			}
		}
	}
}

// TestMoreLinks decodes rare links, and rare headers before IP.
func TestMoreLinks(t *testing.T) {
	raw := frame(t, ip4(nil), push, payload)
	mac, other := make([]byte, 12), bytes.Repeat([]byte{3}, 12)
	snap := cat([]byte{0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, raw)
	wifi := func(fc0, fc1 byte, more int) []byte { return cat([]byte{fc0, fc1}, make([]byte, 22+more), snap) }
	tlv := func(kind, length uint16) []byte {
		return binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(nil, length), kind)
	}
	for name, c := range map[string]struct {
		link  Link
		frame []byte
	}{
		"802.11":                 {WiFi, wifi(0x08, 1, 0)},
		"802.11, QoS":            {WiFi, wifi(0x88, 2, 2)},
		"802.11, four addresses": {WiFi, wifi(0x88, 3, 8)},
		"radiotap":               {Radiotap, cat([]byte{0, 0, 8, 0, 0, 0, 0, 0}, wifi(0x08, 1, 0))},
		"radiotap with a checksum": {Radiotap,
			cat([]byte{0, 0, 18, 0, 3, 0, 0, 0}, make([]byte, 8), []byte{0x10, 0}, wifi(0x08, 1, 0),
				[]byte{9, 9, 9, 9})},
		"PPI": {PPI, cat([]byte{0, 0, 8, 0, 105, 0, 0, 0}, wifi(0x08, 1, 0))},
		"NFLOG": {NFLog,
			cat([]byte{2, 0, 0, 0}, tlv(10, 7), []byte{'x', 'y', 0, 0}, tlv(9, uint16(4+len(raw))), raw)},
		"SLIP":                         {SLIP, cat(make([]byte, 16), raw)},
		"frame relay":                  {Relay, cat([]byte{0x18, 0x41, 3, 0xcc}, raw)},
		"frame relay, SNAP":            {Relay, cat([]byte{0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0}, raw)},
		"frame relay, Cisco":           {Relay, cat([]byte{0x18, 0x41, 8, 0}, raw)},
		"Cisco HDLC on a link of PPP":  {PPPHDLC, cat([]byte{0x0f, 0, 8, 0}, raw)},
		"Cisco HDLC on PPP, multicast": {PPP, cat([]byte{0x8f, 0, 8, 0}, raw)},
		"802.1ah": {Ethernet,
			cat(mac, []byte{0x88, 0xa8, 0, 9, 0x88, 0xe7, 0, 0, 0, 7}, other, []byte{8, 0}, raw)},
		"VN-Tag":     {Ethernet, cat(mac, []byte{0x89, 0x26, 0, 0, 0, 0, 0x81, 0, 0, 11, 8, 0}, raw)},
		"FabricPath": {Ethernet, cat(mac, []byte{0x89, 3, 0, 0x40}, other, []byte{8, 0}, raw)},
		"MACsec": {Ethernet,
			cat(mac, []byte{0x88, 0xe5, 0x00, 0, 0, 0, 0, 1, 8, 0}, raw, make([]byte, 16))},
		"MACsec with an SCI": {Ethernet,
			cat(mac, []byte{0x88, 0xe5, 0x20, 0, 0, 0, 0, 1}, make([]byte, 8), []byte{8, 0}, raw, make([]byte, 16))},
		"LLC": {Ethernet, cat(mac, []byte{0, byte(3 + len(raw)), 6, 6, 3}, raw)},
	} {
		got, report, err := all(pcap(t, layers.LinkType(c.link), c.frame))
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %v, %v", name, report, err)
			continue
		}
		if p := got[0]; !p.TCP() || p.SrcPort != 80 || !bytes.Equal(p.Body, payload) || p.IPLength != len(raw) {
			t.Errorf("%s: %v, %d bytes of IP, %q", name, p.Kind, p.IPLength, p.Body)
		}
	}
	for name, c := range map[string]struct {
		link  Link
		frame []byte
	}{
		"802.11, protected": {WiFi, wifi(0x08, 0x41, 0)}, "a beacon": {WiFi, wifi(0x80, 0, 0)}, "no data": {WiFi,
			wifi(0x48, 1, 0)},
		"MACsec, encrypted": {Ethernet, cat(mac, []byte{0x88, 0xe5, 0x0c, 0, 0, 0, 0, 1}, raw)},
	} {
		if got, report, err := all(pcap(t, layers.LinkType(c.link), c.frame)); err != nil || got[0].Kind != NotIP {
			t.Errorf("%s: %v, %v", name, report, err)
		}
	}
}

// TestSharedLinks reads the shared captures of these kinds.
func TestSharedLinks(t *testing.T) {
	for file, want := range map[string]Report{
		"26_modified.pcap": {Frames: 9, TCP: 9}, "39d_llcip.pcap": {Frames: 1, UDP: 1}, "zeek_vntag.pcap": {Frames: 3,
			OtherIP: 3},
		"zeek_pbb.pcap": {Frames: 12, TCP: 8, OtherIP: 2, NotIP: 2}, "35_gre.pcap": {Frames: 9,
			TCP: 9}, "35b_vxlan.pcap": {Frames: 9, TCP: 9},
	} {
		r, err := Options{Decapsulate: true}.Open(shareddata.Dir(t, "capture_faults", file))
		if err != nil {
			t.Error(err)
			continue
		}
		for range r.Packets() {
		}
		if got := r.Report(); got != want {
			t.Errorf("%s: %v, want %v", file, got, want)
		}
		r.Close()
	}
}

// FuzzTunnels decodes frames of any link with tunnels, and checks the results against the frame.
func FuzzTunnels(f *testing.F) {
	for _, c := range tunnels(f) {
		f.Add(uint16(Ethernet), c.frame)
	}
	for _, link := range []Link{WiFi, Radiotap, PPI, NFLog, SLIP, Relay, PPPHDLC} {
		f.Add(uint16(link), bytes.Repeat([]byte{8, 0, 9, 0}, 30))
	}
	f.Fuzz(func(t *testing.T, link uint16, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		p := Packet{Data: data[:len(data):len(data)], Length: len(data), Link: Link(link), decap: true}
		p.decode()
		if p.Payload < 0 || len(p.Body) > p.Payload || p.IPVersion != 0 &&
			(!p.Src.IsValid() || p.IPHeader+p.Header+p.Payload > len(data)) || p.Kind == Decoded && p.IPVersion == 0 {
			t.Fatalf("%+v", p)
		}
		if p.Tunnel != NoTunnel && p.Kind != Decoded && p.Kind != Fragment && p.Kind != Short {
			t.Fatalf("%v in %v", p.Kind, p.Tunnel)
		}
	})
}
