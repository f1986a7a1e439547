// Package packets makes tables of the packets of captures.
//
// It takes captures, as capture.Open does, and gives a table with a row for each frame (Read), to look at, to cut and to keep
// as package table does. Nothing is left out: what a frame does not have is 0, or "" for an address. A table is held in
// memory, some 180 bytes for each frame; for captures that are larger than that package capture gives packet by packet.
package packets

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/internal/progress"
	"github.com/trafficlab/trafficlab/trafficlib/table"
)

// Columns are the columns of Read: the number of the frame in its capture, the time of capture (UTC), bytes on the wire,
// the EtherType, the IP version, addresses, the time to live, IANA's number of the transport protocol, ports, TCP's flags as
// a number (see capture.Flags), its sequence and acknowledgement numbers and window as in the header, and the bytes of
// payload on the wire. Addresses are text, time is a time, and all others are int64.
var Columns = []string{"number", "time", "length", "ether_type", "ip_version", "src", "dst", "ttl", "protocol", "src_port", "dst_port",
	"tcp_flags", "tcp_seq", "tcp_ack", "tcp_window", "payload"}

// Packets is a table of packets, and what the capture reader says of them.
type Packets struct {
	Table  *table.Table
	Report capture.Report
}

// Read reads captures. Progress goes to the sink in ctx, and when ctx is done Read stops with its error.
func Read(ctx context.Context, paths ...string) (Packets, error) {
	r, err := capture.Open(paths...)
	if err != nil {
		return Packets{}, err
	}
	defer r.Close()
	var g gathered
	sink := progress.From(ctx)
	for p := range r.Packets() {
		if g.last == chunk || g.chunks == nil {
			if err := ctx.Err(); err != nil {
				return Packets{}, fmt.Errorf("packets: stopped after %d frames: %w", g.rows(), err)
			}
			sink.Update(progress.Update{Task: "read", Unit: "byte", Done: r.Offset(), Total: r.Size()})
			g.chunks, g.last = append(g.chunks, new([chunk]record)), 0
		}
		g.add(p)
	}
	sink.Update(progress.Update{Task: "read", Unit: "byte", Done: r.Offset(), Total: r.Size(), Final: true})
	return Packets{g.table(), r.Report()}, nil
}

// chunk is how many packets are gathered in a piece.
const chunk = 1 << 14

// record is a packet as it is gathered: a third of its row's size and without pointers, in pieces that stay where they are,
// since how many there will be is not known. Columns that grow would be copied again and again.
type record struct {
	number, nanos                       int64
	length, payload, seq, ack           uint32
	src, dst                            uint32 // in names
	etherType, srcPort, dstPort, window uint16
	flags                               capture.Flags
	version, ttl, protocol              uint8
}

// gathered is the packets so far.
type gathered struct {
	chunks []*[chunk]record
	last   int // records of the last chunk
	names  []string
	of     map[netip.Addr]uint32

	// The addresses of the packet before, which the next often has too, turned round.
	src, dst         netip.Addr
	srcName, dstName uint32
}

func (g *gathered) rows() int { return max(0, len(g.chunks)-1)*chunk + g.last }

func (g *gathered) add(p *capture.Packet) {
	src, dst := g.name(p.Src), g.name(p.Dst)
	g.src, g.dst, g.srcName, g.dstName = p.Src, p.Dst, src, dst
	g.chunks[len(g.chunks)-1][g.last] = record{number: p.Number, nanos: p.Nanos, length: uint32(p.Length), payload: uint32(p.Payload), seq: p.Seq, ack: p.Ack,
		src: src, dst: dst, etherType: p.EtherType, srcPort: p.SrcPort, dstPort: p.DstPort, window: p.Window, flags: p.Flags,
		version: p.IPVersion, ttl: p.TTL, protocol: p.Protocol}
	g.last++
}

// name gives the number of an address, of which the text is kept once.
func (g *gathered) name(a netip.Addr) uint32 {
	switch a {
	case g.dst:
		return g.dstName
	case g.src:
		return g.srcName
	}
	n, ok := g.of[a]
	if !ok {
		if g.of == nil {
			g.of, g.names = map[netip.Addr]uint32{{}: 0}, []string{""}
			if !a.IsValid() {
				return 0
			}
		}
		n = uint32(len(g.names))
		g.of[a] = n
		g.names = append(g.names, a.String())
	}
	return n
}

// column makes a column of the records.
func column[T any](g *gathered, of func(*record) T) []T {
	values := make([]T, g.rows())
	rest := values
	for _, c := range g.chunks {
		n := min(chunk, len(rest))
		for i := range n {
			rest[i] = of(&c[i])
		}
		rest = rest[n:]
	}
	return values
}

func (g *gathered) table() *table.Table {
	number := func(name string, of func(*record) int64) table.Column { return table.Col(name, column(g, of)) }
	text := func(name string, of func(*record) uint32) table.Column {
		return table.Col(name, column(g, func(r *record) string {
			if n := of(r); n > 0 {
				return g.names[n]
			}
			return ""
		}))
	}
	return table.New(
		number("number", func(r *record) int64 { return r.number }),
		table.Col("time", column(g, func(r *record) time.Time { return time.Unix(0, r.nanos).UTC() })),
		number("length", func(r *record) int64 { return int64(r.length) }),
		number("ether_type", func(r *record) int64 { return int64(r.etherType) }),
		number("ip_version", func(r *record) int64 { return int64(r.version) }),
		text("src", func(r *record) uint32 { return r.src }),
		text("dst", func(r *record) uint32 { return r.dst }),
		number("ttl", func(r *record) int64 { return int64(r.ttl) }),
		number("protocol", func(r *record) int64 { return int64(r.protocol) }),
		number("src_port", func(r *record) int64 { return int64(r.srcPort) }),
		number("dst_port", func(r *record) int64 { return int64(r.dstPort) }),
		number("tcp_flags", func(r *record) int64 { return int64(r.flags) }),
		number("tcp_seq", func(r *record) int64 { return int64(r.seq) }),
		number("tcp_ack", func(r *record) int64 { return int64(r.ack) }),
		number("tcp_window", func(r *record) int64 { return int64(r.window) }),
		number("payload", func(r *record) int64 { return int64(r.payload) }))
}
