// Package capturesim makes large captures from small ones, for benchmarks.
//
// It takes captures of Ethernet and writes a pcap file with microseconds. The file repeats their
// frames, each time later and between other IPv4 hosts, so that every copy has flows of its own.
package capturesim

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// frame is a frame of the captures that are copied. address is the part of data with its IPv4
// addresses.
type frame struct {
	data, address []byte
	length        int
	since         time.Duration
}

// read reads the frames of captures, or folders of captures, one path after the other.
func read(paths []string) (frames []frame, err error) {
	for _, path := range paths {
		start := time.Duration(0)
		if n := len(frames); n > 0 {
			start = frames[n-1].since
		}
		r, err := capture.Open(path)
		if err != nil {
			return nil, err
		}
		for p := range r.Packets() {
			f := frame{data: append([]byte(nil), p.Data...), length: p.Length, since: start + p.Since}
			if p.IPVersion == 4 && p.EtherType == 0x0800 {
				f.address = f.data[14+12 : 14+20]
			}
			frames = append(frames, f)
		}
		if err := r.Close(); err != nil {
			return nil, err
		}
	}
	if len(frames) == 0 {
		return nil, fmt.Errorf("capturesim: no frames in %v", paths)
	}
	return frames, nil
}

// begin is the time of the first frame.
var begin = time.Unix(1_700_000_000, 0)

// writer writes a capture.
type writer struct {
	file    *os.File
	buffer  *bufio.Writer
	written int64 // bytes
}

func create(path string) (*writer, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	w := &writer{file: f, buffer: bufio.NewWriterSize(f, 1<<20)}
	w.buffer.Write([]byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0})
	return w, nil
}

// put writes a frame of a copy. close reports errors.
func (w *writer) put(f *frame, copy int, since time.Duration) {
	if f.address != nil { // the second and the third byte of both addresses
		binary.BigEndian.PutUint16(f.address[1:], uint16(copy))
		binary.BigEndian.PutUint16(f.address[5:], uint16(copy)+1<<15)
	}
	at := begin.Add(since)
	var head [16]byte
	for k, v := range []uint32{uint32(at.Unix()), uint32(at.Nanosecond() / 1000), uint32(len(f.data)),
		uint32(f.length)} {
		binary.LittleEndian.PutUint32(head[4*k:], v)
	}
	w.buffer.Write(head[:])
	w.buffer.Write(f.data)
	w.written += int64(len(head) + len(f.data))
}

func (w *writer) close() error {
	if err := w.buffer.Flush(); err != nil {
		w.file.Close()
		return err
	}
	return w.file.Close()
}

// OneByOne writes a capture of n frames to path, in which the copies follow each other, an hour
// apart.
func OneByOne(path string, n int, captures ...string) error {
	frames, err := read(captures)
	if err != nil {
		return err
	}
	w, err := create(path)
	if err != nil {
		return err
	}
	for i := range n {
		copy, f := i/len(frames), &frames[i%len(frames)]
		w.put(f, copy, f.since+time.Duration(copy)*time.Hour)
	}
	return w.close()
}

// abreast is the number of copies that SideBySide interleaves.
const abreast = 64

// SideBySide writes a capture of at least size bytes to path, in which many copies are interleaved
// frame by frame, so that many flows are open at once. each is the time per copy.
func SideBySide(path string, size int64, each time.Duration, captures ...string) error {
	frames, err := read(captures)
	if err != nil {
		return err
	}
	w, err := create(path)
	if err != nil {
		return err
	}
	step := each / time.Duration(len(frames))
	for first, since := 0, time.Duration(0); w.written < size; first += abreast {
		for i := range frames {
			for c := 0; c < abreast && w.written < size; c++ {
				w.put(&frames[i], first+c, since)
				since += step
			}
		}
	}
	return w.close()
}
