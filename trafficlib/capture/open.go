package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/trafficlab/trafficlab/trafficlib/internal/mapped"
)

// What the first bytes of a file say.
var (
	gzipMagic   = []byte{0x1f, 0x8b}
	zstdMagic   = []byte{0x28, 0xb5, 0x2f, 0xfd}
	pcapngMagic = []byte{0x0a, 0x0d, 0x0d, 0x0a}
)

// Sniff says whether a file that begins with these bytes may be a capture, or something gzipped or in zstd.
func Sniff(begin []byte) bool {
	return bytes.HasPrefix(begin, gzipMagic) || bytes.HasPrefix(begin, zstdMagic) || bytes.HasPrefix(begin, pcapngMagic) || isPcap(begin)
}

func isPcap(begin []byte) bool {
	if len(begin) < 4 {
		return false
	}
	switch binary.BigEndian.Uint32(begin) {
	case pcapBigMicro, pcapLittleMicro, pcapBigNano, pcapLittleNano:
		return true
	}
	return false
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// openFile opens a file: mapped, or, where it is compressed or no regular file, as a stream.
func (t *part) openFile() error {
	f, err := os.Open(t.path)
	if err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		begin := make([]byte, 4)
		n, _ := f.ReadAt(begin, 0)
		if begin = begin[:n]; !bytes.HasPrefix(begin, gzipMagic) && !bytes.HasPrefix(begin, zstdMagic) {
			f.Close()
			return t.openMap()
		}
	}
	t.closers = append(t.closers, f.Close)
	return t.openStream(f)
}

func (t *part) openMap() error {
	m, err := mapped.Open(t.path)
	if err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	t.closers = append(t.closers, m.Close)
	t.in = input{buf: m.Bytes(), file: m}
	return t.begin()
}

func (t *part) openStream(stream io.Reader) error {
	t.raw = &counter{r: stream}
	t.in = input{stream: t.raw}
	t.sorter.copies = true
	t.in.have(4)
	var err error
	switch begin := t.in.buf[t.in.at:]; {
	case bytes.HasPrefix(begin, gzipMagic):
		err = t.unpack("gzip", func(r io.Reader) (io.Reader, func() error, error) {
			z, err := gzip.NewReader(r)
			if err != nil {
				return nil, nil, err
			}
			return z, z.Close, nil
		})
	case bytes.HasPrefix(begin, zstdMagic):
		err = t.unpack("zstd", func(r io.Reader) (io.Reader, func() error, error) {
			z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(mostWindow))
			if err != nil {
				return nil, nil, err
			}
			return z, func() error { z.Close(); return nil }, nil
		})
	}
	if err != nil {
		return fmt.Errorf("capture: %s: %w", t.path, err)
	}
	return t.begin()
}

// mostWindow is the most that zstd may look back, that of zstd --long.
const mostWindow = 1 << 27

// unpack puts a decompressor between the stream and what reads it.
func (t *part) unpack(name string, open func(io.Reader) (io.Reader, func() error, error)) error {
	z, shut, err := open(io.MultiReader(bytes.NewReader(t.in.buf[t.in.at:]), t.raw))
	if err != nil {
		if isEOF(err) {
			err = errCut
		}
		return fmt.Errorf("%s: %w", name, err)
	}
	t.closers = append(t.closers, shut)
	t.in = input{stream: &named{z, name}}
	return nil
}

// named puts the name of a compression before errors, and says what an unexpected end is.
type named struct {
	r    io.Reader
	name string
}

func (n *named) Read(p []byte) (int, error) {
	k, err := n.r.Read(p)
	switch {
	case err == nil || err == io.EOF:
		return k, err
	case isEOF(err):
		err = errCut
	}
	return k, fmt.Errorf("%s: %w", n.name, err)
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

// begin finds out the format and reads the header.
func (t *part) begin() error {
	err := mapped.Protect(func() error { return t.header() })
	if err != nil {
		return fmt.Errorf("capture: %s: %w", t.path, err)
	}
	return nil
}

func (t *part) header() error {
	if !t.in.have(4) {
		switch n := len(t.in.buf) - t.in.at; {
		case !isEOF(t.in.ended()):
			return t.in.ended()
		case n == 0:
			return errors.New("the file is empty")
		default:
			return fmt.Errorf("%d bytes are no capture", n)
		}
	}
	begin := t.in.buf[t.in.at:]
	switch {
	case isPcap(begin):
		f, err := openPcap(&t.in)
		if err != nil {
			return err
		}
		t.format = f
		if t.in.file != nil && t.sorter.ahead > 0 {
			t.sorter.scout.file, t.sorter.trust = f, true
			t.sorter.scout.start(&t.in, 0)
		}
	case bytes.HasPrefix(begin, pcapngMagic):
		f := new(pcapngFile)
		if err := f.section(&t.in); err != nil {
			return err
		}
		t.format = f
	default:
		return fmt.Errorf("neither pcap nor pcapng: it begins with %#08x", binary.BigEndian.Uint32(begin))
	}
	return nil
}
