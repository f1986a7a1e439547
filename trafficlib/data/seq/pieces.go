package seq

import (
	"context"
	"runtime"
	"sync"
)

// pieceBytes is the text that is read at once. A number and its comma take 2 bytes of text, so that its numbers take at
// most twice as much memory.
const pieceBytes = 4 << 20

// A piece is some of the sessions of a file: about pieceBytes of text, whatever machine reads them, or one session if
// that alone is longer.
type piece struct {
	file     *Sessions
	from, to int           // its sessions
	read     chan struct{} // closed when rows and err are there
	rows     *rowBatch
	err      error // of the first session that can not be read
}

// A reading gives the pieces of files in order, while several are being read. Whoever takes one waits for it to be
// read, and hands its rows back for the next one.
type reading struct {
	pieces <-chan *piece
	free   chan<- *rowBatch
}

// startReading reads until ctx is done, in goroutines that it adds to running.
func startReading(ctx context.Context, running *sync.WaitGroup, all []*Sessions) reading {
	// One for each core, and one that is being written. More than 16 cores would wait for the disk.
	n := min(runtime.GOMAXPROCS(0), 16) + 1
	pieces, free := make(chan *piece, n), make(chan *rowBatch, n)
	for range n {
		free <- nil // made when they are needed
	}
	running.Go(func() {
		defer close(pieces)
		for _, s := range all {
			for from := 0; from < s.Len(); {
				p := &piece{file: s, from: from, to: s.pieceEnd(from), read: make(chan struct{})}
				from = p.to
				select {
				case p.rows = <-free:
				case <-ctx.Done():
					return
				}
				running.Go(func() { p.parse(ctx) })
				pieces <- p // as many as there are free
			}
		}
	})
	return reading{pieces, free}
}

// pieceEnd gives the session after a piece that begins with session from.
func (s *Sessions) pieceEnd(from int) int {
	to := from + 1
	for to < s.Len() && s.starts[to+1]-s.starts[from] <= pieceBytes {
		to++
	}
	return to
}

func (p *piece) parse(ctx context.Context) {
	defer close(p.read)
	if p.rows == nil {
		// Five bytes for a number is the usual "0.0, ".
		p.rows = newRowBatch(p.file.features, int(p.file.starts[p.to]-p.file.starts[p.from])/5)
	}
	p.rows.clear()
	for i := p.from; i < p.to && ctx.Err() == nil; i++ {
		if p.rows.values, p.err = p.file.parse(p.rows.values, i); p.err != nil {
			return
		}
		p.rows.end()
	}
}
