package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// A format reads the frames of a kind of file. next sets all fields of f but the number, and the
// time of an untimed frame. At the end of the file it returns io.EOF.
type format interface {
	next(in *input, f *rawFrame) error
}

// maxFrame is the size limit of a frame, which is that of Wireshark.
const maxFrame = 1 << 18

// errCut reports that a file ends in the middle of something.
var errCut = errors.New("the file is truncated")

// cut returns errCut, or the error that ended the stream.
func (in *input) cut() error {
	if err := in.ended(); err != nil && !isEOF(err) {
		return err
	}
	return errCut
}

// pcapFile is the classic format: a file header of 24 bytes, and a header of 16 bytes before each
// frame.
type pcapFile struct {
	big   bool  // byte order
	scale int64 // nanoseconds per unit of the fractional part of a time
	frame int   // size of the header of a frame
	link  Link
}

// The magic numbers of pcap, as big-endian numbers.
const (
	pcapBigMicro    = 0xa1b2c3d4
	pcapBigMore     = 0xa1b2cd34 // of a patched libpcap, with headers of 24 bytes
	pcapLittleMore  = 0x34cdb2a1
	pcapLittleMicro = 0xd4c3b2a1
	pcapBigNano     = 0xa1b23c4d
	pcapLittleNano  = 0x4d3cb2a1
)

func openPcap(in *input) (*pcapFile, error) {
	const header = 24
	if !in.have(header) {
		return nil, fmt.Errorf("the header of a pcap file: %w", in.cut())
	}
	h := in.buf[in.at : in.at+header]
	in.at += header
	f := &pcapFile{scale: 1000, frame: 16}
	switch magic := binary.BigEndian.Uint32(h); magic {
	case pcapBigNano, pcapLittleNano:
		f.scale = 1
		f.big = magic == pcapBigNano
	case pcapBigMore, pcapLittleMore:
		f.frame += 8
		f.big = magic == pcapBigMore
	default:
		f.big = magic == pcapBigMicro
	}
	var order binary.ByteOrder = binary.LittleEndian
	if f.big {
		order = binary.BigEndian
	}
	if major := order.Uint16(h[4:]); major != 2 {
		return nil, fmt.Errorf("the header of a pcap file: version %d.%d, want 2", major, order.Uint16(h[6:]))
	}
	// The upper half holds flags that say whether frames end in a checksum, which does no harm.
	f.link = Link(order.Uint32(h[20:]))
	if !f.link.read() {
		name := fmt.Sprintf("link type %d", uint16(f.link))
		if known, ok := linkNames[f.link]; ok {
			name += " (" + known + ")"
		}
		return nil, fmt.Errorf("unsupported %s: want Ethernet, 802.11, Linux cooked, raw IP, loopback, PPP or "+
			"Cisco HDLC", name)
	}
	return f, nil
}

func errTooLong(n uint32) error {
	return fmt.Errorf("a frame of %d bytes: at most %d are accepted", n, maxFrame)
}

func (f *pcapFile) next(in *input, p *rawFrame) error {
	header := f.frame
	if !in.have(header) {
		if in.left() {
			return in.cut()
		}
		return in.ended()
	}
	h := in.buf[in.at : in.at+header]
	seconds, fraction := binary.LittleEndian.Uint32(h), binary.LittleEndian.Uint32(h[4:])
	kept, length := binary.LittleEndian.Uint32(h[8:]), binary.LittleEndian.Uint32(h[12:])
	if f.big {
		seconds, fraction = bits.ReverseBytes32(seconds), bits.ReverseBytes32(fraction)
		kept, length = bits.ReverseBytes32(kept), bits.ReverseBytes32(length)
	}
	if kept > maxFrame {
		return errTooLong(kept)
	}
	n := header + int(kept)
	if !in.have(n) {
		return in.cut()
	}
	from := in.at + header
	p.data = in.buf[from : in.at+n : in.at+n]
	in.at += n
	p.nanos = int64(seconds)*1e9 + int64(fraction)*f.scale
	p.length, p.link = int(length), f.link
	return nil
}
