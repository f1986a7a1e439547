package capture

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// A Reader reads one capture from its beginning to its end.
type Reader struct {
	name   string
	file   io.Closer
	read   *counter
	frames frames
	link   layers.LinkType // of all frames; of pcapng files each frame says its own
	mixed  bool
	first  time.Time
	decode decoder
	report Report
}

// frames is what the two readers of gopacket have in common.
type frames interface {
	ZeroCopyReadPacketData() ([]byte, gopacket.CaptureInfo, error)
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// Open opens a capture file. Close closes it.
func Open(path string) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("capture: %w", err)
	}
	r, err := NewReader(f, path)
	if err != nil {
		f.Close()
		return nil, err
	}
	r.file = f
	return r, nil
}

// NewReader reads a capture from a stream; name is what errors call it.
func NewReader(stream io.Reader, name string) (*Reader, error) {
	r := &Reader{name: name, read: &counter{r: stream}}
	if err := r.start(); err != nil {
		return nil, fmt.Errorf("capture: %s: %w", name, err)
	}
	return r, nil
}

// Magic numbers, the first four bytes of a file as they stand.
var magic = map[[4]byte]string{
	{0xd4, 0xc3, 0xb2, 0xa1}: "pcap", {0xa1, 0xb2, 0xc3, 0xd4}: "pcap", // microseconds
	{0x4d, 0x3c, 0xb2, 0xa1}: "pcap", {0xa1, 0xb2, 0x3c, 0x4d}: "pcap", // nanoseconds
	{0x0a, 0x0d, 0x0d, 0x0a}: "pcapng",
}

// Sniff says whether a file that begins with these bytes may be a capture, or something gzipped.
func Sniff(begin []byte) bool {
	if len(begin) >= 2 && gzipped(begin) {
		return true
	}
	return len(begin) >= 4 && magic[[4]byte(begin)] != ""
}

func gzipped(begin []byte) bool { return begin[0] == 0x1f && begin[1] == 0x8b }

// start finds out the format, and reads what is before the first packet.
func (r *Reader) start() error {
	const buffer = 1 << 18
	b := bufio.NewReaderSize(r.read, buffer)
	begin, err := b.Peek(4)
	if len(begin) >= 2 && gzipped(begin) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return fmt.Errorf("gzip: %w", plain(err))
		}
		b = bufio.NewReaderSize(z, buffer)
		if begin, err = b.Peek(4); len(begin) < 4 && err != io.EOF {
			return fmt.Errorf("gzip: %w", plain(err))
		}
	} else if err != nil && err != io.EOF {
		return err
	}
	if len(begin) == 0 {
		return errors.New("the file is empty")
	}
	if len(begin) < 4 {
		return fmt.Errorf("%d bytes are no capture", len(begin))
	}
	switch magic[[4]byte(begin)] {
	case "pcap":
		p, err := pcapgo.NewReader(b)
		if err != nil {
			return fmt.Errorf("the header of a pcap file: %w", plain(err))
		}
		r.frames, r.link = p, p.LinkType()
		if _, ok := firstLayer(r.link, nil); !ok {
			return fmt.Errorf("link type %d (%v) is not read: Ethernet, Linux cooked, raw IP and loopback are", uint16(r.link), r.link)
		}
	case "pcapng":
		p, err := pcapgo.NewNgReader(b, pcapgo.NgReaderOptions{WantMixedLinkType: true, SkipUnknownVersion: true})
		if err != nil {
			return fmt.Errorf("the header of a pcapng file: %w", plain(err))
		}
		r.frames, r.mixed = p, true
	default:
		return fmt.Errorf("neither pcap nor pcapng: it begins with %#08x", binary.BigEndian.Uint32(begin))
	}
	return nil
}

// plain puts the ends of files into words.
func plain(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file ends in the middle of it")
	}
	return err
}

// Packets gives the TCP packets, in the order of the file. Each is good until the next is asked for. When they have
// been given, Report says what was left out and whether the file was read to its end.
func (r *Reader) Packets() iter.Seq[*Packet] {
	return func(yield func(*Packet) bool) {
		var p Packet
		for {
			data, info, err := r.frames.ZeroCopyReadPacketData()
			if err != nil {
				r.end(err, info)
				return
			}
			r.report.Frames++
			p.Number = r.report.Frames
			if r.packet(&p, data, info) && !yield(&p) {
				return
			}
		}
	}
}

// packet decodes a frame, and counts it.
func (r *Reader) packet(p *Packet, data []byte, info gopacket.CaptureInfo) bool {
	if info.Timestamp.IsZero() { // a simple packet block of pcapng
		r.report.NoTime++
		return false
	}
	if r.first.IsZero() {
		r.first = info.Timestamp
	}
	link := r.link
	if r.mixed {
		link = info.AncillaryData[0].(layers.LinkType)
	}
	p.Time, p.Since, p.Length = info.Timestamp, info.Timestamp.Sub(r.first), info.Length
	switch r.decode.frame(p, link, data) {
	case good:
		r.report.Packets++
		if info.CaptureLength < info.Length {
			r.report.Cut++
		}
		return true
	case otherLink:
		r.report.OtherLink++
	case notIP:
		r.report.NotIP++
	case notTCP:
		r.report.NotTCP++
	case fragment:
		r.report.Fragments++
	case malformed:
		if info.CaptureLength < info.Length {
			r.report.Short++
		} else {
			r.report.Malformed++
		}
	}
	return false
}

// end notes why reading ended.
func (r *Reader) end(err error, info gopacket.CaptureInfo) {
	if err == io.EOF && info.CaptureLength == 0 || r.report.Damage != "" {
		return
	}
	r.report.Damage = fmt.Sprintf("after frame %d: %v", r.report.Frames, plain(err))
}

// Start gives the time of the first frame, which Packet.Since counts from. It is zero before a frame was read.
func (r *Reader) Start() time.Time { return r.first }

// Offset gives how many bytes of the file have been read.
func (r *Reader) Offset() int64 { return r.read.n }

// Close closes the file.
func (r *Reader) Close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
