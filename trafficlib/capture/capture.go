// Package capture reads the packets of capture files.
//
// It takes pcap files (both byte orders, micro- and nanoseconds) and pcapng files, plain, gzipped or in zstd, from files,
// folders, patterns or a stream, and gives every frame with its headers decoded down to the transport's: Ethernet, Linux
// cooked (both versions), raw IP, loopback, PPP and Cisco HDLC links; VLAN, MPLS and PPPoE; IPv4, IPv6 with its extension
// headers, fragments and IP in IP; TCP, UDP, UDP-Lite, DCCP, SCTP and ICMP. Rarer links are 802.11 data frames (also behind
// radiotap and PPI), frame relay, SLIP and NFLOG; 802.1ah, VN-Tag, FabricPath and MACsec without encryption are gone past.
// Tunnels are looked into where Options.Decapsulate asks for it.
//
//	for p := range r.Packets() { … }
//
// Files are mapped and decoded where they lie: nothing is copied and nothing allocated for a packet, and the memory that
// was gone past is given back, so that a file of any size takes a few dozen megabytes. Several files are read as one, in
// the order of time; where they overlap, packet by packet.
//
// A Packet says how far its headers could be decoded (Kind), so that nothing is left out in silence, and Report counts. A
// capture that keeps only the beginning of each packet serves as far as it goes: sizes are those on the wire. IP fragments
// are not put together; only the first has ports (package flow counts the others to its flow). A file that is damaged in the middle gives what is before, and the
// report says where it ended; one that is no capture, or of another link, is refused in one line.
package capture

import (
	"net/netip"
	"time"
)

// A Packet is a frame of a capture, decoded. Its slices lie in the memory of the reader. What a frame does not have is
// zero.
type Packet struct {
	Number  int64         // of the frame in its file, from 1, as Wireshark counts
	File    int           // which of Reader.Files
	Nanos   int64         // time of capture, nanoseconds since 1970 UTC; of an Untimed one that of the frame before
	Since   time.Duration // since the first frame, of whatever kind; negative where the clock stepped back
	Untimed bool          // the file has no time for it, as of pcapng's simple packets, or one that no clock has
	Strayed bool          // the file has a time days from those around it; Nanos is that of the frame before

	Length int    // bytes of the frame on the wire
	Data   []byte // of the frame, as far as the capture kept it
	Link   Link
	Kind   Kind

	EtherType uint16    // behind VLAN tags; 0 for links without
	VLANs     int       // tags
	VLAN      [2]uint16 // the identifiers of the outermost two

	IPVersion  uint8      // of the innermost IP header: 4, 6, or 0 for none
	Src, Dst   netip.Addr // valid with an IPVersion
	TTL        uint8      // or hop limit
	TOS        uint8      // or traffic class
	ID         uint32     // identification, of IPv6 that of the fragment header
	DontFrag   bool
	MoreFrag   bool
	FragOffset int    // bytes; more than 0 for Fragment
	IPHeader   int    // bytes of the IP header with its options or extension headers
	IPLength   int    // bytes of the IP packet on the wire, header and all
	Protocol   uint8  // of what follows the IP headers, by its IANA number
	SrcPort    uint16 // of TCP, UDP, UDP-Lite, DCCP and SCTP
	DstPort    uint16
	Ports      bool  // the ports are known, or the protocol has none: of what is Decoded, and of some that is Short
	ICMPType   uint8 // of ICMP and ICMPv6
	ICMPCode   uint8
	Flags      Flags  // of TCP
	Seq, Ack   uint32 // of TCP
	Window     uint16 // of TCP, as it stands in the header
	Options    []byte // of TCP, as far as captured
	Header     int    // bytes of the transport header; 0 for protocols that are not decoded
	Payload    int    // bytes behind the transport header, on the wire
	Body       []byte // the payload, as far as the capture kept it

	Tunnel    Tunnel // the innermost that the packet came in, with Options.Decapsulate; all from EtherType on is of what is in it
	TunnelKey uint32 // its key, network, session or tunnel; 0 for none

	decap   bool
	tunnels uint8 // how many it came in
}

// Time gives the time of capture, UTC.
func (p *Packet) Time() time.Time { return time.Unix(0, p.Nanos).UTC() }

// TCP says whether the packet has a TCP header.
func (p *Packet) TCP() bool { return p.Kind == Decoded && p.Protocol == TCP }

// WindowScale gives the shift of the window scale option (RFC 7323), at most 14, if there is one.
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

// Kind says how far the headers of a frame could be decoded. With any of them an IPVersion says that there was an IP
// header and its fields are set.
type Kind uint8

// The kinds.
const (
	Decoded   Kind = iota // all there is: an IP packet, and the transport header of the protocols above
	NotIP                 // ARP and the like
	Fragment              // an IP fragment but the first, which has no transport header
	Short                 // cut in the middle of a header, by the capture or since the rest is in later fragments
	Malformed             // headers that contradict themselves, or a frame too short for them
	OtherLink             // of an interface whose link is not read
)

// String gives the kind in words.
func (k Kind) String() string {
	return [...]string{"decoded", "not IP", "later fragment", "cut in a header", "malformed", "of a link that is not read"}[k]
}

// Protocols of IP, by their IANA numbers.
const (
	ICMP    = 1
	TCP     = 6
	UDP     = 17
	DCCP    = 33
	ICMPv6  = 58
	SCTP    = 132
	UDPLite = 136
)

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
