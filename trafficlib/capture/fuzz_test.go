package capture

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// read reads what may be a capture, and checks the properties of every capture.
func read(t *testing.T, data []byte) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := NewReader(bytes.NewReader(data), "x")
	if err != nil {
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("the error has two lines: %q", err)
		}
		return
	}
	var n, decoded int64
	for p := range r.Packets() {
		n++
		if p.Kind == Decoded {
			decoded++
		}
		if p.Number != n || p.Length < 0 || p.Payload < 0 || len(p.Body) > p.Payload || len(p.Body) > len(p.Data) {
			t.Fatalf("%+v", p)
		}
		if p.IPVersion != 0 && (!p.Src.IsValid() || !p.Dst.IsValid() ||
			p.IPHeader+p.Header+p.Payload > max(p.Length, len(p.Data))) {
			t.Fatalf("%+v", p)
		}
		if p.Kind == Decoded && p.IPVersion == 0 {
			t.Fatalf("decoded without IP: %+v", p)
		}
		p.WindowScale()
	}
	runtime.ReadMemStats(&after)
	report := r.Report()
	if report.Frames != n || report.TCP+report.UDP+report.OtherIP != decoded ||
		strings.Contains(report.String(), "\n") ||
		decoded+report.NotIP+report.Fragments+report.Short+report.Malformed+report.OtherLink != n {
		t.Errorf("%d frames, %d of them decoded, report %+v", n, decoded, report)
	}
	// The window of a stream and the tables of a decompressor grow with the input, never with a
	// claimed length.
	const fixed, each = 4 << 20, 16
	if used := after.TotalAlloc - before.TotalAlloc; used > fixed+each*uint64(len(data)) && !compressed(data) {
		t.Errorf("%d bytes allocated for %d", used, len(data))
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	// Sorting and decapsulation do not change the number of frames.
	r, err = Options{Ahead: 16, Decapsulate: true}.NewReader(bytes.NewReader(data), "x")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	seen := map[int64]bool{}
	for p := range r.Packets() {
		if seen[p.Number] || p.Number < 1 || p.Number > n {
			t.Fatalf("frame %d of %d, again or out of range", p.Number, n)
		}
		seen[p.Number] = true
	}
	if again := r.Report(); int64(len(seen)) != n || again.Frames != n || again.Disordered != report.Disordered {
		t.Errorf("%v in order, %v as they stand", again, report)
	}
}

func FuzzPcap(f *testing.F) {
	eth := frame(f, ether, ip4(nil), syn)
	f.Add(pcap(f, layers.LinkTypeEthernet, eth, frame(f, tagged, vlan, ip4(nil), push, payload),
		frame(f, ether6, ip6(layers.IPProtocolTCP), push)))
	f.Add(swap(pcap(f, layers.LinkTypeRaw, eth[14:])))
	f.Add(pcap(f, layers.LinkTypeNull, append([]byte{2, 0, 0, 0}, eth[14:]...)))
	f.Add(pcap(f, layers.LinkTypeLinuxSLL2,
		append([]byte{8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0}, eth[14:]...)))
	f.Fuzz(func(t *testing.T, data []byte) { read(t, data) })
}

func FuzzPcapng(f *testing.F) {
	eth := frame(f, ether, ip4(nil), syn)
	f.Add(ngOf(f, eth, eth))
	for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
		b := blocks{order: order}
		b.section()
		b.netInterface(Raw, 0, b.option(9, 0x8a)...)
		b.packet(blockPacket, 0, 1<<40, len(eth), eth[14:])
		b.packet(blockOldPacket, 0, 1<<40, len(eth), eth[14:])
		b.block(blockSimple, order.AppendUint32(nil, 0))
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) { read(t, data) })
}

func FuzzCompressed(f *testing.F) {
	data := pcap(f, layers.LinkTypeEthernet, frame(f, ether, ip4(nil), syn))
	f.Add(zipped(f, data))
	f.Add(zstdOf(f, data))
	f.Add(xzOf(f, data))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 { // a few kilobytes may decompress to gigabytes
			return
		}
		read(t, data)
	})
}

// FuzzDecode compares single frames with gopacket's decoders, if those decode them completely.
func FuzzDecode(f *testing.F) {
	f.Add(uint16(Ethernet), frame(f, ether, ip4(nil), syn))
	f.Add(uint16(Ethernet), frame(f, qinq, outer, vlan, ip4(nil), push, payload))
	f.Add(uint16(Raw), frame(f, ip6(layers.IPProtocolTCP), push, payload))
	f.Add(uint16(Raw), frame(f, ip4(func(ip *layers.IPv4) { ip.Protocol = layers.IPProtocolUDP }),
		&layers.UDP{SrcPort: 53}, payload))
	f.Fuzz(func(t *testing.T, link uint16, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		p := Packet{Data: data[:len(data):len(data)], Length: len(data), Link: Link(link)}
		p.decode()
		slow := Packet{Data: p.Data, Length: p.Length, Link: p.Link}
		slow.Kind = slow.link(slow.Link, slow.Data, slow.Length)
		if !reflect.DeepEqual(p, slow) {
			t.Fatalf("the common way has %+v, the other %+v", p, slow)
		}
		first := layers.LayerTypeEthernet
		if p.Link == Raw && len(data) > 0 && data[0]>>4 == 4 {
			first = layers.LayerTypeIPv4
		} else if p.Link != Ethernet {
			return
		}
		their := gopacket.NewPacket(data, first, gopacket.DecodeOptions{NoCopy: true})
		if their.ErrorLayer() != nil || p.Kind != Decoded || p.VLANs > 0 && be16(data[12:]) != typeVLAN &&
			be16(data[12:]) != typeQinQ {
			return
		}
		var ips int
		for _, l := range their.Layers() {
			switch l := l.(type) {
			case *layers.IPv4:
				ips++
			case *layers.IPv6:
				ips += 2
			case *layers.TCP:
				if ips != 1 || p.Protocol != TCP {
					return
				}
				if p.SrcPort != uint16(l.SrcPort) || p.DstPort != uint16(l.DstPort) || p.Seq != l.Seq ||
					p.Ack != l.Ack || p.Window != l.Window ||
					p.Flags.Has(FIN) != l.FIN || p.Flags.Has(SYN) != l.SYN || p.Flags.Has(NS) != l.NS ||
					p.Header != int(l.DataOffset)*4 {
					t.Errorf("%+v, gopacket has %+v", p, l)
				}
			}
		}
	})
}
