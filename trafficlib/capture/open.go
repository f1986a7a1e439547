package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/trafficlab/trafficlab/trafficlib/internal/mapped"
)

// What the first bytes of a file say.
var (
	gzipMagic   = []byte{0x1f, 0x8b}
	zstdMagic   = []byte{0x28, 0xb5, 0x2f, 0xfd}
	xzMagic     = []byte{0xfd, '7', 'z', 'X'}
	bzip2Magic  = []byte("BZh")
	zipMagic    = []byte("PK\x03\x04")
	pcapngMagic = []byte{0x0a, 0x0d, 0x0d, 0x0a}
)

// Sniff reports whether a file that begins with these bytes, four of them, may be a capture, or something that is
// compressed.
func Sniff(begin []byte) bool {
	return compressed(begin) || bytes.HasPrefix(begin, pcapngMagic) || isPcap(begin)
}

// compressed reports whether a file is compressed, or an archive.
func compressed(begin []byte) bool {
	for _, magic := range [][]byte{gzipMagic, zstdMagic, xzMagic, bzip2Magic, zipMagic} {
		if bytes.HasPrefix(begin, magic) {
			return true
		}
	}
	return false
}

func isPcap(begin []byte) bool {
	if len(begin) < 4 {
		return false
	}
	switch binary.BigEndian.Uint32(begin) {
	case pcapBigMicro, pcapLittleMicro, pcapBigNano, pcapLittleNano, pcapBigMore, pcapLittleMore:
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
		if !compressed(begin[:n]) {
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
		return fmt.Errorf("capture: %s: %w", t.name(), err)
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
