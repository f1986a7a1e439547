package capture

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

func (m *member) openStream(stream io.Reader) error {
	m.raw = &counter{r: stream}
	m.in = input{stream: m.raw}
	m.sorter.copies = true
	m.in.have(4)
	if err := m.decompress(m.in.buf[m.in.at:]); err != nil {
		return fmt.Errorf("capture: %s: %w", m.name(), err)
	}
	return m.begin()
}

// decompress inserts a decompressor if the first bytes of the stream call for one.
func (m *member) decompress(begin []byte) error {
	switch {
	case bytes.HasPrefix(begin, gzipMagic):
		return m.unpack("gzip", func(r io.Reader) (io.Reader, func() error, error) {
			z, err := gzip.NewReader(r)
			if err != nil {
				return nil, nil, err
			}
			return z, z.Close, nil
		})
	case bytes.HasPrefix(begin, zstdMagic):
		return m.unpack("zstd", func(r io.Reader) (io.Reader, func() error, error) {
			z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
				zstd.WithDecoderMaxWindow(maxWindow))
			if err != nil {
				return nil, nil, err
			}
			return z, func() error { z.Close(); return nil }, nil
		})
	case bytes.HasPrefix(begin, bzip2Magic):
		return m.unpack("bzip2", func(r io.Reader) (io.Reader, func() error, error) {
			return bzip2.NewReader(r),
				noClose, nil
		})
	case bytes.HasPrefix(begin, xzMagic):
		return m.unpack("xz", func(r io.Reader) (io.Reader, func() error, error) {
			in := bufio.NewReaderSize(r, maxBlockHeader)
			if size := xzDictionary(in); size > maxWindow {
				return nil, nil, fmt.Errorf("a dictionary of %d bytes: at most %d are accepted", size, maxWindow)
			}
			z, err := xz.NewReader(in)
			return z, noClose, err
		})
	case bytes.HasPrefix(begin, zipMagic) && m.entry == "":
		return errors.New("a zip archive cannot be read from a stream, only from a file")
	}
	return nil
}

// maxBlockHeader is the maximum size of an xz header and that of its first block.
const maxBlockHeader = 12 + 1024

// xzDictionary returns the size of the dictionary of the first block of an xz file, which is the
// memory that reading takes, or 0 if the header does not say.
func xzDictionary(in *bufio.Reader) int64 {
	const stream, lzma2 = 12, 0x21
	b, _ := in.Peek(maxBlockHeader)
	if len(b) < stream+2 {
		return 0
	}
	filters, flags := b[stream+2:], b[stream+1]
	number := func() (v uint64) {
		v, n := binary.Uvarint(filters)
		filters = filters[max(n, 0):]
		return v
	}
	for _, has := range []byte{0x40, 0x80} { // the compressed and the uncompressed size of the block
		if flags&has != 0 {
			number()
		}
	}
	for range flags&3 + 1 {
		id, size := number(), number()
		if id == lzma2 && len(filters) > 0 {
			bits := filters[0] & 0x3f
			return int64(2|bits&1) << (bits/2 + 11)
		}
		filters = filters[min(size, uint64(len(filters))):]
	}
	return 0
}

func noClose() error { return nil }

// maxWindow is the largest window of a decompressor, that of zstd --long.
const maxWindow = 1 << 27

// unpack inserts a decompressor. name is what errors call it.
func (m *member) unpack(name string, open func(io.Reader) (io.Reader, func() error, error)) error {
	z, shut, err := open(io.MultiReader(bytes.NewReader(m.in.buf[m.in.at:]), m.raw))
	if err != nil {
		if isEOF(err) {
			err = errCut
		}
		return fmt.Errorf("%s: %w", name, err)
	}
	m.closers = append(m.closers, shut)
	m.in = input{stream: &named{z, name}}
	return nil
}

// named adds the name of a compression to errors, and turns an unexpected end into errCut.
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
