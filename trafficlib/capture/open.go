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

// The first bytes of files by format.
var (
	gzipMagic   = []byte{0x1f, 0x8b}
	zstdMagic   = []byte{0x28, 0xb5, 0x2f, 0xfd}
	xzMagic     = []byte{0xfd, '7', 'z', 'X'}
	bzip2Magic  = []byte("BZh")
	zipMagic    = []byte("PK\x03\x04")
	pcapngMagic = []byte{0x0a, 0x0d, 0x0d, 0x0a}
)

// Sniff reports whether a file with these first four bytes may be a capture or is compressed.
func Sniff(begin []byte) bool {
	return compressed(begin) || bytes.HasPrefix(begin, pcapngMagic) || isPcap(begin)
}

// compressed reports whether a file with these first bytes is compressed or an archive.
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

// openFile maps the file, or opens it as a stream if it is compressed or not a regular file.
func (m *member) openFile() error {
	f, err := os.Open(m.path)
	if err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		begin := make([]byte, 4)
		n, _ := f.ReadAt(begin, 0)
		if !compressed(begin[:n]) {
			f.Close()
			return m.openMap()
		}
	}
	m.closers = append(m.closers, f.Close)
	return m.openStream(f)
}

func (m *member) openMap() error {
	file, err := mapped.Open(m.path)
	if err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	m.closers = append(m.closers, file.Close)
	m.in = input{buf: file.Bytes(), file: file}
	return m.begin()
}

// counter counts the bytes read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// begin detects the format and reads the header of the file.
func (m *member) begin() error {
	err := mapped.Protect(func() error { return m.header() })
	if err != nil {
		return fmt.Errorf("capture: %s: %w", m.name(), err)
	}
	return nil
}

func (m *member) header() error {
	if !m.in.have(4) {
		switch n := len(m.in.buf) - m.in.at; {
		case !isEOF(m.in.ended()):
			return m.in.ended()
		case n == 0:
			return errors.New("the file is empty")
		default:
			return fmt.Errorf("a file of %d bytes is not a capture", n)
		}
	}
	begin := m.in.buf[m.in.at:]
	switch {
	case isPcap(begin):
		f, err := openPcap(&m.in)
		if err != nil {
			return err
		}
		m.format = f
		if m.in.file != nil && m.sorter.ahead > 0 {
			m.sorter.scout.file, m.sorter.scouting = f, true
			m.sorter.scout.start(&m.in, 0)
		}
	case bytes.HasPrefix(begin, pcapngMagic):
		f := new(pcapngFile)
		if err := f.section(&m.in); err != nil {
			return err
		}
		m.format = f
	default:
		return fmt.Errorf("neither pcap nor pcapng: it begins with %#08x", binary.BigEndian.Uint32(begin))
	}
	return nil
}
