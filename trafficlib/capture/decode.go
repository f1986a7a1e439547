package capture

import (
	"encoding/binary"
	"net/netip"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// A verdict is what became of a frame.
type verdict int

const (
	good verdict = iota
	otherLink
	notIP
	notTCP
	fragment
	malformed // or cut short by the capture
)

// decoder decodes one frame at a time into layers that it keeps.
type decoder struct {
	eth      layers.Ethernet
	vlan     layers.Dot1Q
	cooked   layers.LinuxSLL
	cooked2  layers.LinuxSLL2
	loopback layers.Loopback
	ip4      layers.IPv4
	ip6      layers.IPv6
	skip     layers.IPv6ExtensionSkipper
}

// firstLayer gives the layer that frames of a link begin with. Raw IP tells the version in its first byte.
func firstLayer(link layers.LinkType, data []byte) (gopacket.LayerType, bool) {
	switch link {
	case layers.LinkTypeEthernet:
		return layers.LayerTypeEthernet, true
	case layers.LinkTypeLinuxSLL:
		return layers.LayerTypeLinuxSLL, true
	case layers.LinkTypeLinuxSLL2:
		return layers.LayerTypeLinuxSLL2, true
	case layers.LinkTypeNull, layers.LinkTypeLoop:
		return layers.LayerTypeLoopback, true
	case layers.LinkTypeIPv4:
		return layers.LayerTypeIPv4, true
	case layers.LinkTypeIPv6:
		return layers.LayerTypeIPv6, true
	case layers.LinkTypeRaw, 12, 14: // 12, on OpenBSD 14, is DLT_RAW, which some programs write in place of the link type
		if len(data) > 0 && data[0]>>4 == 6 {
			return layers.LayerTypeIPv6, true
		}
		return layers.LayerTypeIPv4, true
	}
	return 0, false
}

// frame follows the layers down to TCP. Each layer takes at least a byte of data, so it ends.
func (d *decoder) frame(p *Packet, link layers.LinkType, data []byte) verdict {
	next, ok := firstLayer(link, data)
	if !ok {
		return otherLink
	}
	var err error
	inside, length := false, 0 // whether an IP header was met, and the bytes behind it on the wire
	for {
		switch next {
		case layers.LayerTypeEthernet:
			err = d.eth.DecodeFromBytes(data, gopacket.NilDecodeFeedback)
			next, data = d.eth.NextLayerType(), d.eth.Payload
		case layers.LayerTypeDot1Q:
			err = d.vlan.DecodeFromBytes(data, gopacket.NilDecodeFeedback)
			next, data = d.vlan.NextLayerType(), d.vlan.Payload
		case layers.LayerTypeLinuxSLL:
			err = d.cooked.DecodeFromBytes(data, gopacket.NilDecodeFeedback)
			next, data = d.cooked.NextLayerType(), d.cooked.Payload
		case layers.LayerTypeLinuxSLL2:
			err = d.cooked2.DecodeFromBytes(data, gopacket.NilDecodeFeedback)
			next, data = d.cooked2.NextLayerType(), d.cooked2.Payload
		case layers.LayerTypeLoopback:
			err = d.loopback.DecodeFromBytes(data, gopacket.NilDecodeFeedback)
			next, data = d.loopback.NextLayerType(), d.loopback.Payload
		case layers.LayerTypeIPv4:
			inside = true
			if err = d.ip4.DecodeFromBytes(data, gopacket.NilDecodeFeedback); err != nil || d.ip4.Version != 4 {
				return malformed
			}
			if d.ip4.FragOffset != 0 {
				return fragment
			}
			p.Src, p.Dst = address(d.ip4.SrcIP), address(d.ip4.DstIP)
			length = int(d.ip4.Length) - len(d.ip4.Contents)
			next, data = d.ip4.Protocol.LayerType(), d.ip4.Payload // not NextLayerType: of a first fragment, too
		case layers.LayerTypeIPv6:
			inside = true
			err = d.ip6.DecodeFromBytes(data, gopacket.NilDecodeFeedback)
			// Without a length it is a segment that the network card cuts later, which gopacket refuses.
			offload := len(data) >= 40 && d.ip6.Length == 0 && d.ip6.NextHeader == layers.IPProtocolTCP
			if err != nil && !offload || d.ip6.Version != 6 {
				return malformed
			}
			err = nil
			p.Src, p.Dst = address(d.ip6.SrcIP), address(d.ip6.DstIP)
			next, data, length = d.ip6.NextLayerType(), d.ip6.Payload, int(d.ip6.Length)
			if h := d.ip6.HopByHop; h != nil { // the decoder has gone past it
				length -= h.ActualLength
			}
			if d.ip6.Length == 0 { // or a jumbogram
				length = len(data)
			}
		case layers.LayerTypeIPv6HopByHop, layers.LayerTypeIPv6Routing, layers.LayerTypeIPv6Destination:
			if !inside {
				return notIP
			}
			if err = d.skip.DecodeFromBytes(data, gopacket.NilDecodeFeedback); err != nil {
				return malformed
			}
			length -= len(d.skip.Contents)
			next, data = d.skip.NextHeader.LayerType(), d.skip.Payload
		case layers.LayerTypeIPv6Fragment:
			const header = 8 // RFC 8200 §4.5: next header, reserved, offset and flags, identification
			if len(data) < header {
				return malformed
			}
			if binary.BigEndian.Uint16(data[2:])>>3 != 0 {
				return fragment
			}
			next, data, length = layers.IPProtocol(data[0]).LayerType(), data[header:], length-header
		case layers.LayerTypeTCP:
			return tcp(p, data, length)
		default:
			if inside {
				return notTCP
			}
			return notIP
		}
		if err != nil {
			return malformed
		}
	}
}

// tcp reads the header itself, unlike gopacket's layer, so that one that the capture cut behind its flags serves, too.
func tcp(p *Packet, data []byte, length int) verdict {
	const least, whole = 14, 20
	if len(data) < least {
		return malformed
	}
	header := int(data[12]>>4) * 4
	if header < whole || header > length {
		return malformed
	}
	p.SrcPort, p.DstPort = binary.BigEndian.Uint16(data), binary.BigEndian.Uint16(data[2:])
	p.Flags = Flags(binary.BigEndian.Uint16(data[12:]) & 0xfff)
	p.Payload = length - header
	return good
}

func address(ip []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(ip)
	return a
}
