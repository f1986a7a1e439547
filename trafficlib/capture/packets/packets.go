// Package packets makes tables of the packets of captures.
//
// It takes captures, as capture.Open does, and gives a table with a row for each frame (Read), to look at, to cut and to keep
// as package table does. Nothing is left out: what a frame does not have is 0, or "" for an address. A table is held in
// memory, some 150 bytes for each frame; for captures that are larger than that package capture gives packet by packet.
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
	var c columns
	sink := progress.From(ctx)
	const every = 1 << 16
	for p := range r.Packets() {
		if len(c.number)%every == 0 {
			if err := ctx.Err(); err != nil {
				return Packets{}, fmt.Errorf("packets: stopped after %d frames: %w", len(c.number), err)
			}
			sink.Update(progress.Update{Task: "read", Unit: "byte", Done: r.Offset(), Total: r.Size()})
			c.grow(len(c.number), r.Offset(), r.Size())
		}
		c.add(p)
	}
	sink.Update(progress.Update{Task: "read", Unit: "byte", Done: r.Offset(), Total: r.Size(), Final: true})
	return Packets{c.table(), r.Report()}, nil
}

// columns gathers packets.
type columns struct {
	number                           []int64
	time                             []time.Time
	src, dst                         []string
	length, etherType, version       []int64
	ttl, protocol, srcPort, dstPort  []int64
	flags, seq, ack, window, payload []int64
	names                            map[netip.Addr]string // each address is kept once
	lastSrc, lastDst                 netip.Addr            // of the packet before, which the next often has, turned round
	lastSrcName, lastDstName         string
}

// numbers are the columns that are numbers.
func (c *columns) numbers() []*[]int64 {
	return []*[]int64{&c.number, &c.length, &c.etherType, &c.version, &c.ttl, &c.protocol, &c.srcPort, &c.dstPort, &c.flags, &c.seq, &c.ack, &c.window, &c.payload}
}

// grow makes room for as many frames as there seem to be, from n of them in done of size bytes: growing step by step would
// copy all columns again and again.
func (c *columns) grow(n int, done, size int64) {
	if n == 0 || size <= 0 || done <= 0 || cap(c.number) > n {
		return
	}
	const spare = 1.02
	more := int(float64(n)*float64(size-min(done, size))/float64(done)*spare) + 1024
	for _, column := range c.numbers() {
		*column = append(make([]int64, 0, n+more), *column...)
	}
	c.time = append(make([]time.Time, 0, n+more), c.time...)
	c.src, c.dst = append(make([]string, 0, n+more), c.src...), append(make([]string, 0, n+more), c.dst...)
}

func (c *columns) add(p *capture.Packet) {
	c.number = append(c.number, p.Number)
	c.time = append(c.time, p.Time())
	c.length = append(c.length, int64(p.Length))
	c.etherType = append(c.etherType, int64(p.EtherType))
	c.version = append(c.version, int64(p.IPVersion))
	c.ttl = append(c.ttl, int64(p.TTL))
	c.protocol = append(c.protocol, int64(p.Protocol))
	c.srcPort = append(c.srcPort, int64(p.SrcPort))
	c.dstPort = append(c.dstPort, int64(p.DstPort))
	c.flags = append(c.flags, int64(p.Flags))
	c.seq = append(c.seq, int64(p.Seq))
	c.ack = append(c.ack, int64(p.Ack))
	c.window = append(c.window, int64(p.Window))
	c.payload = append(c.payload, int64(p.Payload))
	src, dst := c.name(p.Src), c.name(p.Dst)
	c.lastSrc, c.lastDst, c.lastSrcName, c.lastDstName = p.Src, p.Dst, src, dst
	c.src, c.dst = append(c.src, src), append(c.dst, dst)
}

func (c *columns) name(a netip.Addr) string {
	switch {
	case !a.IsValid():
		return ""
	case a == c.lastSrc:
		return c.lastSrcName
	case a == c.lastDst:
		return c.lastDstName
	}
	s, ok := c.names[a]
	if !ok {
		if c.names == nil {
			c.names = map[netip.Addr]string{}
		}
		s = a.String()
		c.names[a] = s
	}
	return s
}

func (c *columns) table() *table.Table {
	return table.New(table.Col("number", c.number), table.Col("time", c.time), table.Col("length", c.length), table.Col("ether_type", c.etherType),
		table.Col("ip_version", c.version), table.Col("src", c.src), table.Col("dst", c.dst), table.Col("ttl", c.ttl), table.Col("protocol", c.protocol),
		table.Col("src_port", c.srcPort), table.Col("dst_port", c.dstPort), table.Col("tcp_flags", c.flags), table.Col("tcp_seq", c.seq),
		table.Col("tcp_ack", c.ack), table.Col("tcp_window", c.window), table.Col("payload", c.payload))
}
