package capture

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
	"github.com/trafficlab/trafficlab/trafficlib/internal/tsharktest"
)

// golden is the output of testdata/golden_tshark.py for a capture.
type golden struct {
	Frames, Length, Payload int64
	SHA256                  string
}

// lines returns the frames of a capture in the form of the script.
func lines(t testing.TB, path string) (text []string, g golden) {
	t.Helper()
	r, err := Options{Ahead: -1}.Open(path) // in the order of the file, as in tshark
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	hashed := sha256.New()
	for p := range r.Packets() {
		line := line(p)
		hashed.Write([]byte(line))
		text = append(text, line)
		g.Frames++
		g.Length += int64(p.Length)
		if p.Kind == Decoded && (p.Protocol == TCP || p.Protocol == UDP) && !p.MoreFrag {
			g.Payload += int64(p.Payload)
		}
	}
	if d := r.Report().Damage; d != "" {
		t.Errorf("%s: %s", path, d)
	}
	g.SHA256 = hex.EncodeToString(hashed.Sum(nil))
	return text, g
}

func line(p *Packet) string {
	f := []any{p.Number, p.Nanos, p.Length, len(p.Data)}
	if p.Untimed {
		f[1] = "-"
	}
	more := make([]any, 14)
	for i := range more {
		more[i] = "-"
	}
	if p.IPVersion > 0 {
		more[0], more[1], more[2], more[3] = p.IPVersion, p.Src, p.Dst, p.TTL
	}
	if p.Kind == Decoded {
		switch p.Protocol {
		case TCP:
			copy(more[4:], []any{p.SrcPort, p.DstPort, uint16(p.Flags), p.Seq, p.Ack, p.Window, p.Header, p.Payload})
		case UDP:
			more[4], more[5], more[11] = p.SrcPort, p.DstPort, p.Payload
		case SCTP:
			more[4], more[5] = p.SrcPort, p.DstPort
		case ICMP, ICMPv6:
			more[12], more[13] = p.ICMPType, p.ICMPCode
		}
	}
	if p.Kind == Short && p.SrcPort > 0 {
		more[4], more[5] = p.SrcPort, p.DstPort
	}
	if p.MoreFrag { // tshark does not say how long the payload of a first fragment is
		more[11] = "-"
	}
	return fmt.Sprintln(append(f, more...)...)
}

// TestGoldenTshark compares every frame of the shared captures with tshark.
func TestGoldenTshark(t *testing.T) {
	data, err := os.ReadFile("testdata/golden_tshark.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]golden
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for name, want := range all {
		folder := "zeek_tls_pcaps"
		if strings.HasSuffix(name, ".tcpdump") {
			folder = "darpa98_sample"
		}
		path := shareddata.Dir(t, folder, name)
		if text, got := lines(t, path); got != want {
			t.Errorf("%s: %+v, tshark has %+v%s", name, got, want, tsharktest.Difference(path, text))
		}
	}
	if len(all) != 20 {
		t.Errorf("%d captures, want 20", len(all))
	}
}

// TestSameAsTshark compares formats, links and headers that the shared captures do not have with
// tshark.
func TestSameAsTshark(t *testing.T) {
	tsharktest.Need(t)
	raw, raw6 := frame(t, ip4(nil), push, payload), frame(t, ip6(layers.IPProtocolTCP), push, payload)
	udp := frame(t, ip4(func(ip *layers.IPv4) { ip.Protocol = layers.IPProtocolUDP }),
		&layers.UDP{SrcPort: 5353, DstPort: 7}, payload)
	icmp := frame(t, ip4(func(ip *layers.IPv4) { ip.Protocol = layers.IPProtocolICMPv4 }),
		&layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(3, 1)}, gopacket.Payload(append(make([]byte, 0), raw...)))
	icmp6 := frame(t, ip6(layers.IPProtocolICMPv6), gopacket.Payload([]byte{128, 0, 0, 0, 0, 1, 0, 2}))
	first := frame(t, ip4(func(ip *layers.IPv4) { ip.Flags = layers.IPv4MoreFragments }), push, payload)
	later := frame(t, ip4(func(ip *layers.IPv4) { ip.FragOffset = 100 }), payload)
	sctp := frame(t, ip4(func(ip *layers.IPv4) { ip.Protocol = layers.IPProtocolSCTP }),
		&layers.SCTP{SrcPort: 1, DstPort: 2})
	auth := frame(t, ip4(func(ip *layers.IPv4) { ip.Protocol = layers.IPProtocolAH }),
		gopacket.Payload(append([]byte{6, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
			frame(t, push, payload)...)))
	hop := frame(t, ip6(layers.IPProtocolIPv6HopByHop),
		gopacket.Payload(append([]byte{60, 0, 1, 4, 0, 0, 0, 0, 6, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
			frame(t, push, payload)...)))
	frag6 := frame(t, ip6(layers.IPProtocolIPv6Fragment),
		gopacket.Payload(append([]byte{6, 0, 0, 1, 0, 0, 0, 9}, frame(t, push, payload)...)))
	later6 := frame(t, ip6(layers.IPProtocolIPv6Fragment),
		gopacket.Payload(append([]byte{6, 0, 1, 1, 0, 0, 0, 9}, payload...)))
	noLength := bytes.Clone(raw)
	noLength[2], noLength[3] = 0, 0
	tooLong := bytes.Clone(raw)
	tooLong[2] = 40
	all4 := [][]byte{raw, udp, icmp, first, later, sctp, auth, noLength, tooLong, frame(t, ip4(nil), syn)}
	all6 := [][]byte{raw6, icmp6, hop, frag6, later6}
	all := slices.Concat(all4, all6)
	with := func(head func(version int) []byte) (frames [][]byte) {
		for _, f := range all {
			frames = append(frames, append(head(int(f[0]>>4)), f...))
		}
		return frames
	}
	etherType := func(version int) []byte {
		if version == 6 {
			return []byte{0x86, 0xdd}
		}
		return []byte{8, 0}
	}
	ethernet := func(tags ...byte) func(int) []byte {
		return func(v int) []byte { return slices.Concat(make([]byte, 12), tags, etherType(v)) }
	}
	files := map[string][]byte{
		"ethernet": pcap(t, layers.LinkTypeEthernet, with(ethernet())...),
		"vlan":     pcap(t, layers.LinkTypeEthernet, with(ethernet(0x81, 0, 0, 7))...),
		"qinq":     pcap(t, layers.LinkTypeEthernet, with(ethernet(0x88, 0xa8, 0, 7, 0x81, 0, 0, 8))...),
		"mpls": pcap(t, layers.LinkTypeEthernet,
			with(func(int) []byte { return append(make([]byte, 12), 0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64) })...),
		"raw":  pcap(t, layers.LinkTypeRaw, all...),
		"ipv4": pcap(t, layers.LinkTypeIPv4, all4...),
		"ipv6": pcap(t, layers.LinkTypeIPv6, all6...),
		"cooked": pcap(t, layers.LinkTypeLinuxSLL,
			with(func(v int) []byte {
				return append([]byte{0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0},
					etherType(v)...)
			})...),
		"cooked2": pcap(t, layers.LinkTypeLinuxSLL2, with(func(v int) []byte {
			return append(etherType(v), 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0)
		})...),
		"null": pcap(t, layers.LinkTypeNull,
			with(func(v int) []byte { return []byte{map[int]byte{4: 2, 6: 30}[v], 0, 0, 0} })...),
		"loop": pcap(t, layers.LinkTypeLoop,
			with(func(v int) []byte { return []byte{0, 0, 0, map[int]byte{4: 2, 6: 30}[v]} })...),
		"chdlc": pcap(t, layers.LinkType(CHDLC),
			with(func(v int) []byte { return append([]byte{0x0f, 0}, etherType(v)...) })...),
		"ppp": pcap(t, layers.LinkType(PPPHDLC),
			with(func(v int) []byte { return []byte{0xff, 3, 0, map[int]byte{4: 0x21, 6: 0x57}[v]} })...),
		"ng":   ngOf(t, with(ethernet())...),
		"big":  swap(pcap(t, layers.LinkTypeRaw, all...)),
		"snap": snapped(t, 60, with(ethernet())...),
		"zip":  zipped(t, pcap(t, layers.LinkTypeRaw, all...)),
		"zst":  zstdOf(t, pcap(t, layers.LinkTypeRaw, all...)),
	}
	nano := pcap(t, layers.LinkTypeRaw, all...)
	copy(nano, []byte{0x4d, 0x3c, 0xb2, 0xa1})
	files["nano"] = nano
	for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
		b := blocks{order: order}
		b.section()
		b.netInterface(Raw, 0, b.option(9, 3)...)
		b.netInterface(Raw, 0, b.option(9, 0x94)...)
		for i, f := range all {
			b.packet([]uint32{blockPacket, blockOldPacket}[i%2], uint32(i/2%2), uint64(1e9+i), len(f)+i%3, f)
		}
		b.block(blockSimple, append(order.AppendUint32(nil, uint32(len(raw))), raw...))
		files[fmt.Sprint("blocks ", order)] = b.Bytes()
	}
	if testing.Short() {
		t.Skip("short: tshark starts slowly, and there are 21 captures")
	}
	dir := t.TempDir()
	for name, data := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, dir, name, data)
			text, g := lines(t, path)
			if d := tsharktest.Difference(path, text); d != "" || g.Frames < 5 {
				t.Errorf("%d frames, differs from tshark%s", g.Frames, d)
			}
		})
	}
}

// snapped returns a capture with only the first n bytes of each frame.
func snapped(t testing.TB, n int, frames ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := pcapgo.NewWriter(&b)
	if err := w.WriteFileHeader(uint32(n), layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	for i, f := range frames {
		k := min(n, len(f))
		info := gopacket.CaptureInfo{Timestamp: begin.Add(time.Duration(i) * time.Millisecond), CaptureLength: k,
			Length: len(f)}
		if err := w.WritePacket(info, f[:k]); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}
