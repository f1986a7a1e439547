package capture

import (
	"io"

	"github.com/trafficlab/trafficlab/trafficlib/internal/mapped"
)

// An input is the bytes of a capture: a map of a whole file, or a window that moves along a stream.
type input struct {
	buf  []byte       // the whole map, or the window of the stream
	at   int          // index in buf of the next byte
	file *mapped.File // nil for a stream
	gone int          // bytes of the map whose pages were released

	stream io.Reader
	before int64 // bytes of the stream before buf
	err    error // that ended the stream; io.EOF at its end
}

const (
	window     = 1 << 18 // bytes of a stream that are read at once
	readBehind = 1 << 25 // bytes of a map that are kept behind the current position
)

// have reports whether the next n bytes are available, in buf at index at. It invalidates earlier
// slices of buf.
func (in *input) have(n int) bool {
	return len(in.buf)-in.at >= n || in.stream != nil && in.fill(n)
}

// fill reads until n bytes are available. The window grows only as bytes arrive, so that a wrong
// length in a file does not claim memory.
func (in *input) fill(n int) bool {
	kept := copy(in.buf, in.buf[in.at:])
	in.before += int64(in.at)
	in.buf, in.at = in.buf[:kept], 0
	for len(in.buf) < n && in.err == nil {
		if len(in.buf) == cap(in.buf) {
			grown := make([]byte, len(in.buf), max(window, 2*cap(in.buf)))
			copy(grown, in.buf)
			in.buf = grown
		}
		var k int
		k, in.err = in.stream.Read(in.buf[len(in.buf):cap(in.buf)])
		in.buf = in.buf[:len(in.buf)+k]
	}
	return len(in.buf) >= n
}

// skip skips n bytes, or as many as there are, and reports whether there were n.
func (in *input) skip(n int64) bool {
	for {
		k := min(n, int64(len(in.buf)-in.at))
		in.at += int(k)
		n -= k
		if n == 0 || !in.have(1) {
			return n == 0
		}
	}
}

// ended returns io.EOF, or why the stream could not be read.
func (in *input) ended() error {
	if in.err == nil {
		return io.EOF
	}
	return in.err
}

// left reports whether any bytes are left.
func (in *input) left() bool { return in.have(1) }

// offset returns the position in the file or stream.
func (in *input) offset() int64 { return in.before + int64(in.at) }

// forget releases pages of the map that were read.
func (in *input) forget() {
	if in.file != nil && in.at-in.gone > readBehind {
		in.gone = in.file.Forget(in.gone, in.at)
	}
}
