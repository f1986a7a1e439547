package main

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/feature/tlsfeat"
	"github.com/trafficlab/trafficlab/trafficlib/internal/mapped"
	"github.com/trafficlab/trafficlab/trafficlib/internal/tlssim"
)

const mb = benchkit.MB

// The batches that both sides make.
const (
	batchSize = 64
	steps     = 100
	minTime   = time.Second // of all epochs together
)

// makeSessions writes a session file of at least so many bytes: a thousand simulated sessions,
// again and again. Numbers are written as Python writes lists of floats, which is how the published
// sessions are.
func makeSessions(path string, size int64) error {
	rng := rand.New(rand.NewPCG(2019, 5))
	sessions := make([][]tlssim.Packet, 1000)
	for i := range sessions {
		sessions[i] = tlssim.Normal(rng)
	}
	var block []byte
	for _, s := range sessions {
		block = appendSession(block, s)
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for size > 0 {
		part := block
		if size < int64(len(part)) {
			if end := bytes.IndexByte(part[size:], '\n'); end >= 0 { // whole lines
				part = part[:size+int64(end)+1]
			}
		}
		if _, err := f.Write(part); err != nil {
			return err
		}
		size -= int64(len(part))
	}
	return f.Close()
}

// appendSession appends the line of a session, `[0.0, 1.0, …], [0.0, …], `.
func appendSession(line []byte, packets []tlssim.Packet) []byte {
	for _, p := range packets {
		line = append(line, '[')
		for i, x := range p {
			if i > 0 {
				line = append(line, ", "...)
			}
			line = strconv.AppendFloat(line, x, 'f', -1, 64)
			if x == math.Trunc(x) {
				line = append(line, ".0"...)
			}
		}
		line = append(line, "], "...)
	}
	return append(line, '\n')
}

// readBytes looks for a byte that is not there in the mapped file, a part of it on each core.
func readBytes(path string) error {
	f, err := mapped.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	data, n := f.Bytes(), runtime.GOMAXPROCS(0)
	var reading sync.WaitGroup
	for k := range n {
		reading.Go(func() { bytes.IndexByte(data[len(data)/n*k:len(data)/n*(k+1)], 0) })
	}
	reading.Wait()
	return nil
}

// ourStage does one stage: index finds the lines of a session file, read makes arrays of them and
// forgets them, convert makes a sequence file of it, with its hash and synced to the disk, and
// batches cuts that into shuffled batches of examples. Read and convert hold the index that they
// need. Bytes only looks at each byte of the file.
func ourStage(stage, path, work string) (m measurement, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return m, err
	}
	dst := work + ".arrow"
	stop := benchkit.Start()
	switch stage {
	case ofBytes:
		if err := readBytes(path); err != nil {
			return m, err
		}
		return measurement{Cost: stop(), Bytes: info.Size()}, nil
	case "index":
		s, err := tlsfeat.OpenSessionFile(path)
		if err != nil {
			return m, err
		}
		m = measurement{Cost: stop(), Bytes: info.Size(), Count: int64(s.Len())}
		return m, s.Close()
	case "read":
		s, err := tlsfeat.OpenSessionFile(path)
		if err != nil {
			return m, err
		}
		for i := range s.Len() {
			rows, err := s.At(i)
			if err != nil {
				return m, err
			}
			m.Count += int64(len(rows) / s.Features())
		}
		m.Cost, m.Bytes = stop(), info.Size()
		return m, s.Close()
	case "convert":
		set, err := tlsfeat.Import(benchkit.Quiet(), dst, path)
		if err != nil {
			return m, err
		}
		m = measurement{Cost: stop(), Bytes: info.Size()}
		for i := range set.Len() {
			m.Count += int64(set.Steps(i))
		}
		return m, set.Close()
	case "batches":
		set, err := seq.Open(dst)
		if err != nil {
			return m, err
		}
		start, stop := time.Now(), benchkit.Start()
		for epoch := 0; time.Since(start) < minTime; epoch++ {
			m.Count = 0
			for b := range seq.Batches(seq.NextStep{Set: set, SequenceLen: steps},
				seq.Order{BatchSize: batchSize, Shuffle: true, Epoch: epoch}) {
				m.Batches++
				for _, n := range b.Lengths {
					m.Count += int64(n)
				}
				b.Release()
			}
		}
		m.Cost = stop()
		return m, set.Close()
	}
	return m, fmt.Errorf("%q: no such stage", stage)
}
