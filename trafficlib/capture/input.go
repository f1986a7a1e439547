package capture

import (
	"io"

	"github.com/trafficlab/trafficlab/trafficlib/internal/mapped"
)

// An input is the bytes of a capture: a map of a whole file, or a window that moves over a stream.
type input struct {
	buf  []byte       // of a map all of it, of a stream what has been read
	at   int          // where the next bytes stand in buf
	file *mapped.File // of a map
	gone int          // bytes of the map whose pages were given back

	stream io.Reader
	before int64 // bytes of the stream before buf
	err    error // that ended the stream, io.EOF at its end
}

// window is how much of a stream is read at once, and readBehind how much of a map is kept behind the place of reading.
const (
	window     = 1 << 18
	readBehind = 1 << 25
)

// have says whether the next n bytes stand in buf, at at. What stood there before is no longer good.
func (in *input) have(n int) bool {
	return len(in.buf)-in.at >= n || in.stream != nil && in.fill(n)
}

// fill reads on until there are n bytes. The window grows to what is asked for, and only as it is read, so that a length
// that a file claims takes no memory.
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

// skip goes past n bytes, as far as there are so many, and says whether there were.
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

// ended gives the error that is the end: io.EOF, or why the stream could not be read.
func (in *input) ended() error {
	if in.err == nil {
		return io.EOF
	}
	return in.err
}

// left says whether there is anything left.
func (in *input) left() bool { return in.have(1) }

// offset gives how many bytes have been gone past.
func (in *input) offset() int64 { return in.before + int64(in.at) }

// forget gives the pages of a map back that were gone past.
func (in *input) forget() {
	if in.file != nil && in.at-in.gone > readBehind {
		in.gone = in.file.Forget(in.gone, in.at)
	}
}
