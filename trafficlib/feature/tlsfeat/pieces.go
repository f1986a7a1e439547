package tlsfeat

import (
	"context"
	"runtime"
	"sync"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
)

// pieceBytes is the text that is read at once. A number and its comma take 2 bytes of text, so that
// its numbers take at most twice as much memory.
const pieceBytes = 4 << 20

// A piece is some of the sessions of a file: about pieceBytes of text, whatever machine reads them,
// or one session if that alone is longer.
type piece struct {
	file     *SessionFile
	from, to int           // its sessions
	about    seq.About     // of the first of them
	read     chan struct{} // closed when block and err are there
	block    *seq.Block
	err      error // of the first session that cannot be read
}

// A reading delivers the pieces of files in order, while several are being read. The receiver waits
// for each to be read, and hands its block back for the next one.
type reading struct {
	pieces <-chan *piece
	free   chan<- *seq.Block
}

// startReading reads until ctx is done, in goroutines that it adds to running.
func startReading(ctx context.Context, running *sync.WaitGroup, all []*SessionFile, about seq.About) reading {
	// One for each core, and one that is being written. More than 16 cores would wait for the disk.
	n := min(runtime.GOMAXPROCS(0), 16) + 1
	pieces, free := make(chan *piece, n), make(chan *seq.Block, n)
	for range n {
		free <- nil // made when they are needed
	}
	running.Go(func() {
		defer close(pieces)
		for _, s := range all {
			for from := 0; from < s.Len(); {
				p := &piece{file: s, from: from, to: s.pieceEnd(from), about: about, read: make(chan struct{})}
				about.Origin += p.to - p.from
				from = p.to
				select {
				case p.block = <-free:
				case <-ctx.Done():
					return
				}
				running.Go(func() { p.parse(ctx) })
				pieces <- p // there is room for as many as there are blocks
			}
		}
	})
	return reading{pieces, free}
}

// pieceEnd returns the session after a piece that begins with session from.
func (s *SessionFile) pieceEnd(from int) int {
	to := from + 1
	for to < s.Len() && s.starts[to+1]-s.starts[from] <= pieceBytes {
		to++
	}
	return to
}

func (p *piece) parse(ctx context.Context) {
	defer close(p.read)
	if p.block == nil {
		// Five bytes for a number is the usual "0.0, ".
		p.block = seq.NewBlock(p.file.features, int(p.file.starts[p.to]-p.file.starts[p.from])/5)
	}
	p.block.Clear()
	about := p.about
	for i := p.from; i < p.to && ctx.Err() == nil; i++ {
		if p.block.Values, p.err = p.file.parse(p.block.Values, i); p.err != nil {
			return
		}
		p.block.End(about)
		about.Origin++
	}
}
