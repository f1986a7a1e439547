// Package capture reads the packets of capture files.
//
// It takes pcap (both byte orders, micro- and nanoseconds) and pcapng files, also gzipped, of Ethernet, Linux cooked
// (both versions), raw IP and loopback links, with VLAN tags, and gives their TCP packets over IPv4 and IPv6: times,
// addresses, ports, flags and sizes. No libpcap is needed: files are read by gopacket's Go code.
//
//	for p := range r.Packets() { … }
//
// What is not a TCP packet is left out and counted (Report), and so are fragments but the first, which alone has the
// ports. A packet of which the capture kept only the beginning is given as long as its flags are there: sizes are
// those on the wire. A file that is damaged in the middle gives what is before, and the report says where it ended;
// one that is no capture, or of another link, is refused in one line. Memory is bounded by one packet.
package capture

import (
	"net/netip"
	"time"
)

// A Packet is a TCP packet.
type Packet struct {
	Number   int64         // of its frame in the file, from 1, as Wireshark counts
	Time     time.Time     // of capture, UTC, to the nanosecond
	Since    time.Duration // since the first frame of the file, of whatever kind; negative where the clock stepped back
	Length   int           // bytes of the frame on the wire
	Src, Dst netip.Addr    // of the innermost IP header
	SrcPort  uint16
	DstPort  uint16
	Flags    Flags
	Payload  int // bytes behind the TCP header, on the wire
}

// Flags are the lower twelve bits of bytes 12 and 13 of a TCP header (RFC 9293, and RFC 3540 for NS).
type Flags uint16

// The flags. Reserved stands for any of the three bits that have no meaning yet.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
	NS
	Reserved Flags = 7 << 9
)

// Has says whether any bit of g is set.
func (f Flags) Has(g Flags) bool { return f&g != 0 }

// String names the flags that are set, "SYN ACK".
func (f Flags) String() string {
	names := [...]string{"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "NS"}
	s := ""
	for i, name := range names {
		if f.Has(1 << i) {
			s += " " + name
		}
	}
	if f.Has(Reserved) {
		s += " reserved"
	}
	if s == "" {
		return "none"
	}
	return s[1:]
}
