package cic2018

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/internal/mapped"
)

// A chunk is the rows of a piece, column by column, as they are put aside until all files were read: only then is it
// known how each column is held, and which row is the first. It is in time order when the table is to be.
type chunk struct {
	rows   int
	kinds  []kind    // of the columns of numbers
	value  []float64 // of those that are the same in all rows
	labels []uint16  // the code of each label of the piece in the whole
	at     int64     // in the file of all chunks
	size   int64     // there, in bytes
	left   int       // rows that are not in the table yet
	stats  []stat    // of the columns of numbers; nil once they are added up
	data   []byte    // nil once it is written
}

// In a chunk stand the times, the numbers, the ports, the protocols, and the codes of labels; each begins at a multiple
// of eight bytes.
func aligned(n int) int { return (n + 7) &^ 7 }

// encode makes the chunk of a piece.
func (p *piece) encode(sorted bool) {
	c := &p.chunk
	c.rows = p.rows
	c.kinds, c.value, c.stats = room(c.kinds, len(p.values)), room(c.value, len(p.values)), room(c.stats, len(p.values))
	size := aligned(8*p.rows) + 2*aligned(2*p.rows) + aligned(p.rows)
	for i, v := range p.values {
		c.stats[i] = look(v[:p.rows], p.dotted[i])
		c.kinds[i], c.value[i] = c.stats[i].aside(), c.stats[i].low
		size += aligned(c.kinds[i].size() * p.rows)
	}
	c.data = room(c.data, size)
	var perm []int32
	if times := p.times[:p.rows]; sorted && !slices.IsSorted(times) {
		perm = make([]int32, p.rows)
		for i := range perm {
			perm[i] = int32(i)
		}
		slices.SortStableFunc(perm, func(a, b int32) int { return cmp.Compare(times[a], times[b]) })
	}
	rest := c.data
	take := func(n int) []byte {
		b := rest[:n]
		rest = rest[aligned(n):]
		return b
	}
	ordered(view[int64](take(8*p.rows)), p.times, perm)
	for i, v := range p.values {
		put(take(c.kinds[i].size()*p.rows), c.kinds[i], v[:p.rows], perm)
	}
	ordered(view[uint16](take(2*p.rows)), p.ports, perm)
	ordered(view[uint8](take(p.rows)), p.protos, perm)
	ordered(view[uint16](take(2*p.rows)), p.codes, perm)
}

func ordered[T any](dst, src []T, perm []int32) {
	if perm == nil {
		copy(dst, src)
		return
	}
	for i, from := range perm {
		dst[i] = src[from]
	}
}

// A spill is the file of all chunks. It has no name, so that nothing is left of it whatever happens.
type spill struct {
	file   *os.File
	size   int64
	chunks []chunk
	stats  []stat // of the columns of numbers
	mapped *mapped.File
}

// newSpill makes the file in the folder of path, where there must be room for the table anyway.
func newSpill(path string, numbers int) (*spill, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, err
	}
	s := &spill{file: f, stats: make([]stat, numbers)}
	for i := range s.stats {
		s.stats[i] = noValues
	}
	return s, nil
}

// add puts a chunk aside, whose memory may be used again.
func (s *spill) add(c chunk) error {
	for i, t := range c.stats {
		s.stats[i].add(t)
	}
	if c.rows == 0 {
		return nil
	}
	n, err := s.file.Write(c.data)
	if err != nil {
		return fmt.Errorf("put %d MB aside in %s: %w", (s.size+int64(n))>>20, filepath.Dir(s.file.Name()), unwrap(err))
	}
	c.at, c.size, c.left = s.size, int64(n), c.rows
	c.kinds, c.value, c.stats, c.data = slices.Clone(c.kinds), slices.Clone(c.value), nil, nil
	s.size += int64(n)
	s.chunks = append(s.chunks, c)
	return nil
}

// open maps what was added.
func (s *spill) open() (err error) {
	s.mapped, err = mapped.FromFile(s.file)
	return err
}

// taken gives room back to the system as soon as all rows of a chunk are in the table: the pages of memory that held
// them are those that the table is then written to, and never go to the disk.
func (s *spill) taken(g segment) {
	c := &s.chunks[g.chunk]
	if c.left -= g.n; c.left == 0 {
		punch(s.file, c.at, c.size)
	}
}

func (s *spill) close() {
	s.mapped.Close()
	s.file.Close()
}

// A window is where the columns of a chunk stand.
type window struct {
	times   []int64
	numbers [][]byte
	ports   []uint16
	protos  []uint8
	codes   []uint16
}

func (s *spill) window(c *chunk) (w window) {
	rest := s.mapped.Bytes()[c.at:]
	take := func(n int) []byte {
		b := rest[:n]
		rest = rest[aligned(n):]
		return b
	}
	w.times = view[int64](take(8 * c.rows))
	for _, k := range c.kinds {
		w.numbers = append(w.numbers, take(k.size()*c.rows))
	}
	w.ports, w.protos, w.codes = view[uint16](take(2*c.rows)), take(c.rows), view[uint16](take(2*c.rows))
	return w
}

func (s *spill) times(c *chunk) []int64 { return view[int64](s.mapped.Bytes()[c.at:][:8*c.rows]) }

// unwrap gives what the system said, without the name of a file that has none.
func unwrap(err error) error {
	if p, ok := err.(*os.PathError); ok {
		return p.Err
	}
	return err
}
