// Package capture reads the packets of capture files, such as those of tcpdump and Wireshark.
//
// It takes pcap files (both byte orders, micro- and nanoseconds) and pcapng files, plain or
// compressed, from files, folders, patterns or a stream. It returns every frame with its headers
// decoded, down to that of the transport:
//
//	for p := range r.Packets() { … }
//
// The links are Ethernet, Linux cooked (both versions), raw IP, loopback, PPP, Cisco HDLC, frame
// relay, SLIP, NFLOG and 802.11, also with radiotap or PPI. It decodes VLAN, MPLS and PPPoE; IPv4,
// IPv6 with its extension headers, fragments and IP in IP; TCP, UDP, UDP-Lite, DCCP, SCTP and ICMP.
// It skips the headers of 802.1ah, VN-Tag, FabricPath and unencrypted MACsec. With
// Options.Decapsulate it decodes the packets in tunnels.
//
// Files are memory-mapped and decoded in place. Nothing is copied or allocated for a packet, and
// pages already read are released, so that a file of any size takes a few dozen megabytes. Several
// files are read as one, in the order of time, merged packet by packet where they overlap.
//
// No frame is dropped silently: Packet.Kind says how far its headers could be decoded, and Report
// counts. A capture that holds only the beginning of each packet is decoded as far as it goes;
// sizes are those on the wire. IP fragments are not reassembled, and only the first has ports;
// package flow assigns the others to its flow. A file that is damaged in the middle yields what
// comes before the damage, and the report says where. A file that is not a capture, or of an
// unsupported link, is refused with an error of one line.
package capture

import (
	"net/netip"
	"time"
)

// A Packet is a decoded frame of a capture. Its slices point into the memory of the reader. Fields
// of headers that the frame does not have are zero.
type Packet struct {
	Number  int64         // of the frame in its file, from 1, as in Wireshark
	File    int           // index in Reader.Files
	Nanos   int64         // time of capture in nanoseconds since 1970 UTC
	Since   time.Duration // since the first frame of any kind; negative if the clock stepped back
	Untimed bool          // the file has no valid time for the frame; Nanos is that of the previous frame
	Strayed bool          // the time in the file is days from its neighbors; Nanos is that of the previous frame

	Length int    // bytes of the frame on the wire
	Data   []byte // of the frame, as far as captured
	Link   Link
	Kind   Kind

	EtherType uint16    // after the VLAN tags; 0 for links without one
	VLANs     int       // number of VLAN tags
	VLAN      [2]uint16 // IDs of the outermost two tags

	IPVersion  uint8      // of the innermost IP header: 4, 6, or 0 for none
	Src, Dst   netip.Addr // valid if IPVersion is not 0
	TTL        uint8      // or hop limit
	TOS        uint8      // or traffic class
	ID         uint32     // identification; for IPv6 that of the fragment header
	DontFrag   bool
	MoreFrag   bool
	FragOffset int    // bytes; above 0 for the kind Fragment
	IPHeader   int    // bytes of the IP header with its options or extension headers
	IPLength   int    // bytes of the IP packet on the wire, with its header
	Protocol   uint8  // IANA number of the protocol after the IP headers
	SrcPort    uint16 // of TCP, UDP, UDP-Lite, DCCP and SCTP
	DstPort    uint16
	Ports      bool  // the ports are known, or the protocol has none: true for Decoded, and for some Short packets
	ICMPType   uint8 // of ICMP and ICMPv6
	ICMPCode   uint8
	Flags      Flags  // of TCP
	Seq, Ack   uint32 // of TCP
	Window     uint16 // of TCP, unscaled
	Options    []byte // of TCP, as far as captured
	Header     int    // bytes of the transport header; 0 for protocols that are not decoded
	Payload    int    // bytes after the transport header, on the wire
	Body       []byte // the payload, as far as captured

	// With Options.Decapsulate, the fields from EtherType to Body are those of the innermost
	// packet.
	Tunnel    Tunnel // the innermost tunnel
	TunnelKey uint32 // its key, network, session or tunnel ID; 0 for none

	decap   bool
	tunnels uint8 // number of tunnels around the packet
}

// Time returns the time of capture in UTC.
func (p *Packet) Time() time.Time { return time.Unix(0, p.Nanos).UTC() }

// TCP reports whether the packet has a TCP header.
func (p *Packet) TCP() bool { return p.Kind == Decoded && p.Protocol == TCP }

// WindowScale returns the shift of the window scale option (RFC 7323), at most 14, if there is one.
func (p *Packet) WindowScale() (shift uint8, ok bool) {
	for o := p.Options; len(o) > 0; {
		switch {
		case o[0] == 0:
			return 0, false
		case o[0] == 1:
			o = o[1:]
			continue
		case len(o) < 2 || o[1] < 2 || int(o[1]) > len(o):
			return 0, false
		case o[0] == 3 && o[1] == 3:
			return min(o[2], 14), true
		}
		o = o[o[1]:]
	}
	return 0, false
}

// Kind is how far the headers of a frame could be decoded. For any kind, if IPVersion is not 0,
// there was an IP header and its fields are set.
type Kind uint8

// The kinds.
const (
	Decoded   Kind = iota // completely: an IP packet, and the transport header of the protocols above
	NotIP                 // ARP and the like
	Fragment              // an IP fragment other than the first, which has no transport header
	Short                 // a header is truncated by the capture, or continues in a later fragment
	Malformed             // headers are contradictory, or the frame is too short for them
	OtherLink             // the frame is from an interface with an unsupported link
)

// String returns the kind in words.
func (k Kind) String() string {
	return [...]string{"decoded", "not IP", "later fragment", "cut in a header", "malformed",
		"on an unsupported link"}[k]
}

// IANA numbers of IP protocols.
const (
	ICMP    = 1
	TCP     = 6
	UDP     = 17
	DCCP    = 33
	ICMPv6  = 58
	SCTP    = 132
	UDPLite = 136
)

// Flags are the lower twelve bits of bytes 12 and 13 of a TCP header (RFC 9293, and RFC 3540 for
// NS).
type Flags uint16

// The flags. Reserved covers the three bits without a meaning.
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

// Has reports whether any bit of g is set.
func (f Flags) Has(g Flags) bool { return f&g != 0 }

// String returns the names of the flags that are set, such as "SYN ACK".
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
