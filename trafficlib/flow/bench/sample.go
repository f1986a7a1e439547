package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// sample is a frame of a bundled capture, with where its IPv4 addresses are.
type sample struct {
	data, address []byte
	length        int
	nanos         int64
}

// makeCapture writes a capture of n packets: the bundled ones again and again, so many nanoseconds apart, each time between
// other hosts. Without n it is one of at least size bytes, in which many copies go side by side, packet by packet, each group
// of them in that time for each: many flows are open at once.
func makeCapture(path string, n int, size, apart int64) error {
	var frames []sample
	for _, dir := range []string{"tcp", "tls"} {
		r, err := capture.Open(filepath.Join(bundled, dir))
		if err != nil {
			return err
		}
		for p := range r.Packets() {
			s := sample{data: append([]byte(nil), p.Data...), length: p.Length, nanos: int64(p.Since)}
			if p.IPVersion == 4 && p.EtherType == 0x0800 {
				s.address = s.data[14+12 : 14+20]
			}
			frames = append(frames, s)
		}
		r.Close()
	}
	if len(frames) == 0 {
		return errors.New("no frames")
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	w.Write([]byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0})
	var head [16]byte
	written, packets := int64(0), 0
	put := func(s *sample, turn int, at int64) {
		if s.address != nil { // both hosts' second and third bytes
			binary.BigEndian.PutUint16(s.address[1:], uint16(turn))
			binary.BigEndian.PutUint16(s.address[5:], uint16(turn)+1<<15)
		}
		for k, v := range []uint32{uint32(at / 1e9), uint32(at % 1e9 / 1000), uint32(len(s.data)), uint32(s.length)} {
			binary.LittleEndian.PutUint32(head[4*k:], v)
		}
		w.Write(head[:])
		w.Write(s.data)
		written += int64(len(head) + len(s.data))
		packets++
	}
	const abreast = 64 // copies whose packets are mixed
	const begin = 1.7e18
	if n > 0 {
		for i := range n {
			put(&frames[i%len(frames)], i/len(frames), frames[i%len(frames)].nanos+int64(i/len(frames))*apart+begin)
		}
	} else {
		for first, at := 0, int64(begin); written < size; first += abreast {
			for i := range frames {
				for c := range abreast {
					if written >= size {
						break
					}
					put(&frames[i], first+c, at)
					at += apart / int64(len(frames))
				}
			}
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}
