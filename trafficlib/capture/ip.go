package capture

import "net/netip"

// deepest is the maximum number of nested IP headers.
const deepest = 8

// ip decodes an IP packet of the version in its first bits.
func (p *Packet) ip(data []byte, wire, depth int) Kind {
	if len(data) == 0 {
		return missing(wire, 1)
	}
	switch data[0] >> 4 {
	case 4:
		return p.ip4(data, wire, depth)
	case 6:
		return p.ip6(data, wire, depth)
	}
	return Malformed
}

// ip4 decodes an IPv4 packet (RFC 791).
func (p *Packet) ip4(data []byte, wire, depth int) Kind {
	const minLen = 20
	if len(data) < minLen {
		return missing(wire, minLen)
	}
	header, total := int(data[0]&0xf)*4, int(be16(data[2:]))
	if total == 0 { // a segment captured before the network card split it
		total = wire
	}
	if header < minLen || total < header {
		return Malformed
	}
	// What follows is padding. As in Wireshark, a total length beyond the frame is cut to it.
	total = min(total, wire)
	data = data[:min(len(data), total)]
	flags := be16(data[6:])
	p.IPVersion = 4
	p.TOS, p.TTL, p.Protocol = data[1], data[8], data[9]
	p.ID = uint32(be16(data[4:]))
	p.DontFrag, p.MoreFrag, p.FragOffset = flags&0x4000 != 0, flags&0x2000 != 0, int(flags&0x1fff)*8
	p.Src, p.Dst = netip.AddrFrom4([4]byte(data[12:16])), netip.AddrFrom4([4]byte(data[16:20]))
	p.IPHeader, p.IPLength = min(header, total), total
	if len(data) < header {
		return missing(total, header)
	}
	if p.FragOffset > 0 {
		p.payload(data[header:], total-header)
		return Fragment
	}
	return p.transport(data[header:], total-header, depth)
}

// Numbers of IPv6 extension headers (RFC 8200 §4.1) and of the IP protocols that are decoded
// further.
const (
	hopByHop    = 0
	ipInIP      = 4
	ip6InIP     = 41
	routing     = 43
	greProtocol = 47
	fragment    = 44
	authentic   = 51
	destination = 60
	mobility    = 135
	hostID      = 139
	shim6       = 140
)

// ip6 decodes an IPv6 packet with its extension headers (RFC 8200).
func (p *Packet) ip6(data []byte, wire, depth int) Kind {
	const header = 40
	if len(data) < header {
		return missing(wire, header)
	}
	total := header + int(be16(data[4:]))
	if total == header { // empty, a jumbogram, or a segment captured before the network card split it
		total = wire
	}
	total = min(total, wire)
	data = data[:min(len(data), total)]
	p.IPVersion = 6
	p.TOS, p.TTL, p.Protocol = data[0]<<4|data[1]>>4, data[7], data[6]
	p.Src, p.Dst = netip.AddrFrom16([16]byte(data[8:24])), netip.AddrFrom16([16]byte(data[24:40]))
	p.ID, p.DontFrag, p.MoreFrag, p.FragOffset = 0, false, false, 0
	p.IPHeader, p.IPLength = header, total
	data, wire = data[header:], total-header
	for {
		n := 8
		switch p.Protocol {
		case hopByHop, routing, destination, mobility, hostID, shim6:
			if len(data) >= 2 {
				n += int(data[1]) * 8
			}
		case fragment:
		default:
			return p.transport(data, wire, depth)
		}
		if len(data) < n {
			return missing(wire, n)
		}
		if p.Protocol == fragment {
			offset := be16(data[2:])
			p.ID, p.MoreFrag, p.FragOffset = be32(data[4:]), offset&1 != 0, int(offset&^7)
		}
		p.Protocol = data[0]
		data, wire = data[n:], wire-n
		p.IPHeader += n
		if p.FragOffset > 0 {
			p.payload(data, wire)
			return Fragment
		}
	}
}

// payload sets the payload, which is what follows the headers.
func (p *Packet) payload(data []byte, wire int) {
	p.Payload, p.Body = wire, data[:min(len(data), wire)]
}
