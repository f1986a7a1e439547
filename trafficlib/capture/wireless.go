package capture

// wireless decodes an unencrypted 802.11 data frame.
func (p *Packet) wireless(data []byte, wire int) Kind {
	const minLen = 24
	if len(data) < minLen {
		return missing(wire, minLen)
	}
	const data80211, null, qos, both, protected, order = 2, 0x4, 0x8, 3, 0x40, 0x80
	kind, subtype, flags := data[0]>>2&3, data[0]>>4, data[1]
	if kind != data80211 || subtype&null != 0 || flags&protected != 0 {
		return NotIP
	}
	n := minLen
	if flags&both == both { // between access points, with a fourth address
		n += 6
	}
	if subtype&qos != 0 {
		const aggregate = 0x80
		if len(data) > n && data[n]&aggregate != 0 { // an aggregate of several frames
			return NotIP
		}
		n += 2
		if flags&order != 0 {
			n += 4
		}
	}
	if len(data) < n {
		return missing(wire, n)
	}
	return p.llc(data[n:], wire-n)
}

// radiotap skips the radiotap header and decodes the frame. Some receivers keep the checksum of the
// frame, which the header says.
func (p *Packet) radiotap(data []byte, wire int) Kind {
	const minLen = 8
	if len(data) < minLen {
		return missing(wire, minLen)
	}
	n := int(le16(data[2:]))
	if n < minLen {
		return Malformed
	}
	if len(data) < n {
		return missing(wire, n)
	}
	const flagsField, tsft, extended, checksum = 2, 1, 1 << 31, 0x10
	present, at := le32(data[4:]), minLen
	for more := present; more&extended != 0 && at+4 <= n; at += 4 {
		more = le32(data[at:])
	}
	if present&tsft != 0 {
		at = (at+7)&^7 + 8
	}
	fcs := 0
	if present&flagsField != 0 && at < n && data[at]&checksum != 0 {
		fcs = 4
	}
	data, wire = clip(data[n:], wire-n, wire-n-fcs)
	return p.wireless(data, wire)
}

// llc decodes what follows an 802.2 header: SNAP, or IP with its own number.
func (p *Packet) llc(data []byte, wire int) Kind {
	const snap, ip, unnumbered = 0xaa, 0x06, 3
	if len(data) < 3 {
		return missing(wire, 3)
	}
	if data[2] != unnumbered {
		return NotIP
	}
	switch {
	case data[0] == ip && data[1] == ip:
		p.EtherType = typeIPv4
		return p.ip(data[3:], wire-3, 0)
	case data[0] == snap && data[1] == snap:
		const n = 8
		if len(data) < n {
			return missing(wire, n)
		}
		// The organization is 0 for EtherTypes, or that of 802.1H bridges.
		if data[3] == 0 && data[4] == 0 && (data[5] == 0 || data[5] == 0xf8) {
			if kind := be16(data[6:]); kind >= minType { // a length would recurse without end
				return p.ether(kind, data[n:], wire-n)
			}
		}
	}
	return NotIP
}

func le16(b []byte) uint16 { return uint16(b[1])<<8 | uint16(b[0]) }

func le32(b []byte) uint32 {
	return uint32(b[3])<<24 | uint32(b[2])<<16 | uint32(b[1])<<8 | uint32(b[0])
}
