package capture

import "net/netip"

// common decodes the most common kind of frame, TCP over IPv4 without options over Ethernet. It
// sets what the functions for each layer would set, in one pass, which takes a quarter less time.
// It reports whether the frame is of that kind; if not, it changes nothing.
func (p *Packet) common(data []byte, wire int) bool {
	const link, ip, minLen = 14, 20, 14 + 20 + 20
	const versionIHL, fragmented = 0x45, 0x3fff
	if len(data) < minLen || data[12] != typeIPv4>>8 || data[13] != typeIPv4&0xff || data[14] != versionIHL ||
		data[23] != TCP || be16(data[20:])&fragmented != 0 {
		return false
	}
	total, header := int(be16(data[16:])), int(data[46]>>4)*4
	if total > wire-link || header < 20 || ip+header > total || link+ip+header > len(data) {
		return false
	}
	end := min(len(data), link+total)
	h := data[link:minLen]
	p.EtherType, p.IPVersion, p.Protocol = typeIPv4, 4, TCP
	p.TOS, p.ID, p.DontFrag, p.TTL = h[1], uint32(be16(h[4:])), h[6]&0x40 != 0, h[8]
	p.Src, p.Dst = netip.AddrFrom4([4]byte(h[12:16])), netip.AddrFrom4([4]byte(h[16:20]))
	p.IPHeader, p.IPLength = ip, total
	p.Ports = true
	p.SrcPort, p.DstPort, p.Seq, p.Ack = be16(h[20:]), be16(h[22:]), be32(h[24:]), be32(h[28:])
	p.Flags, p.Window, p.Header = Flags(be16(h[32:])&0xfff), be16(h[34:]), header
	if header > 20 {
		p.Options = data[minLen : link+ip+header]
	}
	p.Payload, p.Body = total-ip-header, data[link+ip+header:end]
	return true
}
