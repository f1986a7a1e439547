package capture

import (
	"encoding/binary"
	"math/bits"
)

const (
	cacheLine  = 64
	farSeconds = uint64(far / 1e9)
)

// scout looks ahead in a mapped pcap file whether frames stand in order, which they mostly do: then none has to wait. It
// costs a tenth of what putting each through a sorter costs.
type scout struct {
	file    *pcapFile // nil where there is nothing to look ahead in
	at      int       // the header that is next, in the map
	ahead   int       // frames from the place of reading to there
	last    uint64    // seconds and fraction of the frame before
	touched byte      // means nothing
	ended   bool      // the file ends there, or is damaged
}

// start begins at the place of reading.
func (c *scout) start(in *input, last int64) {
	c.at, c.ahead, c.ended = in.at, 0, false
	c.last = uint64(last/1e9)<<32 | uint64(last%1e9/c.file.scale)
}

// inOrder reports whether the next so many frames stand in order. Once they do it is a frame at a time: the processor
// waits for its header while the frame that is read is decoded.
func (c *scout) inOrder(in *input, frames int) bool {
	header := c.file.frame
	buf, at, last, big := in.buf, c.at, c.last, c.file.big
	for !c.ended && c.ahead < frames {
		if len(buf)-at < header {
			c.ended = true
			break
		}
		h := buf[at : at+header]
		seconds, fraction, kept := binary.LittleEndian.Uint32(h), binary.LittleEndian.Uint32(h[4:]), binary.LittleEndian.Uint32(h[8:])
		if big {
			seconds, fraction, kept = bits.ReverseBytes32(seconds), bits.ReverseBytes32(fraction), bits.ReverseBytes32(kept)
		}
		if kept > mostFrame {
			c.ended = true
			break
		}
		now := uint64(seconds)<<32 | uint64(fraction)
		if now-last > farSeconds<<32 && (now < last || last != 0) { // out of order, or a clock that may stray
			return false
		}
		last = now
		if at+header+cacheLine < len(buf) {
			c.touched += buf[at+header+cacheLine] // so that it is in the cache when the headers are decoded
		}
		at += header + int(kept)
		c.ahead++
	}
	c.at, c.last = at, last
	return true
}

// pass reads the next frame into a packet, where the scout has been and it is whole.
func (c *scout) pass(in *input, p *Packet) bool {
	header := c.file.frame
	buf, at := in.buf, in.at
	if len(buf)-at < header {
		return false
	}
	h := buf[at : at+header]
	seconds, fraction := binary.LittleEndian.Uint32(h), binary.LittleEndian.Uint32(h[4:])
	kept, length := binary.LittleEndian.Uint32(h[8:]), binary.LittleEndian.Uint32(h[12:])
	if c.file.big {
		seconds, fraction, kept, length = bits.ReverseBytes32(seconds), bits.ReverseBytes32(fraction), bits.ReverseBytes32(kept), bits.ReverseBytes32(length)
	}
	from, to := at+header, at+header+int(kept)
	if kept > mostFrame || to > len(buf) {
		return false
	}
	in.at = to
	c.ahead--
	p.Data = buf[from:to:to]
	p.Nanos = int64(seconds)*1e9 + int64(fraction)*c.file.scale
	p.Length, p.Link = int(length), c.file.link
	return true
}
