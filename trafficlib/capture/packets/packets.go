// Package packets makes tables of the packets of captures.
//
// It takes captures, as capture.Open does, and returns a table with a row for each frame, to show,
// select and save with package table. Fields that a frame does not have are 0, or "" for an
// address. A table is held in memory and takes about 120 bytes per frame; package capture reads
// larger captures packet by packet.
package packets

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// Columns are the columns of the table: the number of the frame in its capture, the time of capture
// (UTC), the bytes on the wire, the addresses, the time to live, the IANA number of the transport
// protocol, the ports, the TCP flags as a number (see capture.Flags), and the bytes of payload on
// the wire. Addresses are strings, the time is a time.Time, and all others are int64.
var Columns = []string{
	"number", "time", "length", "src", "dst", "ttl", "protocol", "src_port", "dst_port", "tcp_flags", "payload",
}

// Packets is a table of packets and the report of the capture reader.
type Packets struct {
	Table  *table.Table
	Report capture.Report
}

// Read reads captures. It reports its progress to the sink in ctx. When ctx is done it returns the
// error of ctx.
func Read(ctx context.Context, paths ...string) (Packets, error) {
	r, err := capture.Open(paths...)
	if err != nil {
		return Packets{}, err
	}
	defer r.Close()
	var c columns
	sink := progress.From(ctx)
	for p := range r.Packets() {
		if n := len(c.number); n%(1<<16) == 0 || n == cap(c.number) {
			if err := ctx.Err(); err != nil {
				return Packets{}, fmt.Errorf("packets: stopped after %d frames: %w", n, err)
			}
			sink.Update(progress.Update{Task: "read", Unit: "byte", Done: r.Offset(), Total: r.Size()})
			c.reserve(r.Offset(), r.Size())
		}
		c.add(p)
	}
	sink.Update(progress.Update{Task: "read", Unit: "byte", Done: r.Offset(), Total: r.Size(), Final: true})
	return Packets{c.table(), r.Report()}, nil
}

// columns collects the columns of packets.
type columns struct {
	number, length, ttl, protocol, srcPort, dstPort, flags, payload []int64
	time                                                            []time.Time
	src, dst                                                        []string

	names map[netip.Addr]string // one string for each address
	// The addresses of the last packet, which the next one often has too, or swapped.
	lastSrc, lastDst         netip.Addr
	lastSrcName, lastDstName string
}

// reserve grows the columns if they are full, to the estimated number of packets, from those in the
// first done of size bytes. Reserved memory that is never written costs nothing, while columns that
// grow step by step would be copied again and again.
func (c *columns) reserve(done, size int64) {
	const first, spare = 1 << 16, 1.3
	n := len(c.number)
	if n < cap(c.number) {
		return
	}
	room := max(first, 2*n)
	if done > 0 && size > done && n > 0 {
		room = max(room, int(float64(n)*float64(size)/float64(done)*spare))
	}
	for _, column := range []*[]int64{
		&c.number, &c.length, &c.ttl, &c.protocol, &c.srcPort, &c.dstPort, &c.flags, &c.payload,
	} {
		*column = append(make([]int64, 0, room), *column...)
	}
	c.time = append(make([]time.Time, 0, room), c.time...)
	c.src, c.dst = append(make([]string, 0, room), c.src...), append(make([]string, 0, room), c.dst...)
}

func (c *columns) add(p *capture.Packet) {
	c.number = append(c.number, p.Number)
	c.time = append(c.time, p.Time())
	c.length = append(c.length, int64(p.Length))
	c.ttl = append(c.ttl, int64(p.TTL))
	c.protocol = append(c.protocol, int64(p.Protocol))
	c.srcPort = append(c.srcPort, int64(p.SrcPort))
	c.dstPort = append(c.dstPort, int64(p.DstPort))
	c.flags = append(c.flags, int64(p.Flags))
	c.payload = append(c.payload, int64(p.Payload))
	src, dst := c.name(p.Src), c.name(p.Dst)
	c.lastSrc, c.lastDst, c.lastSrcName, c.lastDstName = p.Src, p.Dst, src, dst
	c.src, c.dst = append(c.src, src), append(c.dst, dst)
}

// name returns the text of an address, or "" if there is none.
func (c *columns) name(a netip.Addr) string {
	switch a {
	case c.lastDst:
		return c.lastDstName
	case c.lastSrc:
		return c.lastSrcName
	}
	s, ok := c.names[a]
	if !ok && a.IsValid() {
		if c.names == nil {
			c.names = map[netip.Addr]string{}
		}
		s = a.String()
		c.names[a] = s
	}
	return s
}

func (c *columns) table() *table.Table {
	return table.New(table.Col("number", c.number), table.Col("time", c.time), table.Col("length", c.length),
		table.Col("src", c.src),
		table.Col("dst", c.dst), table.Col("ttl", c.ttl), table.Col("protocol", c.protocol), table.Col("src_port",
			c.srcPort),
		table.Col("dst_port", c.dstPort), table.Col("tcp_flags", c.flags), table.Col("payload", c.payload))
}
