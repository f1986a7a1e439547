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

func (t *part) openStream(stream io.Reader) error {
	t.raw = &counter{r: stream}
	t.in = input{stream: t.raw}
	t.sorter.copies = true
	t.in.have(4)
	if err := t.decompress(t.in.buf[t.in.at:]); err != nil {
		return fmt.Errorf("capture: %s: %w", t.name(), err)
	}
	return t.begin()
}

// decompress puts a decompressor between the stream and what reads it, where its first bytes say so.
func (t *part) decompress(begin []byte) error {
	switch {
	case bytes.HasPrefix(begin, gzipMagic):
		return t.unpack("gzip", func(r io.Reader) (io.Reader, func() error, error) {
			z, err := gzip.NewReader(r)
			if err != nil {
				return nil, nil, err
			}
			return z, z.Close, nil
		})
	case bytes.HasPrefix(begin, zstdMagic):
		return t.unpack("zstd", func(r io.Reader) (io.Reader, func() error, error) {
			z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(mostWindow))
			if err != nil {
				return nil, nil, err
			}
			return z, func() error { z.Close(); return nil }, nil
		})
	case bytes.HasPrefix(begin, bzip2Magic):
		return t.unpack("bzip2", func(r io.Reader) (io.Reader, func() error, error) { return bzip2.NewReader(r), noClose, nil })
	case bytes.HasPrefix(begin, xzMagic):
		return t.unpack("xz", func(r io.Reader) (io.Reader, func() error, error) {
			in := bufio.NewReaderSize(r, mostBlockHeader)
			if size := xzDictionary(in); size > mostWindow {
				return nil, nil, fmt.Errorf("a dictionary of %d bytes: %d at most are taken", size, mostWindow)
			}
			z, err := xz.NewReader(in)
			return z, noClose, err
		})
	case bytes.HasPrefix(begin, zipMagic) && t.entry == "":
		return errors.New("a zip archive is read from a file, not from a stream")
	}
	return nil
}

// mostBlockHeader is the longest header of xz with that of its first block behind it.
const mostBlockHeader = 12 + 1024

// xzDictionary returns how far back the first block of an xz file may look, which is what reading it takes of memory; 0
// where the header does not tell.
func xzDictionary(in *bufio.Reader) int64 {
	const stream, lzma2 = 12, 0x21
	b, _ := in.Peek(mostBlockHeader)
	if len(b) < stream+2 {
		return 0
	}
	filters, flags := b[stream+2:], b[stream+1]
	number := func() (v uint64) {
		v, n := binary.Uvarint(filters)
		filters = filters[max(n, 0):]
		return v
	}
	for _, has := range []byte{0x40, 0x80} { // the sizes of the block, packed and not
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
