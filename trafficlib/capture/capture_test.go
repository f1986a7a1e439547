package capture

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

var payload = gopacket.Payload("GET / HTTP/1.0\r\n\r\n")

// TestLinks decodes the same packet on every link and after every header.
func TestLinks(t *testing.T) {
	raw := frame(t, ip4(nil), push, payload)
	raw6 := frame(t, ip6(layers.IPProtocolTCP), push, payload)
	cooked := append([]byte{0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0}, raw...)
	cooked2 := append([]byte{8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0}, raw...)
	offload := frame(t, ether6, ip6(layers.IPProtocolTCP), push, payload)
	offload[14+4], offload[14+5] = 0, 0
	hop := append([]byte{byte(layers.IPProtocolTCP), 0, 1, 4, 0, 0, 0, 0}, frame(t, push, payload)...) // padded by PadN
	extended := frame(t, ether6, ip6(layers.IPProtocolIPv6HopByHop), gopacket.Payload(hop))
	ppp := append([]byte{0xff, 3, 0, 0x21}, raw...)
	mpls := append(frame(t, &layers.Ethernet{SrcMAC: ether.SrcMAC, DstMAC: ether.DstMAC,
		EthernetType: layers.EthernetTypeMPLSUnicast})[:14:14], 0, 1, 0, 64, 0, 2, 1, 64)
	pppoe := append(frame(t, &layers.Ethernet{SrcMAC: ether.SrcMAC, DstMAC: ether.DstMAC,
		EthernetType: layers.EthernetTypePPPoESession})[:14:14], 0x11, 0, 0, 1, 0, byte(len(raw)+2), 0, 0x21)
	snap := append(make([]byte, 12), 0, byte(len(raw)+8), 0xaa, 0xaa, 3, 0, 0, 0, 8, 0)
	tunnel := frame(t, ether, ip4(func(ip *layers.IPv4) {
		ip.Protocol, ip.SrcIP = layers.IPProtocolIPv6,
			net.IP{1, 2, 3, 4}
	}), gopacket.Payload(raw6))
	auth := frame(t, ether, ip4(func(ip *layers.IPv4) { ip.Protocol = layers.IPProtocolAH }),
		gopacket.Payload(append([]byte{6, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
			frame(t, push, payload)...)))
	for name, c := range map[string]struct {
		link  layers.LinkType
		frame []byte
		src   string
		tags  int
	}{
		"PPP in HDLC":           {layers.LinkType(PPPHDLC), ppp, "192.168.1.30", 0},
		"PPP, short":            {layers.LinkType(PPP), append([]byte{0x21}, raw...), "192.168.1.30", 0},
		"Cisco HDLC":            {layers.LinkType(CHDLC), append([]byte{0x0f, 0, 8, 0}, raw...), "192.168.1.30", 0},
		"MPLS":                  {layers.LinkTypeEthernet, append(mpls, raw...), "192.168.1.30", 0},
		"PPPoE":                 {layers.LinkTypeEthernet, append(pppoe, raw...), "192.168.1.30", 0},
		"SNAP":                  {layers.LinkTypeEthernet, append(snap, raw...), "192.168.1.30", 0},
		"IPv6 in IPv4":          {layers.LinkTypeEthernet, tunnel, "2001:db8::1", 0},
		"authentication header": {layers.LinkTypeEthernet, auth, "192.168.1.30", 0},
		"Ethernet": {layers.LinkTypeEthernet, frame(t, ether, ip4(nil), push, payload), "192.168.1.30",
			0},
		"Ethernet, padded": {layers.LinkTypeEthernet,
			append(frame(t, ether, ip4(nil), push, payload), 0, 0, 0, 0), "192.168.1.30", 0},
		"VLAN": {layers.LinkTypeEthernet, frame(t, tagged, vlan, ip4(nil), push, payload),
			"192.168.1.30", 1},
		"two VLANs": {layers.LinkTypeEthernet, frame(t, tagged, outer, vlan, ip4(nil), push, payload),
			"192.168.1.30", 2},
		"QinQ": {layers.LinkTypeEthernet, frame(t, qinq, outer, vlan, ip4(nil), push, payload),
			"192.168.1.30", 2},
		"IPv6": {layers.LinkTypeEthernet, frame(t, ether6, ip6(layers.IPProtocolTCP), push, payload),
			"2001:db8::1", 0},
		"IPv6 with a hop by hop": {layers.LinkTypeEthernet, extended, "2001:db8::1", 0},
		"raw IP":                 {layers.LinkTypeRaw, raw, "192.168.1.30", 0},
		"raw IP, 6":              {layers.LinkTypeRaw, raw6, "2001:db8::1", 0},
		"raw IP, DLT":            {12, raw, "192.168.1.30", 0},
		"IPv4":                   {layers.LinkTypeIPv4, raw, "192.168.1.30", 0},
		"null":                   {layers.LinkTypeNull, append([]byte{2, 0, 0, 0}, raw...), "192.168.1.30", 0},
		"null, 6 of macOS":       {layers.LinkTypeNull, append([]byte{30, 0, 0, 0}, raw6...), "2001:db8::1", 0},
		"loop":                   {layers.LinkTypeLoop, append([]byte{0, 0, 0, 2}, raw...), "192.168.1.30", 0},
		"cooked":                 {layers.LinkTypeLinuxSLL, cooked, "192.168.1.30", 0},
		"cooked 2":               {layers.LinkTypeLinuxSLL2, cooked2, "192.168.1.30", 0},
	} {
		got, report, err := all(pcap(t, c.link, c.frame))
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %d packets, %v, %v", name, len(got), report, err)
			continue
		}
		p := got[0]
		if p.Number != 1 || !p.Time().Equal(begin) || p.Length != len(c.frame) || p.Src != netip.MustParseAddr(c.src) ||
			!p.Dst.IsValid() ||
			p.SrcPort != 80 || p.DstPort != 50000 || p.Flags != PSH|ACK|NS || p.Payload != len(payload) ||
			!bytes.Equal(p.Body, payload) ||
			!p.TCP() || p.Header != 20 || p.VLANs != c.tags || p.VLANs > 0 && p.VLAN[p.VLANs-1] != 7 {
			t.Errorf("%s: got %+v", name, p)
		}
	}
}

// TestKinds checks that every frame is delivered and counted by its kind, and that times count from
// the first frame.
func TestKinds(t *testing.T) {
	arp := frame(t, &layers.Ethernet{SrcMAC: ether.SrcMAC, DstMAC: ether.DstMAC, EthernetType: layers.EthernetTypeARP},
		gopacket.Payload(make([]byte, 46)))
	udp := frame(t, ether, ip4(func(ip *layers.IPv4) { ip.Protocol = layers.IPProtocolUDP }),
		&layers.UDP{SrcPort: 53, DstPort: 53})
	first := frame(t, ether, ip4(func(ip *layers.IPv4) { ip.Flags = layers.IPv4MoreFragments }), push, payload)
	later := frame(t, ether, ip4(func(ip *layers.IPv4) { ip.FragOffset = 100 }), payload)
	fragment6 := func(offset byte) []byte {
		return append([]byte{byte(layers.IPProtocolTCP), 0, offset, 1, 0, 0, 0, 9}, frame(t, push, payload)...)
	}
	first6 := frame(t, ether6, ip6(layers.IPProtocolIPv6Fragment), gopacket.Payload(fragment6(0)))
	later6 := frame(t, ether6, ip6(layers.IPProtocolIPv6Fragment), gopacket.Payload(fragment6(1)))
	good := frame(t, ether, ip4(nil), syn)
	short := append([]byte(nil), good...)
	short[14+20+12] = 0x10 // a header of four bytes
	long := append([]byte(nil), good...)
	long[14+20+12] = 0xf0 // a header of 60 bytes in 24
	got, report, err := all(pcap(t, layers.LinkTypeEthernet, arp, udp, first, later, first6, later6, short, long,
		[]byte{1, 2}, good))
	if err != nil {
		t.Fatal(err)
	}
	want := Report{Frames: 10, TCP: 3, UDP: 1, NotIP: 1, Fragments: 2, Malformed: 3}
	if report != want {
		t.Errorf("got %+v, want %+v", report, want)
	}
	const line = "10 frames: 3 TCP, 1 UDP, 1 not IP, 2 later fragments, 3 malformed"
	if report.String() != line {
		t.Errorf("the report says %q", report)
	}
	last := got[len(got)-1]
	if last.Number != 10 || last.Since != 9*time.Millisecond || last.Payload != 0 || last.Flags.String() != "SYN ECE" {
		t.Errorf("the last packet is %+v", last)
	}
}

// TestSnapLength reads captures that hold only the first bytes of each packet: sizes are those on
// the wire.
func TestSnapLength(t *testing.T) {
	whole := frame(t, ether, ip4(nil), syn, payload)
	for _, c := range []struct {
		keep int
		want string
	}{
		{len(whole), "1 frames: 1 TCP"},
		{14 + 20 + 20, "1 frames: 1 TCP; 1 cut short by the capture"}, // without the options
		{14 + 20 + 14, "1 frames: 1 TCP; 1 cut short by the capture"}, // to the flags
		{14 + 20 + 13, "1 frames: 1 cut in a header; 1 cut short by the capture"},
		{14 + 19, "1 frames: 1 cut in a header; 1 cut short by the capture"},
		{13, "1 frames: 1 cut in a header; 1 cut short by the capture"},
		{0, "1 frames: 1 cut in a header; 1 cut short by the capture"},
	} {
		var b bytes.Buffer
		w := pcapgo.NewWriter(&b)
		if err := w.WriteFileHeader(uint32(c.keep), layers.LinkTypeEthernet); err != nil {
			t.Fatal(err)
		}
		info := gopacket.CaptureInfo{Timestamp: begin, CaptureLength: c.keep, Length: len(whole)}
		if err := w.WritePacket(info, whole[:c.keep]); err != nil {
			t.Fatal(err)
		}
		got, report, err := all(b.Bytes())
		if err != nil || report.String() != c.want {
			t.Errorf("%d bytes: %q, %v, want %q", c.keep, report, err, c.want)
		}
		for _, p := range got {
			if p.TCP() && (p.Payload != len(payload) || p.Length != len(whole) || p.SrcPort != 1754 ||
				p.Flags != SYN|ECE) || p.Kind == Short && c.keep >= 14+20 && p.IPVersion != 4 {
				t.Errorf("%d bytes: %+v", c.keep, p)
			}
		}
	}
}

// swap changes the byte order of a capture, and the resolution of its times to that of magic.
func swap(data []byte) []byte {
	data = bytes.Clone(data)
	turn := func(at, n int) {
		for i, j := at, at+n-1; i < j; i, j = i+1, j-1 {
			data[i], data[j] = data[j], data[i]
		}
	}
	for _, f := range [][2]int{{0, 4}, {4, 2}, {6, 2}, {8, 4}, {12, 4}, {16, 4}, {20, 4}} {
		turn(f[0], f[1])
	}
	for at := 24; at < len(data); {
		n := int(binary.LittleEndian.Uint32(data[at+8:]))
		for i := range 4 {
			turn(at+4*i, 4)
		}
		at += 16 + n
	}
	return data
}

func TestFormats(t *testing.T) {
	f := frame(t, ether, ip4(nil), syn)
	little := pcap(t, layers.LinkTypeEthernet, f, f)
	nano := bytes.Clone(little)
	copy(nano, []byte{0x4d, 0x3c, 0xb2, 0xa1})
	var ng, zipped bytes.Buffer
	w, err := pcapgo.NewNgWriter(&ng, layers.LinkTypeEthernet)
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.AddInterface(pcapgo.NgInterface{LinkType: layers.LinkTypeRaw})
	if err != nil {
		t.Fatal(err)
	}
	info := gopacket.CaptureInfo{Timestamp: begin, CaptureLength: len(f), Length: len(f)}
	if err := w.WritePacket(info, f); err != nil {
		t.Fatal(err)
	}
	raw := f[14:]
	info = gopacket.CaptureInfo{Timestamp: begin.Add(time.Millisecond), CaptureLength: len(raw), Length: len(raw),
		InterfaceIndex: second}
	if err := w.WritePacket(info, raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(&zipped)
	z.Write(little)
	z.Close()
	fraction := begin.Truncate(time.Second).Add(907093) // microseconds taken for nanoseconds
	for name, c := range map[string]struct {
		data  []byte
		first time.Time
	}{
		"little endian":     {little, begin},
		"big endian":        {swap(little), begin},
		"nano":              {nano, fraction},
		"big endian, nano":  {swap(nano), fraction},
		"pcapng, two links": {ng.Bytes(), begin},
		"gzip":              {zipped.Bytes(), begin},
	} {
		got, report, err := all(c.data)
		if err != nil || len(got) != 2 || report.Damage != "" {
			t.Errorf("%s: %d packets, %v, %v", name, len(got), report, err)
			continue
		}
		if !got[0].Time().Equal(c.first) || got[1].SrcPort != 1754 || got[1].Since <= 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestDamage reads files that are damaged in the middle: what comes before is delivered.
func TestDamage(t *testing.T) {
	f := frame(t, ether, ip4(nil), syn)
	data := pcap(t, layers.LinkTypeEthernet, f, f, f)
	for cut, want := range map[int]string{
		len(data) - 1:             "after frame 2: the file is truncated",
		len(data) - len(f):        "after frame 2: the file is truncated", // right after the header of a packet
		len(data) - len(f) - 1:    "after frame 2: the file is truncated",
		len(data) - len(f) - 16:   "",
		24 + 16 + len(f):          "",
		24 + 16 + len(f) + 16 + 3: "after frame 1: the file is truncated",
	} {
		_, report, err := all(data[:cut])
		if err != nil || report.Damage != want {
			t.Errorf("the first %d bytes: %q, %v, want %q", cut, report.Damage, err, want)
		}
	}
	huge := bytes.Clone(data)
	binary.LittleEndian.PutUint32(huge[24+16+len(f)+8:], 1<<31)
	if got, report, err := all(huge); err != nil || len(got) != 1 ||
		!strings.HasPrefix(report.Damage, "after frame 1: a frame of 2147483648 bytes") {
		t.Errorf("a length of 2 GB: %d packets, %v, %v", len(got), report, err)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write(data)
	z.Close()
	if _, report, err := all(zipped.Bytes()[:zipped.Len()-9]); err != nil || report.Damage == "" {
		t.Errorf("a gzip file cut short: %v, %v", report, err)
	}
}

func TestRefuses(t *testing.T) {
	empty := pcap(t, layers.LinkTypeEthernet)
	if got, report, err := all(empty); err != nil || len(got) != 0 || report.String() != "0 frames" {
		t.Errorf("no packets: %v, %v, %v", got, report, err)
	}
	version := bytes.Clone(empty)
	version[4] = 9
	for want, data := range map[string][]byte{
		"the file is empty":                                     {},
		"a file of 3 bytes is not a capture":                    {1, 2, 3},
		"neither pcap nor pcapng: it begins with 0x504b0506":    []byte("PK\x05\x06 and so on"),
		"the header of a pcap file: the file is truncated":      empty[:20],
		"the header of a pcap file: version 9.4, want 2":        version,
		"the header of a pcapng section: the file is truncated": {0x0a, 0x0d, 0x0d, 0x0a},
		"gzip: the file is truncated":                           {0x1f, 0x8b, 8},
		"unsupported link type 201 (Bluetooth): want Ethernet, 802.11, Linux cooked, raw IP, loopback, PPP or " +
			"Cisco HDLC": pcap(t, 201),
	} {
		if _, _, err := all(data); err == nil || err.Error() != "capture: x.pcap: "+want {
			t.Errorf("got %v, want … %s", err, want)
		}
	}
	if _, err := Open("no such file"); err == nil {
		t.Error("no file: no error")
	}
}

func TestFlags(t *testing.T) {
	for want, f := range map[string]Flags{"none": 0, "SYN ACK": SYN | ACK,
		"FIN RST PSH URG CWR NS reserved": FIN | RST | PSH | URG | CWR | NS | 1<<10} {
		if f.String() != want {
			t.Errorf("%#x is %q, want %q", uint16(f), f, want)
		}
	}
}
