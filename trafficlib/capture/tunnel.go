package capture

// Tunnel is the kind of tunnel around a packet, with Options.Decapsulate.
type Tunnel uint8

// The tunnels, and none.
const (
	NoTunnel   Tunnel = iota
	GRE               // RFC 2784, 2890, and the variant of PPTP
	ERSPAN            // types I to III
	VXLAN             // RFC 7348, and its generic protocol extension
	Geneve            // RFC 8926
	GTPU              // 3GPP TS 29.281
	CAPWAP            // RFC 5415, unencrypted data
	L2TP              // RFC 2661, data messages
	Teredo            // RFC 4380
	Pseudowire        // Ethernet in MPLS, RFC 4448
	NSH               // RFC 8300
	TZSP              // TaZmen Sniffer Protocol
	IPinIP            // RFC 2003, 4213
)

// String returns the name of the tunnel.
func (t Tunnel) String() string {
	return [...]string{
		"", "GRE", "ERSPAN", "VXLAN", "Geneve", "GTP-U", "CAPWAP", "L2TP", "Teredo", "Ethernet in MPLS", "NSH", "TZSP",
		"IP in IP",
	}[t]
}

// Shared reports whether both directions of a tunnel have the same key, so that the key can
// distinguish flows. GTP-U and L2TP have a key for each direction.
func (t Tunnel) Shared() bool {
	switch t {
	case GRE, ERSPAN, VXLAN, Geneve, NSH:
		return true
	}
	return false
}

// enter decodes the content of a tunnel by calling inside. If it holds no IP packet that can be
// decoded, enter restores the outer packet and returns false.
func (p *Packet) enter(t Tunnel, key uint32, inside func() Kind) (k Kind, ok bool) {
	if p.tunnels == deepest {
		return 0, false
	}
	outside := *p
	p.tunnels++
	p.IPVersion, p.Ports, p.Options, p.Flags = 0, false, nil, 0
	p.Tunnel, p.TunnelKey = t, key
	k = inside()
	if p.IPVersion != 0 && (k == Decoded || k == Fragment || k == Short) {
		return k, true
	}
	*p = outside
	return 0, false
}

// etherFrame decodes an Ethernet frame inside of another protocol.
func (p *Packet) etherFrame(data []byte, wire int) Kind {
	const n = 14
	if len(data) < n {
		return missing(wire, n)
	}
	return p.ether(be16(data[12:]), data[n:], wire-n)
}

// UDP ports of tunnels, and EtherTypes inside and around them.
const (
	portL2TP    = 1701
	portGTPU    = 2152
	portTeredo  = 3544
	portVXLAN   = 4789
	portVXLAN0  = 8472 // of Linux, before IANA assigned one
	portGPE     = 4790
	portCAPWAP  = 5247
	portGeneve  = 6081
	portTZSP    = 37008
	bridging    = 0x6558 // the EtherType of Ethernet
	typeERSPAN2 = 0x88be
	typeERSPAN3 = 0x22eb
	typePPP     = 0x880b
	typeNSH     = 0x894f
)

// udpTunnel decodes the tunnel in a UDP datagram, if its ports are those of one.
func (p *Packet) udpTunnel() (Kind, bool) {
	data, wire := p.Body, p.Payload
	for _, port := range [2]uint16{p.DstPort, p.SrcPort} {
		switch port {
		case portVXLAN, portVXLAN0:
			return p.vxlan(data, wire)
		case portGPE:
			return p.vxlanGPE(data, wire)
		case portGeneve:
			return p.geneve(data, wire)
		case portGTPU:
			return p.gtpu(data, wire)
		case portCAPWAP:
			return p.capwap(data, wire)
		case portL2TP:
			return p.l2tp(data, wire)
		case portTeredo:
			return p.teredo(data, wire)
		case portTZSP:
			return p.tzsp(data, wire)
		}
	}
	return 0, false
}

// gre decodes a GRE packet.
func (p *Packet) gre(data []byte, wire int) (Kind, bool) {
	const checksum, routing, keyed, sequence, acks, version = 0x8000, 0x4000, 0x2000, 0x1000, 0x0080, 7
	if len(data) < 4 {
		return 0, false
	}
	flags, kind := be16(data), be16(data[2:])
	n, key := 4, uint32(0)
	if flags&(checksum|routing) != 0 {
		n += 4
	}
	if flags&keyed != 0 {
		if len(data) < n+4 {
			return 0, false
		}
		key = be32(data[n:])
		n += 4
	}
	if flags&sequence != 0 {
		n += 4
	}
	if flags&version == 1 { // PPTP: the key is a length and a call ID, which differs by direction
		key = 0
		if flags&acks != 0 {
			n += 4
		}
	}
	if flags&routing != 0 || flags&version > 1 || len(data) < n {
		return 0, false
	}
	data, wire = data[n:], wire-n
	switch kind {
	case bridging:
		return p.enter(GRE, key, func() Kind { return p.etherFrame(data, wire) })
	case typePPP:
		return p.enter(GRE, key, func() Kind { return p.ppp(data, wire) })
	case typeERSPAN2:
		if flags&sequence == 0 { // type I has no header
			return p.enter(ERSPAN, 0, func() Kind { return p.etherFrame(data, wire) })
		}
		return p.erspan(data, wire, 8)
	case typeERSPAN3:
		const subheader = 1 // the last bit of the header: 8 more bytes
		n := 12
		if len(data) >= n && data[11]&subheader != 0 {
			n += 8
		}
		return p.erspan(data, wire, n)
	}
	return p.enter(GRE, key, func() Kind { return p.ether(kind, data, wire) })
}

// erspan decodes a mirrored frame after a header of n bytes.
func (p *Packet) erspan(data []byte, wire, n int) (Kind, bool) {
	if len(data) < n {
		return 0, false
	}
	session := uint32(be16(data[2:]) & 0x3ff)
	return p.enter(ERSPAN, session, func() Kind { return p.etherFrame(data[n:], wire-n) })
}

func (p *Packet) vxlan(data []byte, wire int) (Kind, bool) {
	const n, valid = 8, 0x08
	if len(data) < n || data[0]&valid == 0 {
		return 0, false
	}
	return p.enter(VXLAN, be32(data[4:])>>8, func() Kind { return p.etherFrame(data[n:], wire-n) })
}

func (p *Packet) vxlanGPE(data []byte, wire int) (Kind, bool) {
	const n = 8
	if len(data) < n {
		return 0, false
	}
	return p.enter(VXLAN, be32(data[4:])>>8, func() Kind { return p.nextProtocol(data[3], data[n:], wire-n) })
}

// nextProtocol decodes the protocol with the given number of VXLAN-GPE and NSH.
func (p *Packet) nextProtocol(next uint8, data []byte, wire int) Kind {
	switch next {
	case 1, 2:
		return p.ip(data, wire, 0)
	case 3:
		return p.etherFrame(data, wire)
	case 4:
		if k, ok := p.nsh(data, wire); ok {
			return k
		}
	case 5:
		return p.mpls(data, wire)
	}
	return NotIP
}

func (p *Packet) geneve(data []byte, wire int) (Kind, bool) {
	const header = 8
	if len(data) < header || data[0]>>6 != 0 {
		return 0, false
	}
	n := header + int(data[0]&0x3f)*4
	if len(data) < n {
		return 0, false
	}
	kind := be16(data[2:])
	return p.enter(Geneve, be32(data[4:])>>8, func() Kind {
		if kind == bridging {
			return p.etherFrame(data[n:], wire-n)
		}
		return p.ether(kind, data[n:], wire-n)
	})
}

func (p *Packet) gtpu(data []byte, wire int) (Kind, bool) {
	const header, userData, more = 8, 255, 7
	if len(data) < header || data[0]>>4 != 3 || data[1] != userData {
		return 0, false
	}
	n := header
	if data[0]&more != 0 { // a sequence number and extension headers in units of four bytes
		n += 4
		for len(data) >= n && data[n-1] != 0 {
			if len(data) <= n || data[n] == 0 {
				return 0, false
			}
			n += int(data[n]) * 4
		}
	}
	if len(data) < n {
		return 0, false
	}
	return p.enter(GTPU, be32(data[4:]), func() Kind { return p.ip(data[n:], wire-n, 0) })
}

func (p *Packet) capwap(data []byte, wire int) (Kind, bool) {
	const minLen, native, fragmented = 8, 1, 0x80
	if len(data) < minLen || data[0] != 0 || data[3]&fragmented != 0 { // a preamble of 1 is DTLS
		return 0, false
	}
	n := int(data[1]>>3) * 4
	if n < minLen || len(data) < n {
		return 0, false
	}
	return p.enter(CAPWAP, 0, func() Kind {
		if data[2]&native != 0 {
			return p.wireless(data[n:], wire-n)
		}
		return p.etherFrame(data[n:], wire-n)
	})
}

func (p *Packet) l2tp(data []byte, wire int) (Kind, bool) {
	const control, length, sequence, offset = 0x8000, 0x4000, 0x0800, 0x0200
	if len(data) < 6 {
		return 0, false
	}
	flags := be16(data)
	if flags&control != 0 || flags&0xf != 2 {
		return 0, false
	}
	n := 2
	if flags&length != 0 {
		n += 2
	}
	if len(data) < n+4 {
		return 0, false
	}
	key := be32(data[n:]) // the tunnel and the session
	n += 4
	if flags&sequence != 0 {
		n += 4
	}
	if flags&offset != 0 {
		if len(data) < n+2 {
			return 0, false
		}
		n += 2 + int(be16(data[n:]))
	}
	if len(data) < n {
		return 0, false
	}
	return p.enter(L2TP, key, func() Kind { return p.ppp(data[n:], wire-n) })
}

func (p *Packet) teredo(data []byte, wire int) (Kind, bool) {
	for len(data) >= 4 && data[0] == 0 {
		n := 8 // an origin indication
		if data[1] == 1 {
			n = 13 + int(data[2]) + int(data[3]) // an authentication header with the lengths of its two parts
		}
		if len(data) < n {
			return 0, false
		}
		data, wire = data[n:], wire-n
	}
	if len(data) == 0 || data[0]>>4 != 6 {
		return 0, false
	}
	return p.enter(Teredo, 0, func() Kind { return p.ip(data, wire, 0) })
}

func (p *Packet) nsh(data []byte, wire int) (Kind, bool) {
	const minLen = 8
	if len(data) < minLen || data[0]>>6 != 0 {
		return 0, false
	}
	n, next := int(data[1]&0x3f)*4, data[3]
	if n < minLen || len(data) < n {
		return 0, false
	}
	return p.enter(NSH, be32(data[4:])>>8, func() Kind { return p.nextProtocol(next, data[n:], wire-n) })
}

func (p *Packet) tzsp(data []byte, wire int) (Kind, bool) {
	const header, pad, end = 4, 0, 1
	if len(data) < header || data[0] != 1 {
		return 0, false
	}
	kind, n := be16(data[2:]), header
	for {
		if len(data) <= n {
			return 0, false
		}
		tag := data[n]
		n++
		if tag == end {
			break
		}
		if tag == pad {
			continue
		}
		if len(data) <= n {
			return 0, false
		}
		n += 1 + int(data[n])
	}
	if len(data) < n {
		return 0, false
	}
	return p.enter(TZSP, 0, func() Kind {
		switch kind {
		case 1:
			return p.etherFrame(data[n:], wire-n)
		case 18:
			return p.wireless(data[n:], wire-n)
		}
		return NotIP
	})
}
