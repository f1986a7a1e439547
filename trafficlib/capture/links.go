package capture

// ppi skips the header of PPI, which holds the number of the inner link.
func (p *Packet) ppi(data []byte, wire int) Kind {
	const minLen = 8
	if len(data) < minLen {
		return missing(wire, minLen)
	}
	n, inside := int(le16(data[2:])), Link(le32(data[4:]))
	if n < minLen || inside == PPI { // PPI in PPI would recurse without end
		return Malformed
	}
	if len(data) < n {
		return missing(wire, n)
	}
	return p.link(inside, data[n:], wire-n)
}

// nflog finds the packet among the fields of a message of Linux netfilter, whose numbers are in the
// byte order of the host.
func (p *Packet) nflog(data []byte, wire int) Kind {
	const header, field, payload = 4, 4, 9
	at := header
	for {
		if len(data) < at+field {
			return missing(wire, at+field)
		}
		length, kind := int(le16(data[at:])), le16(data[at+2:])
		if kind&0x7fff > 0xff || length > 0x2000 && length&0xff < field { // the other byte order
			length, kind = int(be16(data[at:])), be16(data[at+2:])
		}
		if length < field {
			return Malformed
		}
		if kind&0x7fff == payload {
			data, wire = clip(data, wire, at+length)
			return p.ip(data[min(at+field, len(data)):], wire-at-field, 0)
		}
		at += (length + 3) &^ 3
	}
}

// frameRelay decodes the content of a Q.922 frame, which an ISO number identifies (RFC 2427), or an
// EtherType in Cisco's format.
func (p *Packet) frameRelay(data []byte, wire int) Kind {
	const last, unnumbered, ip4, ip6, snap, minLen = 1, 3, 0xcc, 0x8e, 0x80, 4
	n := 0 // bytes of the address, whose last byte has its last bit set
	for n < len(data) && n < 4 && data[n]&last == 0 {
		n++
	}
	n++
	if len(data) < n+minLen {
		return missing(wire, n+minLen)
	}
	data, wire = data[n:], wire-n
	if data[0] != unnumbered {
		return p.ether(be16(data), data[2:], wire-2)
	}
	data, wire = data[1:], wire-1
	if data[0] == 0 { // padding
		data, wire = data[1:], wire-1
	}
	switch data[0] {
	case ip4, ip6:
		return p.ip(data[1:], wire-1, 0)
	case snap:
		const header = 6
		if len(data) < header {
			return missing(wire, header)
		}
		if kind := be16(data[4:]); kind >= minType {
			return p.ether(kind, data[header:], wire-header)
		}
	}
	return NotIP
}

// slip skips what BSD puts before a SLIP packet: the direction and the compressed header.
func (p *Packet) slip(data []byte, wire int) Kind {
	const n = 16
	if len(data) < n {
		return missing(wire, n)
	}
	return p.ip(data[n:], wire-n, 0)
}
