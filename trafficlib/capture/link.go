package capture

import "fmt"

// Link is the kind of link that frames were captured on: a LINKTYPE number of tcpdump.org.
type Link uint16

// The supported links.
const (
	Null     Link = 0   // BSD loopback, with the address family in the byte order of the host
	Ethernet Link = 1   //
	PPP      Link = 9   //
	rawBSD   Link = 12  // DLT_RAW, which some programs write instead of the link type
	rawOpen  Link = 14  // the same on OpenBSD
	PPPHDLC  Link = 50  // PPP in HDLC-like framing
	Raw      Link = 101 // IP, of either version
	CHDLC    Link = 104 // Cisco HDLC
	Loop     Link = 108 // OpenBSD loopback, with the address family in network byte order
	Cooked   Link = 113 // Linux cooked
	IPv4     Link = 228
	IPv6     Link = 229
	SLIP     Link = 8
	WiFi     Link = 105 // 802.11
	Relay    Link = 107 // frame relay
	Radiotap Link = 127 // 802.11 with a radiotap header
	PPI      Link = 192 // another link with a PPI header
	NFLog    Link = 239 // packets logged by Linux netfilter
	Cooked2  Link = 276 // Linux cooked, version 2
)

var linkNames = map[Link]string{
	Null: "loopback", Ethernet: "Ethernet", PPP: "PPP", rawBSD: "raw IP", rawOpen: "raw IP", PPPHDLC: "PPP in HDLC",
	Raw: "raw IP", CHDLC: "Cisco HDLC", Loop: "loopback", Cooked: "Linux cooked", IPv4: "IPv4", IPv6: "IPv6",
	Cooked2: "Linux cooked v2", SLIP: "SLIP", WiFi: "802.11", Relay: "frame relay", Radiotap: "802.11 with radiotap",
	PPI: "PPI", NFLog: "NFLOG", 220: "USB", 201: "Bluetooth",
}

// String returns the name of the link.
func (l Link) String() string {
	if name, ok := linkNames[l]; ok {
		return name
	}
	return fmt.Sprintf("link type %d", uint16(l))
}

// read reports whether the link is supported.
func (l Link) read() bool {
	switch l {
	case Null, Ethernet, PPP, rawBSD, rawOpen, PPPHDLC, Raw, CHDLC, Loop, Cooked, IPv4, IPv6, Cooked2,
		SLIP, WiFi, Relay, Radiotap, PPI, NFLog:
		return true
	}
	return false
}

// EtherTypes, and the numbers of PPP for the same protocols.
const (
	typeIPv4   = 0x0800
	typeIPv6   = 0x86dd
	typeVLAN   = 0x8100
	typeQinQ   = 0x88a8
	typeQinQ1  = 0x9100 // of bridges before 802.1ad
	typeQinQ2  = 0x9200
	typeMPLS   = 0x8847
	typeMPLSM  = 0x8848 // multicast
	typePPPoE  = 0x8864
	typeVNTag  = 0x8926
	typePBB    = 0x88e7 // 802.1ah
	typeFabric = 0x8903 // FabricPath
	typeMACsec = 0x88e5
	minType    = 0x0600 // a lower number is the length of an 802.3 frame
	pppIPv4    = 0x0021
	pppIPv6    = 0x0057
	pppMPLS    = 0x0281
)

func be16(b []byte) uint16 { return uint16(b[0])<<8 | uint16(b[1]) }

func be32(b []byte) uint32 {
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// missing returns why a header of n bytes is incomplete: Short if the capture truncated it,
// Malformed if the frame was too short for it.
func missing(wire, n int) Kind {
	if wire >= n {
		return Short
	}
	return Malformed
}

// clip shortens a layer to the length in its header, if that is shorter than what contains it.
func clip(data []byte, wire, length int) ([]byte, int) {
	wire = min(wire, max(length, 0))
	return data[:min(len(data), wire)], wire
}

// decode sets Kind and all fields that come from the bytes of the frame. It allocates nothing.
//
// gopacket's decoders, which tests compare it with, take three times as long (BENCH.md) and refuse
// headers that are truncated after the fields that are needed.
//
// In all decoding functions, data is the captured part of a layer and of its content, and wire is
// the length of both on the wire.
func (p *Packet) decode() {
	wire := max(p.Length, len(p.Data))
	if p.Link == Ethernet && p.common(p.Data, wire) {
		return
	}
	p.Kind = p.link(p.Link, p.Data, wire)
}

// link decodes a frame of a link.
func (p *Packet) link(link Link, data []byte, wire int) Kind {
	switch link {
	case Ethernet:
		const n = 14
		if len(data) < n {
			return missing(wire, n)
		}
		return p.ether(be16(data[12:]), data[n:], wire-n)
	case Cooked:
		const n = 16
		if len(data) < n {
			return missing(wire, n)
		}
		return p.ether(be16(data[14:]), data[n:], wire-n)
	case Cooked2:
		const n = 20
		if len(data) < n {
			return missing(wire, n)
		}
		return p.ether(be16(data), data[n:], wire-n)
	case Raw, rawBSD, rawOpen, IPv4, IPv6:
		return p.ip(data, wire, 0)
	case Null, Loop:
		const n = 4
		if len(data) < n {
			return missing(wire, n)
		}
		// The family is a small number in either byte order, so it is the first or the last byte.
		switch family := data[0] | data[3]; family {
		case 2, 10, 24, 28, 30: // AF_INET; AF_INET6 of Linux, NetBSD, FreeBSD and macOS
			return p.ip(data[n:], wire-n, 0)
		}
		return NotIP
	case CHDLC:
		const n = 4
		if len(data) < n {
			return missing(wire, n)
		}
		return p.ether(be16(data[2:]), data[n:], wire-n)
	case PPP, PPPHDLC:
		const unicast, multicast = 0x0f, 0x8f
		if len(data) >= 4 && (data[0] == unicast || data[0] == multicast) && data[1] == 0 { // Cisco HDLC after all
			return p.ether(be16(data[2:]), data[4:], wire-4)
		}
		return p.ppp(data, wire)
	case WiFi:
		return p.wireless(data, wire)
	case Radiotap:
		return p.radiotap(data, wire)
	case PPI:
		return p.ppi(data, wire)
	case NFLog:
		return p.nflog(data, wire)
	case Relay:
		return p.frameRelay(data, wire)
	case SLIP:
		return p.slip(data, wire)
	}
	return OtherLink
}

// ppp decodes a PPP frame. Its protocol may follow an address and a control byte, and may be one
// byte long (RFC 1661 §6.5, §6.6).
func (p *Packet) ppp(data []byte, wire int) Kind {
	const most = 4
	if len(data) < most {
		return missing(wire, most)
	}
	if data[0] == 0xff && data[1] == 0x03 {
		data, wire = data[2:], wire-2
	}
	protocol := uint16(data[0])
	if protocol&1 == 1 { // only the last byte of a number is odd
		data, wire = data[1:], wire-1
	} else {
		protocol = be16(data)
		data, wire = data[2:], wire-2
	}
	switch protocol {
	case pppIPv4, pppIPv6:
		return p.ip(data, wire, 0)
	case pppMPLS:
		return p.mpls(data, wire)
	}
	return NotIP
}

// ether decodes what follows an EtherType. Each tag consumes data, so the loop ends.
func (p *Packet) ether(kind uint16, data []byte, wire int) Kind {
	for {
		p.EtherType = kind
		switch kind {
		case typeIPv4, typeIPv6:
			return p.ip(data, wire, 0)
		case typeVLAN, typeQinQ, typeQinQ1, typeQinQ2:
			const n = 4
			if len(data) < n {
				return missing(wire, n)
			}
			if p.VLANs < len(p.VLAN) {
				p.VLAN[p.VLANs] = be16(data) & 0xfff
			}
			p.VLANs++
			kind, data, wire = be16(data[2:]), data[n:], wire-n
			continue
		case typeMPLS, typeMPLSM:
			return p.mpls(data, wire)
		case typePPPoE:
			const n = 8 // RFC 2516 §4, and the PPP protocol
			if len(data) < n {
				return missing(wire, n)
			}
			// The length includes the PPP protocol. What follows is padding.
			if length := int(be16(data[4:])) - 2; length >= 0 {
				data, wire = clip(data, wire, n+length)
			}
			if inside := be16(data[6:]); inside == pppIPv4 || inside == pppIPv6 {
				return p.ip(data[n:], wire-n, 0)
			}
			return NotIP
		case typeNSH:
			if p.decap {
				if k, ok := p.nsh(data, wire); ok {
					return k
				}
			}
			return NotIP
		case typeVNTag:
			const n = 6 // the tag and the next EtherType
			if len(data) < n {
				return missing(wire, n)
			}
			kind, data, wire = be16(data[4:]), data[n:], wire-n
			continue
		case typePBB:
			const n = 18 // the service tag and an Ethernet header
			if len(data) < n {
				return missing(wire, n)
			}
			kind, data, wire = be16(data[16:]), data[n:], wire-n
			continue
		case typeFabric:
			const n = 16 // the tag and an Ethernet header
			if len(data) < n {
				return missing(wire, n)
			}
			kind, data, wire = be16(data[14:]), data[n:], wire-n
			continue
		case typeMACsec:
			const minLen, encrypted, changed, identified, check = 8, 0x08, 0x04, 0x20, 16
			if len(data) < minLen {
				return missing(wire, minLen)
			}
			n := minLen
			if data[0]&identified != 0 {
				n += 8
			}
			if data[0]&(encrypted|changed) != 0 {
				return NotIP
			}
			if len(data) < n {
				return missing(wire, n)
			}
			kind = be16(data[n-2:])
			data, wire = clip(data[n:], wire-n, wire-n-check)
			if wire < 0 {
				return Malformed
			}
			continue
		}
		if kind < minType {
			data, wire = clip(data, wire, int(kind))
			return p.llc(data, wire)
		}
		return NotIP
	}
}

// pseudowire decodes an Ethernet frame after MPLS labels, with or without a control word.
func (p *Packet) pseudowire(data []byte, wire int) Kind {
	const word = 4
	if len(data) > word && data[0]>>4 == 0 {
		if k, ok := p.enter(Pseudowire, 0, func() Kind { return p.etherFrame(data[word:], wire-word) }); ok {
			return k
		}
	}
	if k, ok := p.enter(Pseudowire, 0, func() Kind { return p.etherFrame(data, wire) }); ok {
		return k
	}
	return NotIP
}

// mpls skips the labels (RFC 3032). They do not say what follows; as in Wireshark, IP is recognized
// by its version.
func (p *Packet) mpls(data []byte, wire int) Kind {
	const n = 4
	for {
		if len(data) < n {
			return missing(wire, n)
		}
		bottom := data[2]&1 == 1
		data, wire = data[n:], wire-n
		if !bottom {
			continue
		}
		switch {
		case len(data) > 0 && (data[0]>>4 == 4 || data[0]>>4 == 6):
			return p.ip(data, wire, 0)
		case p.decap:
			return p.pseudowire(data, wire)
		}
		return NotIP
	}
}
