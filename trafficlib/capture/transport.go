package capture

// transport decodes the header of the protocol p.Protocol. It decodes IP in IP too, and skips an
// authentication header.
func (p *Packet) transport(data []byte, wire, depth int) Kind {
	switch p.Protocol {
	case ipInIP, ip6InIP:
		if p.decap {
			if k, ok := p.enter(IPinIP, 0, func() Kind { return p.ip(data, wire, depth+1) }); ok {
				return k
			}
		} else if depth < deepest {
			return p.ip(data, wire, depth+1)
		}
	case greProtocol:
		if p.decap {
			if k, ok := p.gre(data, wire); ok {
				return k
			}
		}
	case authentic:
		const minLen = 12 // RFC 4302 §2: the length is in words of four bytes, minus 2
		n := minLen
		if len(data) >= 2 {
			n = (int(data[1]) + 2) * 4
		}
		if n < minLen {
			return Malformed
		}
		if len(data) < n {
			return missing(wire, n)
		}
		p.IPHeader += n
		p.Protocol = data[0]
		if p.Protocol == authentic { // no recursion: one is enough
			break
		}
		return p.transport(data[n:], wire-n, depth)
	case TCP:
		return p.tcp(data, wire)
	case UDP, UDPLite:
		k := p.udp(data, wire)
		if p.decap && k == Decoded {
			if inside, ok := p.udpTunnel(); ok {
				return inside
			}
		}
		return k
	case SCTP:
		return p.ports(data, wire, 12)
	case DCCP:
		return p.ports(data, wire, 12)
	case ICMP, ICMPv6:
		const n = 4
		p.Ports = true
		if len(data) < n {
			return p.missingRest(wire, n)
		}
		p.ICMPType, p.ICMPCode = data[0], data[1]
		p.Header = min(8, wire)
		p.payload(data[min(p.Header, len(data)):], wire-p.Header)
		return Decoded
	}
	p.Ports = true
	p.payload(data, wire)
	return Decoded
}

// missingRest returns why a header of n bytes is incomplete, as missing does. The rest of a header
// in a first fragment is in a later one.
func (p *Packet) missingRest(wire, n int) Kind {
	if p.MoreFrag {
		return Short
	}
	return missing(wire, n)
}

// twoPorts sets the ports, with which a header begins.
func (p *Packet) twoPorts(data []byte) {
	if len(data) >= 4 {
		p.SrcPort, p.DstPort, p.Ports = be16(data), be16(data[2:]), true
	}
}

// tcp decodes a TCP header (RFC 9293). It may be truncated after the flags.
func (p *Packet) tcp(data []byte, wire int) Kind {
	const minLen, whole = 14, 20
	p.twoPorts(data)
	if len(data) < minLen {
		return p.missingRest(wire, minLen)
	}
	p.Seq, p.Ack = be32(data[4:]), be32(data[8:])
	p.Flags = Flags(be16(data[12:]) & 0xfff)
	header := int(data[12]>>4) * 4
	switch {
	case header < whole:
		return Malformed
	case header > wire:
		return p.missingRest(0, header)
	}
	p.Header = header
	if len(data) >= 16 {
		p.Window = be16(data[14:])
	}
	end := min(header, len(data))
	if end > whole {
		p.Options = data[whole:end]
	}
	p.payload(data[end:], wire-header)
	return Decoded
}

// udp decodes a UDP header (RFC 768). In UDP-Lite the length field is the checksum coverage, which
// does not matter here.
func (p *Packet) udp(data []byte, wire int) Kind {
	const n = 8
	p.twoPorts(data)
	if len(data) < n {
		return p.missingRest(wire, n)
	}
	length := int(be16(data[4:]))
	switch {
	case length == 0 || p.Protocol == UDPLite || p.MoreFrag: // a jumbogram, or the rest is in later fragments
		length = wire
	case length < n:
		return Malformed
	}
	p.Header = n
	p.payload(data[n:], min(length, wire)-n)
	return Decoded
}

// ports sets the ports and skips a header of n bytes.
func (p *Packet) ports(data []byte, wire, n int) Kind {
	p.twoPorts(data)
	if len(data) < n {
		return p.missingRest(wire, n)
	}
	p.Header = n
	p.payload(data[n:], wire-n)
	return Decoded
}
