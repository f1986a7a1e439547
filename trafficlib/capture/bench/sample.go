package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// The captures that those of the benchmark are made of.
var (
	mixed   = []string{filepath.Join(bundled, "tcp"), filepath.Join(bundled, "tls")}
	onlyTLS = []string{filepath.Join(bundled, "tls")}
)

// sample is a frame of a bundled capture, with where its IPv4 addresses are.
type sample struct {
	data, address []byte
	length        int
	nanos         int64
}

// makeCapture writes a capture of n packets: the bundled ones again and again, an hour apart, each time between other hosts.
func makeCapture(path string, n int, from ...string) error {
	var frames []sample
	for _, dir := range from {
		r, err := capture.Open(dir)
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
	for i := range n {
		turn, s := i/len(frames), frames[i%len(frames)]
		if s.address != nil { // both hosts' second and third bytes
			binary.BigEndian.PutUint16(s.address[1:], uint16(turn))
			binary.BigEndian.PutUint16(s.address[5:], uint16(turn)+1<<15)
		}
		at := s.nanos + int64(turn)*3600e9 + 1.7e18
		for k, v := range []uint32{uint32(at / 1e9), uint32(at % 1e9 / 1000), uint32(len(s.data)), uint32(s.length)} {
			binary.LittleEndian.PutUint32(head[4*k:], v)
		}
		w.Write(head[:])
		w.Write(s.data)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}
