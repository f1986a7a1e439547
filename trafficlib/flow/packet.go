package flow

import (
	"encoding/binary"
	"math"
	"net/netip"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// key is what a flow is found by, the same for both directions: the lower address and port first. It has no padding.
type key struct {
	low, high         [2]uint64
	lowPort, highPort uint16
	vlan, outer       uint16
	tunnel            uint32
	tunnelKind        uint16
	protocol, version uint8
}

// packet is what a flow needs of a packet, without pointers.
type packet struct {
	key
	turned  bool // sent by the higher one
	payload bool
	clipped bool // its time is not one that is kept
	flags   capture.Flags
	header  uint16
	file    int32
	window  int32 // -1 for none
	size    uint32
	data    uint32 // bytes of payload
	seq     uint32 // of TCP
	ack     uint32
	time    int64 // in units
	number  int64
	src     [6]byte
	dst     [6]byte
}

// Times are within 1933 and 2225, so that differences of them, and their sums, are numbers of 64 bits.
const (
	earliest = -1 << 60
	latest   = math.MaxInt64 + earliest
)

// set takes what is needed of a packet, and reports whether there may be a flow for it. The ports of a later fragment are not
// known yet.
func (q *packet) set(p *capture.Packet, l *limits) bool {
	switch {
	case p.IPVersion == 0:
		return false
	case p.Kind == capture.Decoded, p.Kind == capture.Fragment, p.Kind == capture.Short && p.Ports:
	default:
		return false
	}
	src, dst := words(p.Src), words(p.Dst)
	q.turned = dst[0] < src[0] || dst[0] == src[0] && (dst[1] < src[1] || dst[1] == src[1] && p.DstPort < p.SrcPort)
	q.low, q.high, q.lowPort, q.highPort = src, dst, p.SrcPort, p.DstPort
	if q.turned {
		q.low, q.high, q.lowPort, q.highPort = dst, src, p.DstPort, p.SrcPort
	}
	q.vlan, q.outer, q.protocol, q.version = vlan(p), outerVLAN(p), p.Protocol, p.IPVersion
	nanos := max(earliest, min(latest, p.Nanos))
	q.time, q.clipped = floor(nanos, l.unit), nanos != p.Nanos
	q.tunnelKind, q.tunnel = tunnel(p)
	q.number, q.file = p.Number, int32(p.File)
	q.data, q.payload = uint32(max(0, p.Payload)), p.Payload > 0
	q.header = uint16(p.Header)
	q.flags, q.window, q.seq, q.ack = 0, -1, 0, 0
	if p.TCP() {
		q.flags, q.window = p.Flags, int32(p.Window)
		q.seq, q.ack = p.Seq, p.Ack
	}
	switch l.Size {
	case Frame:
		q.size = uint32(p.Length)
	case IP:
		q.size = uint32(p.IPLength)
	case Transport:
		q.size = uint32(max(0, p.IPLength-p.IPHeader))
	case Payload:
		q.size = q.data
	}
	q.src, q.dst = [6]byte{}, [6]byte{}
	if p.Link == capture.Ethernet && len(p.Data) >= 12 {
		copy(q.dst[:], p.Data)
		copy(q.src[:], p.Data[6:])
	}
	return true
}

// vlan gives the identifier of the innermost tag that a packet tells.
func vlan(p *capture.Packet) uint16 {
	if p.VLANs == 0 {
		return 0
	}
	return p.VLAN[min(p.VLANs, len(p.VLAN))-1]
}

// outerVLAN returns the identifier of the outermost tag of a packet that has several.
func outerVLAN(p *capture.Packet) uint16 {
	if p.VLANs < 2 {
		return 0
	}
	return p.VLAN[0]
}

// tunnel returns what tells the flows in a tunnel from others: its kind, and its key where both directions have the same.
func tunnel(p *capture.Packet) (kind uint16, key uint32) {
	if p.Tunnel.Shared() {
		key = p.TunnelKey
	}
	return uint16(p.Tunnel), key
}

// words gives an address as two numbers; one of IPv4 is mapped.
func words(a netip.Addr) [2]uint64 {
	b := a.As16()
	return [2]uint64{binary.BigEndian.Uint64(b[:]), binary.BigEndian.Uint64(b[8:])}
}

func address(w [2]uint64, version uint8) netip.Addr {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], w[0])
	binary.BigEndian.PutUint64(b[8:], w[1])
	a := netip.AddrFrom16(b)
	if version == 4 {
		a = a.Unmap()
	}
	return a
}

// floor divides, towards the past.
func floor(nanos, unit int64) int64 {
	q := nanos / unit
	if nanos%unit < 0 {
		q--
	}
	return q
}

// hash spreads flows over shards. It is not the map's, so that shards do not fill the same places of their maps.
func (k *key) hash() uint64 {
	const odd = 0x9e3779b97f4a7c15
	h := k.low[0] ^ k.high[0]*odd
	h = (h ^ k.low[1]) * odd
	h = (h ^ h>>29 ^ k.high[1]) * odd
	h = (h ^ h>>32 ^ uint64(k.lowPort)<<32 ^ uint64(k.highPort)<<16 ^ uint64(k.vlan) ^ uint64(k.outer)<<24 ^ uint64(k.protocol)<<48 ^ uint64(k.tunnel)<<8 ^ uint64(k.tunnelKind)<<52) * odd
	return h ^ h>>31
}
