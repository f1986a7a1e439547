package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// pcapngFile is the newer format (draft-ietf-opsawg-pcapng), which consists of blocks. Sections of
// them have interfaces of their own.
type pcapngFile struct {
	order      binary.ByteOrder
	interfaces []netInterface // of the section
	skip       int64          // bytes of the current block that are still to be skipped
	tail       uint32         // length that the current block must end with; 0 once compared
}

// netInterface is an interface of a section.
type netInterface struct {
	link   Link
	snap   uint32
	ticks  resolution
	offset int64 // seconds to add
}

// Types of blocks.
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockOldPacket = 2
	blockSimple    = 3
	blockPacket    = 6
)

// maxInterfaces bounds the memory of a section, since an interface is a block of only a few bytes.
const maxInterfaces = 1 << 16

// next reads blocks up to the next one with a frame.
func (f *pcapngFile) next(in *input, p *rawFrame) error {
	for {
		if f.skip > 0 && !in.skip(f.skip) {
			return in.cut()
		}
		f.skip = 0
		if f.tail != 0 {
			if !in.have(4) {
				return in.cut()
			}
			if tail := f.order.Uint32(in.buf[in.at:]); tail != f.tail {
				return fmt.Errorf("a block begins with the length %d and ends with %d", f.tail, tail)
			}
			in.at += 4
			f.tail = 0
		}
		found, err := f.block(in, p)
		if found || err != nil {
			return err
		}
	}
}

// block reads as much of a block as it needs, and reports whether the block holds a frame.
func (f *pcapngFile) block(in *input, p *rawFrame) (found bool, err error) {
	const header = 8
	if !in.have(header) {
		if in.left() {
			return false, in.cut()
		}
		return false, in.ended()
	}
	h := in.buf[in.at:]
	if binary.BigEndian.Uint32(h) == blockSection { // the same in both byte orders
		return false, f.section(in)
	}
	kind, total := f.order.Uint32(h), f.order.Uint32(h[4:])
	const minLen = 12
	if total < minLen || total%4 != 0 {
		return false, fmt.Errorf("a block of %d bytes: want a multiple of 4, at least %d", total, minLen)
	}
	in.at += header
	body := int64(total) - minLen
	f.skip, f.tail = body, total
	switch kind {
	case blockInterface:
		return false, f.netInterface(in)
	case blockPacket, blockOldPacket:
		const n = 20
		if body < n {
			return false, fmt.Errorf("a packet block of %d bytes", total)
		}
		if !in.have(n) {
			return false, in.cut()
		}
		b := in.buf[in.at : in.at+n]
		number := f.order.Uint32(b)
		if kind == blockOldPacket { // the second half counts dropped packets
			number = uint32(f.order.Uint16(b))
		}
		if int64(number) >= int64(len(f.interfaces)) {
			return false, fmt.Errorf("a packet of interface %d, but there are %d", number, len(f.interfaces))
		}
		i := &f.interfaces[number]
		ticks := uint64(f.order.Uint32(b[4:]))<<32 | uint64(f.order.Uint32(b[8:]))
		if nanos, ok := i.nanos(ticks); ok {
			p.nanos = nanos
		} else {
			p.untimed, p.timeless = true, true
		}
		in.at += n
		f.skip -= n
		return true, f.frame(in, p, i, f.order.Uint32(b[12:]), f.order.Uint32(b[16:]))
	case blockSimple:
		const n = 4
		if body < n {
			return false, fmt.Errorf("a packet block of %d bytes", total)
		}
		if !in.have(n) {
			return false, in.cut()
		}
		if len(f.interfaces) == 0 {
			return false, errors.New("a packet before any interface")
		}
		i := &f.interfaces[0]
		length := f.order.Uint32(in.buf[in.at:])
		kept := length
		if i.snap > 0 {
			kept = min(kept, i.snap)
		}
		in.at += n
		f.skip -= n
		p.untimed = true
		return true, f.frame(in, p, i, kept, length)
	}
	return false, nil
}

// frame reads the bytes of a frame.
func (f *pcapngFile) frame(in *input, p *rawFrame, i *netInterface, kept, length uint32) error {
	switch {
	case kept > maxFrame:
		return errTooLong(kept)
	case int64(kept) > f.skip:
		return fmt.Errorf("a frame of %d bytes in a block with room for %d", kept, f.skip)
	}
	n := int(kept)
	if !in.have(n) {
		return in.cut()
	}
	p.data = in.buf[in.at : in.at+n : in.at+n]
	in.at += n
	f.skip -= int64(n)
	p.length, p.link = int(length), i.link
	return nil
}

// section reads the header of a section: its byte order. A section begins without interfaces.
func (f *pcapngFile) section(in *input) error {
	const minLen = 28 // type, length, byte order, version, length of the section, length again
	if !in.have(minLen - 4) {
		return fmt.Errorf("the header of a pcapng section: %w", in.cut())
	}
	h := in.buf[in.at:]
	switch binary.BigEndian.Uint32(h[8:]) {
	case 0x1a2b3c4d:
		f.order = binary.BigEndian
	case 0x4d3c2b1a:
		f.order = binary.LittleEndian
	default:
		return errors.New("the header of a pcapng section: invalid byte order")
	}
	total := f.order.Uint32(h[4:])
	if total < minLen || total%4 != 0 {
		return fmt.Errorf("the header of a pcapng section: invalid length %d", total)
	}
	if major := f.order.Uint16(h[12:]); major != 1 {
		return fmt.Errorf("the header of a pcapng section: version %d, want 1", major)
	}
	f.interfaces = f.interfaces[:0]
	in.at += minLen - 4
	f.skip, f.tail = int64(total-minLen), total
	return nil
}

// netInterface adds an interface with its link and, from its options, the unit of its times. It
// ignores options after the first maxOptions bytes.
func (f *pcapngFile) netInterface(in *input) error {
	const n = 8
	const maxOptions = 1 << 18
	if f.skip < n {
		return fmt.Errorf("an interface block of %d bytes", f.tail)
	}
	if len(f.interfaces) == maxInterfaces {
		return fmt.Errorf("more than %d interfaces", maxInterfaces)
	}
	length := int(min(f.skip, maxOptions))
	if !in.have(length) {
		return in.cut()
	}
	b := in.buf[in.at : in.at+length]
	i := netInterface{link: Link(f.order.Uint16(b)), snap: f.order.Uint32(b[4:]), ticks: 6}
	for o := b[n:]; len(o) >= 4; {
		code, size := f.order.Uint16(o), int(f.order.Uint16(o[2:]))
		padded := (size + 3) &^ 3
		if code == 0 || 4+padded > len(o) {
			break
		}
		switch value := o[4 : 4+size]; {
		case code == 9 && size == 1:
			i.ticks = resolution(value[0])
		case code == 14 && size == 8:
			i.offset = int64(f.order.Uint64(value))
		}
		o = o[4+padded:]
	}
	f.interfaces = append(f.interfaces, i)
	in.at += length
	f.skip -= int64(length)
	return nil
}

// resolution is the option if_tsresol: a tick is 10^-n seconds, or 2^-n if the highest bit is set.
type resolution uint8

// nanos returns the time of so many ticks, and false if it is outside of the years 1678 to 2262,
// which is the range of nanoseconds in 64 bits.
func (i *netInterface) nanos(ticks uint64) (int64, bool) {
	var seconds, fraction uint64 // fraction in nanoseconds
	switch n := uint(i.ticks &^ 0x80); {
	case i.ticks&0x80 != 0 && n < 64:
		seconds = ticks >> n
		if n > 0 {
			high, low := bits.Mul64(ticks&(1<<n-1), 1e9)
			fraction = high<<(64-n) | low>>n
		}
	case i.ticks&0x80 != 0: // 2^-64 and less: less than a second
		high, _ := bits.Mul64(ticks, 1e9)
		fraction = high >> (n - 64)
	case n <= 9:
		per := pow10(n)
		seconds, fraction = ticks/per, ticks%per*pow10(9-n)
	case n <= 19:
		per := pow10(n)
		seconds, fraction = ticks/per, ticks%per/pow10(n-9)
	case n <= 28: // less than a second
		fraction = ticks / pow10(n-9)
	}
	const most = math.MaxInt64/1_000_000_000 - 1
	if seconds > most || i.offset > most || i.offset < -most {
		return 0, false
	}
	if s := int64(seconds) + i.offset; s <= most && s >= -most {
		return s*1e9 + int64(fraction), true
	}
	return 0, false
}

func pow10(n uint) uint64 {
	v := uint64(1)
	for range n {
		v *= 10
	}
	return v
}
