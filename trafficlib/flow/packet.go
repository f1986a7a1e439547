package flow

import (
	"encoding/binary"
	"math"
	"net/netip"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// A key identifies a flow, in both directions: the lower address and port come first. It has no
// padding.
type key struct {
	low, high         [2]uint64
	lowPort, highPort uint16
	vlan, outer       uint16
	tunnel            uint32
	tunnelKind        uint16
	protocol, version uint8
}

// A packet is what a flow needs of a capture.Packet, without pointers.
type packet struct {
	key
	turned  bool // sent by the higher address
	payload bool
	clipped bool // its time was out of range
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

// Times are from 1933 to 2225, so that their differences, and sums of these, fit into 64 bits.
const (
	earliest = -1 << 60
	latest   = math.MaxInt64 + earliest
)

// set copies what is needed of a packet, and reports whether it may have a flow. The ports of later
// fragments are not known here.
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

// vlan returns the ID of the innermost tag that a packet records.
func vlan(p *capture.Packet) uint16 {
	if p.VLANs == 0 {
		return 0
	}
	return p.VLAN[min(p.VLANs, len(p.VLAN))-1]
}

// outerVLAN returns the ID of the outermost tag of a packet that has several.
func outerVLAN(p *capture.Packet) uint16 {
	if p.VLANs < 2 {
		return 0
	}
	return p.VLAN[0]
}

// tunnel returns what distinguishes the flows in a tunnel: its kind, and its key if both
// directions have the same.
func tunnel(p *capture.Packet) (kind uint16, key uint32) {
	if p.Tunnel.Shared() {
		key = p.TunnelKey
	}
	return uint16(p.Tunnel), key
}

// words returns an address as two numbers; one of IPv4 is mapped to IPv6.
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

// floor divides, rounding down.
func floor(nanos, unit int64) int64 {
	q := nanos / unit
	if nanos%unit < 0 {
		q--
	}
	return q
}

// hash spreads flows over shards. It differs from the hash of maps, so that shards do not fill the
// same places of theirs.
func (k *key) hash() uint64 {
	const odd = 0x9e3779b97f4a7c15
	h := k.low[0] ^ k.high[0]*odd
	h = (h ^ k.low[1]) * odd
	h = (h ^ h>>29 ^ k.high[1]) * odd
	rest := uint64(k.lowPort)<<32 ^ uint64(k.highPort)<<16 ^ uint64(k.vlan) ^ uint64(k.outer)<<24 ^
		uint64(k.protocol)<<48 ^ uint64(k.tunnel)<<8 ^ uint64(k.tunnelKind)<<52
	h = (h ^ h>>32 ^ rest) * odd
	return h ^ h>>31
}
