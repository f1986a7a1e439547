package capture

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

var payload = gopacket.Payload("GET / HTTP/1.0\r\n\r\n")

// Every link and every header in front of TCP gives the same packet.
func TestLinks(t *testing.T) {
	raw := frame(t, ip4(nil), push, payload)
	raw6 := frame(t, ip6(layers.IPProtocolTCP), push, payload)
	cooked := append([]byte{0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0}, raw...)
	cooked2 := append([]byte{8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0}, raw...)
	offload := frame(t, ether6, ip6(layers.IPProtocolTCP), push, payload)
	offload[14+4], offload[14+5] = 0, 0
	hop := append([]byte{byte(layers.IPProtocolTCP), 0, 1, 4, 0, 0, 0, 0}, frame(t, push, payload)...) // padded by PadN
	extended := frame(t, ether6, ip6(layers.IPProtocolIPv6HopByHop), gopacket.Payload(hop))
	for name, c := range map[string]struct {
		link  layers.LinkType
		frame []byte
		src   string
	}{
		"Ethernet":               {layers.LinkTypeEthernet, frame(t, ether, ip4(nil), push, payload), "192.168.1.30"},
		"Ethernet, padded":       {layers.LinkTypeEthernet, append(frame(t, ether, ip4(nil), push, payload), 0, 0, 0, 0), "192.168.1.30"},
		"VLAN":                   {layers.LinkTypeEthernet, frame(t, tagged, vlan, ip4(nil), push, payload), "192.168.1.30"},
		"two VLANs":              {layers.LinkTypeEthernet, frame(t, tagged, outer, vlan, ip4(nil), push, payload), "192.168.1.30"},
		"QinQ":                   {layers.LinkTypeEthernet, frame(t, qinq, outer, vlan, ip4(nil), push, payload), "192.168.1.30"},
		"IPv6":                   {layers.LinkTypeEthernet, frame(t, ether6, ip6(layers.IPProtocolTCP), push, payload), "2001:db8::1"},
		"IPv6 with a hop by hop": {layers.LinkTypeEthernet, extended, "2001:db8::1"},
		"raw IP":                 {layers.LinkTypeRaw, raw, "192.168.1.30"},
		"raw IP, 6":              {layers.LinkTypeRaw, raw6, "2001:db8::1"},
		"raw IP, DLT":            {12, raw, "192.168.1.30"},
		"IPv4":                   {layers.LinkTypeIPv4, raw, "192.168.1.30"},
		"null":                   {layers.LinkTypeNull, append([]byte{2, 0, 0, 0}, raw...), "192.168.1.30"},
		"null, 6 of macOS":       {layers.LinkTypeNull, append([]byte{30, 0, 0, 0}, raw6...), "2001:db8::1"},
		"loop":                   {layers.LinkTypeLoop, append([]byte{0, 0, 0, 2}, raw...), "192.168.1.30"},
		"cooked":                 {layers.LinkTypeLinuxSLL, cooked, "192.168.1.30"},
		"cooked 2":               {layers.LinkTypeLinuxSLL2, cooked2, "192.168.1.30"},
	} {
		got, report, err := all(pcap(t, c.link, c.frame))
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %d packets, %v, %v", name, len(got), report, err)
			continue
		}
		want := Packet{Number: 1, Time: begin, Length: len(c.frame), Src: netip.MustParseAddr(c.src), Dst: got[0].Dst,
			SrcPort: 80, DstPort: 50000, Flags: PSH | ACK | NS, Payload: len(payload)}
		if got[0] != want {
			t.Errorf("%s: got %+v, want %+v", name, got[0], want)
		}
	}
}

// What is no TCP packet is counted, each kind by itself, and numbers and times count from the first frame.
func TestLeavesOut(t *testing.T) {
	arp := frame(t, &layers.Ethernet{SrcMAC: ether.SrcMAC, DstMAC: ether.DstMAC, EthernetType: layers.EthernetTypeARP}, gopacket.Payload(make([]byte, 46)))
	udp := frame(t, ether, ip4(func(ip *layers.IPv4) { ip.Protocol = layers.IPProtocolUDP }), &layers.UDP{SrcPort: 53, DstPort: 53})
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
	got, report, err := all(pcap(t, layers.LinkTypeEthernet, arp, udp, first, later, first6, later6, short, long, []byte{1, 2}, good))
	if err != nil {
		t.Fatal(err)
	}
	want := Report{Frames: 10, Packets: 3, NotIP: 1, NotTCP: 1, Fragments: 2, Malformed: 3}
	if report != want {
		t.Errorf("got %+v, want %+v", report, want)
	}
	const line = "10 frames, 3 TCP packets; left out: 1 not IP, 1 not TCP, 2 later fragments, 3 malformed"
	if report.String() != line {
		t.Errorf("the report says %q", report)
	}
	last := got[len(got)-1]
	if last.Number != 10 || last.Since != 9*time.Millisecond || last.Payload != 0 || last.Flags.String() != "SYN ECE" {
		t.Errorf("the last packet is %+v", last)
	}
}

// A capture that keeps only the first bytes of each packet gives the packets with their sizes on the wire.
func TestSnapLength(t *testing.T) {
	whole := frame(t, ether, ip4(nil), syn, payload)
	for _, c := range []struct {
		keep int
		want string
	}{
		{len(whole), "1 frames, 1 TCP packets"},
		{14 + 20 + 20, "1 frames, 1 TCP packets (1 of them cut short)"}, // without the options
		{14 + 20 + 14, "1 frames, 1 TCP packets (1 of them cut short)"}, // to the flags
		{14 + 20 + 13, "1 frames, 0 TCP packets; left out: 1 cut before the TCP flags"},
		{14 + 19, "1 frames, 0 TCP packets; left out: 1 cut before the TCP flags"},
		{13, "1 frames, 0 TCP packets; left out: 1 cut before the TCP flags"},
		{0, "1 frames, 0 TCP packets; left out: 1 cut before the TCP flags"},
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
			if p.Payload != len(payload) || p.Length != len(whole) || p.SrcPort != 1754 || p.Flags != SYN|ECE {
				t.Errorf("%d bytes: %+v", c.keep, p)
			}
		}
	}
}

// swap turns the byte order of a capture around, and magic changes the resolution of its times.
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
	info = gopacket.CaptureInfo{Timestamp: begin.Add(time.Millisecond), CaptureLength: len(raw), Length: len(raw), InterfaceIndex: second}
	if err := w.WritePacket(info, raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(&zipped)
	z.Write(little)
	z.Close()
	fraction := begin.Truncate(time.Second).Add(907093) // what the microseconds mean as nanoseconds
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
		if !got[0].Time.Equal(c.first) || got[1].SrcPort != 1754 || got[1].Since <= 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A file that is damaged in the middle gives what is before.
func TestDamage(t *testing.T) {
	f := frame(t, ether, ip4(nil), syn)
	data := pcap(t, layers.LinkTypeEthernet, f, f, f)
	for cut, want := range map[int]string{
		len(data) - 1:             "after frame 2: the file ends in the middle of it",
		len(data) - len(f):        "after frame 2: the file ends in the middle of it", // right behind a packet's header
		len(data) - len(f) - 1:    "after frame 2: the file ends in the middle of it",
		len(data) - len(f) - 16:   "",
		24 + 16 + len(f):          "",
		24 + 16 + len(f) + 16 + 3: "after frame 1: the file ends in the middle of it",
	} {
		_, report, err := all(data[:cut])
		if err != nil || report.Damage != want {
			t.Errorf("the first %d bytes: %q, %v, want %q", cut, report.Damage, err, want)
		}
	}
	huge := bytes.Clone(data)
	binary.LittleEndian.PutUint32(huge[24+16+len(f)+8:], 1<<31)
	if got, report, err := all(huge); err != nil || len(got) != 1 || !strings.HasPrefix(report.Damage, "after frame 1: capture length exceeds") {
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
	if got, report, err := all(empty); err != nil || len(got) != 0 || report.String() != "0 frames, 0 TCP packets" {
		t.Errorf("no packets: %v, %v, %v", got, report, err)
	}
	version := bytes.Clone(empty)
	version[4] = 9
	for want, data := range map[string][]byte{
		"capture: x.pcap: the file is empty":                                                                   {},
		"capture: x.pcap: 3 bytes are no capture":                                                              {1, 2, 3},
		"capture: x.pcap: neither pcap nor pcapng: it begins with 0x504b0304":                                  []byte("PK\x03\x04 and so on"),
		"capture: x.pcap: the header of a pcap file: the file ends in the middle of it":                        empty[:20],
		"capture: x.pcap: the header of a pcap file: Unknown major version 9":                                  version,
		"capture: x.pcap: the header of a pcapng file: the file ends in the middle of it":                      {0x0a, 0x0d, 0x0d, 0x0a},
		"capture: x.pcap: gzip: the file ends in the middle of it":                                             {0x1f, 0x8b, 8},
		"capture: x.pcap: link type 105 (802.11) is not read: Ethernet, Linux cooked, raw IP and loopback are": pcap(t, 105),
	} {
		if _, _, err := all(data); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := Open("no such file"); err == nil {
		t.Error("no file: no error")
	}
}

func TestFlags(t *testing.T) {
	for want, f := range map[string]Flags{"none": 0, "SYN ACK": SYN | ACK, "FIN RST PSH URG CWR NS reserved": FIN | RST | PSH | URG | CWR | NS | 1<<10} {
		if f.String() != want {
			t.Errorf("%#x is %q, want %q", uint16(f), f, want)
		}
	}
}

func FuzzPackets(f *testing.F) {
	eth := frame(f, ether, ip4(nil), syn)
	f.Add(pcap(f, layers.LinkTypeEthernet, eth, frame(f, tagged, vlan, ip4(nil), push, payload), frame(f, ether6, ip6(layers.IPProtocolTCP), push)))
	f.Add(swap(pcap(f, layers.LinkTypeRaw, eth[14:])))
	f.Add(pcap(f, layers.LinkTypeNull, append([]byte{2, 0, 0, 0}, eth[14:]...)))
	f.Add(pcap(f, layers.LinkTypeLinuxSLL2, append([]byte{8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0}, eth[14:]...)))
	var ng bytes.Buffer
	w, err := pcapgo.NewNgWriter(&ng, layers.LinkTypeEthernet)
	if err != nil {
		f.Fatal(err)
	}
	w.WritePacket(gopacket.CaptureInfo{Timestamp: begin, CaptureLength: len(eth), Length: len(eth)}, eth)
	w.Flush()
	f.Add(ng.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		got, report, err := all(data)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has two lines: %q", err)
			}
			return
		}
		if int64(len(got)) != report.Packets || strings.Contains(report.String(), "\n") {
			t.Errorf("%d packets, report %v", len(got), report)
		}
		sum := report.Packets + report.NotIP + report.NotTCP + report.Fragments + report.Short + report.Malformed + report.NoTime + report.OtherLink
		if sum != report.Frames {
			t.Errorf("%d frames are counted as %v", report.Frames, report)
		}
		for _, p := range got {
			if !p.Src.IsValid() || !p.Dst.IsValid() || p.Payload < 0 || p.Number < 1 || p.Length < 0 {
				t.Errorf("%+v", p)
			}
		}
	})
}
