package capture

import (
	"bytes"
	"net"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// The layers from which tests build frames.
var (
	ether = &layers.Ethernet{SrcMAC: make(net.HardwareAddr, 6), DstMAC: make(net.HardwareAddr, 6),
		EthernetType: layers.EthernetTypeIPv4}
	ether6 = &layers.Ethernet{SrcMAC: make(net.HardwareAddr, 6), DstMAC: make(net.HardwareAddr, 6),
		EthernetType: layers.EthernetTypeIPv6}
	tagged = &layers.Ethernet{SrcMAC: make(net.HardwareAddr, 6), DstMAC: make(net.HardwareAddr, 6),
		EthernetType: layers.EthernetTypeDot1Q}
	qinq = &layers.Ethernet{SrcMAC: make(net.HardwareAddr, 6), DstMAC: make(net.HardwareAddr, 6),
		EthernetType: layers.EthernetTypeQinQ}
	vlan  = &layers.Dot1Q{VLANIdentifier: 7, Type: layers.EthernetTypeIPv4}
	outer = &layers.Dot1Q{VLANIdentifier: 8, Type: layers.EthernetTypeDot1Q}
	syn   = &layers.TCP{SrcPort: 1754, DstPort: 23, Seq: 9, SYN: true, ECE: true, Window: 512,
		Options: []layers.TCPOption{
			{OptionType: layers.TCPOptionKindMSS, OptionLength: 4, OptionData: []byte{5, 0xb4}}}}
	push = &layers.TCP{SrcPort: 80, DstPort: 50000, PSH: true, ACK: true, NS: true}
)

func ip4(change func(*layers.IPv4)) *layers.IPv4 {
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: net.IP{192, 168, 1, 30},
		DstIP: net.IP{192, 168, 0, 20}}
	if change != nil {
		change(ip)
	}
	return ip
}

func ip6(next layers.IPProtocol) *layers.IPv6 {
	return &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: next, SrcIP: net.ParseIP("2001:db8::1"),
		DstIP: net.ParseIP("2001:db8::2")}
}

// frame serializes layers, with the right lengths.
func frame(t testing.TB, parts ...gopacket.SerializableLayer) []byte {
	t.Helper()
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true}, parts...); err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(b.Bytes())
}

var begin = time.Date(1998, 1, 23, 21, 55, 41, 907093000, time.UTC)

// pcap returns a capture of frames, a millisecond apart.
func pcap(t testing.TB, link layers.LinkType, frames ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := pcapgo.NewWriter(&b)
	if err := w.WriteFileHeader(65535, link); err != nil {
		t.Fatal(err)
	}
	for i, f := range frames {
		info := gopacket.CaptureInfo{Timestamp: begin.Add(time.Duration(i) * time.Millisecond), CaptureLength: len(f),
			Length: len(f)}
		if err := w.WritePacket(info, f); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// all reads all frames of a capture.
func all(data []byte) (packets []Packet, report Report, err error) {
	r, err := NewReader(bytes.NewReader(data), "x.pcap")
	if err != nil {
		return nil, Report{}, err
	}
	for p := range r.Packets() {
		q := *p
		q.Data, q.Options, q.Body = bytes.Clone(p.Data), bytes.Clone(p.Options), bytes.Clone(p.Body)
		packets = append(packets, q)
	}
	return packets, r.Report(), nil
}
