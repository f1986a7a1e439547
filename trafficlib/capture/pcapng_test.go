package capture

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// blocks builds a pcapng file.
type blocks struct {
	bytes.Buffer
	order binary.AppendByteOrder
}

func (b *blocks) block(kind uint32, body []byte) {
	body = append(slices.Clone(body), make([]byte, -len(body)&3)...)
	n := uint32(12 + len(body))
	out := b.order.AppendUint32(nil, kind)
	out = b.order.AppendUint32(out, n)
	out = append(out, body...)
	b.Write(b.order.AppendUint32(out, n))
}

func (b *blocks) section() {
	body := b.order.AppendUint32(nil, 0x1a2b3c4d)
	body = b.order.AppendUint16(body, 1)
	body = b.order.AppendUint16(body, 0)
	b.block(blockSection, append(body, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))
}

func (b *blocks) netInterface(link Link, snap uint32, options ...byte) {
	body := b.order.AppendUint16(nil, uint16(link))
	body = b.order.AppendUint16(body, 0)
	b.block(blockInterface, append(b.order.AppendUint32(body, snap), options...))
}

// option returns an option with its padding.
func (b *blocks) option(code uint16, value ...byte) []byte {
	o := b.order.AppendUint16(nil, code)
	o = b.order.AppendUint16(o, uint16(len(value)))
	return append(append(o, value...), make([]byte, -len(value)&3)...)
}

func (b *blocks) packet(kind, number uint32, ticks uint64, length int, data []byte) {
	var body []byte
	if kind == blockOldPacket {
		body = b.order.AppendUint16(body, uint16(number))
		body = b.order.AppendUint16(body, 77) // dropped
	} else {
		body = b.order.AppendUint32(body, number)
	}
	for _, v := range []uint32{uint32(ticks >> 32), uint32(ticks), uint32(len(data)), uint32(length)} {
		body = b.order.AppendUint32(body, v)
	}
	body = append(body, data...)
	body = append(body, make([]byte, -len(data)&3)...)
	b.block(kind, append(body, b.option(1, []byte("a comment")...)...))
}

// TestBlocks reads sections of both byte orders, interfaces with different links, resolutions and
// offsets, and all three kinds of packet blocks.
func TestBlocks(t *testing.T) {
	f := frame(t, ether, ip4(nil), syn)
	var b blocks
	b.order = binary.BigEndian
	b.section()
	b.block(4, []byte("names"))
	b.netInterface(Ethernet, 0, b.option(9, 9)...) // nanoseconds
	name, ticks, offset := b.option(2, []byte("eth0")...), b.option(9, 0x8a), b.option(14, 0, 0, 0, 0, 0, 0, 1, 0)
	b.netInterface(Raw, 0, slices.Concat(name, ticks, offset)...) // 2^-10 s, from 256 s on
	b.netInterface(147, 0)
	b.packet(blockPacket, 0, 5_000_000_123, len(f), f)
	b.packet(blockPacket, 1, 3<<10|512, len(f), f[14:])
	b.packet(blockPacket, 2, 300_000_000, len(f), f)
	b.packet(blockOldPacket, 0, 6_000_000_000, len(f)+5, f)
	b.order = binary.LittleEndian
	b.section()
	b.netInterface(Ethernet, 64)
	b.block(blockSimple, append(b.order.AppendUint32(nil, uint32(len(f))), f[:min(64, len(f))]...))
	b.packet(blockPacket, 0, 7_000_001, len(f), f)
	got, report, err := all(b.Bytes())
	if err != nil || report.Damage != "" {
		t.Fatal(err, report)
	}
	var nanos []int64
	for _, p := range got {
		nanos = append(nanos, p.Nanos)
	}
	if want := []int64{5_000_000_123, 259_500_000_000, 300_000_000_000, 6_000_000_000, 6_000_000_000,
		7_000_001_000}; !slices.Equal(nanos, want) {
		t.Errorf("times %v, want %v", nanos, want)
	}
	if s := report.String(); s != "6 frames: 5 TCP, 1 on an unsupported link; 2 cut short by the capture; 1 "+
		"without a time; 1 out of order, 1 of them left there" {
		t.Error(s)
	}
	if !got[4].Untimed || got[4].SrcPort != 1754 || got[1].Link != Raw || got[1].SrcPort != 1754 {
		t.Errorf("%+v", got[4])
	}
}

// TestBadBlocks checks that contradictory blocks end the file there, with the reason.
func TestBadBlocks(t *testing.T) {
	f := frame(t, ether, ip4(nil), syn)
	for want, build := range map[string]func(*blocks){
		"a packet of interface 3, but there are 1": func(b *blocks) { b.packet(blockPacket, 3, 0, 1, f) },
		"a packet block of 16 bytes":               func(b *blocks) { b.block(blockPacket, make([]byte, 4)) },
		"an interface block of 16 bytes":           func(b *blocks) { b.block(blockInterface, make([]byte, 4)) },
		"a block of 7 bytes: want a multiple of 4": func(b *blocks) {
			b.Write([]byte{9, 0, 0, 0, 7, 0, 0, 0, 1, 1, 1,
				1})
		},
		"a block begins with the length 12 and ends with 13": func(b *blocks) {
			b.Write([]byte{9, 0, 0, 0, 12, 0, 0, 0,
				13, 0, 0, 0})
		},
		"a frame of 2 bytes in a block with room for 0": func(b *blocks) { b.block(blockSimple, []byte{2, 0, 0, 0}) },
		"the file is truncated": func(b *blocks) {
			b.Write([]byte{9, 0, 0, 0, 200, 0, 0, 0, 1,
				1})
		},
		"the header of a pcapng section: version 7, want 1": func(b *blocks) {
			b.Write([]byte{10, 13, 13, 10, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 7, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8})
		},
	} {
		b := blocks{order: binary.LittleEndian}
		b.section()
		b.netInterface(Ethernet, 0)
		b.packet(blockPacket, 0, 1, len(f), f)
		build(&b)
		got, report, err := all(b.Bytes())
		if err != nil || len(got) != 1 || !strings.HasPrefix(report.Damage, "after frame 1: "+want) {
			t.Errorf("%d frames, %q, %v, want %q", len(got), report.Damage, err, want)
		}
	}
}

func TestResolutions(t *testing.T) {
	for _, c := range []struct {
		ticks resolution
		n     uint64
		want  int64
		ok    bool
	}{
		{0, 12, 12e9, true}, {6, 1_500_000, 1_500_000_000, true}, {9, 7, 7, true}, {12, 1_000_000_000_999, 1e9, true},
		{3, 1 << 62, 0, false}, {20, 1 << 63, 92_233_720, true}, {127, 1 << 63, 0, true}, {0x80, 5, 5e9,
			true}, {0x80 | 32, 3<<31 | 1, 1_500_000_000, true},
		{0x80 | 63, 1 << 62, 500_000_000, true}, {0x80 | 64, 1 << 63, 500_000_000, true}, {0x80 | 127, 1 << 63, 0,
			true}, {0x81, 3, 1_500_000_000, true},
	} {
		i := netInterface{ticks: c.ticks}
		if got, ok := i.nanos(c.n); got != c.want || ok != c.ok {
			t.Errorf("%d ticks of %#x: %d, %v, want %d, %v", c.n, uint8(c.ticks), got, ok, c.want, c.ok)
		}
	}
}
