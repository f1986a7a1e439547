package flowtable

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/trafficlab/trafficlab/trafficlib/internal/mapped"
)

// A chunk is the rows of a batch, column by column, as they wait on the disk until all rows were
// appended: only then are the types of the columns known, and which row comes first. Its rows are
// in the order of time if the table is to be.
type chunk struct {
	rows  int
	ties  bool
	kinds []kind     // of the columns of numbers
	value []float64  // of those that are constant
	codes [][]uint32 // for each column of text: the code in the whole of each text of the batch
	at    int64      // offset in the spill
	size  int64      // bytes there
	left  int        // rows that are not in the table yet
	stats []stat     // of the columns of numbers; nil once they are added up
	count []int64    // of each label of the batch, how many rows have it; nil once they are added up
	data  []byte     // nil once it is written
}

// A chunk holds the times, the ties if there are any, the numbers, the ports, the protocols and the
// codes of texts; each column begins at a multiple of eight bytes.
func aligned(n int) int { return (n + 7) &^ 7 }

// pack makes the chunk of a batch. It may run beside that of other batches.
func (b *Batch) pack(sorted bool) {
	c := &b.chunk
	n := len(b.Times)
	c.rows, c.ties = n, b.Ties != nil
	numbers := len(b.Numbers)
	c.kinds, c.value, c.stats = resize(c.kinds, numbers), resize(c.value, numbers), resize(c.stats, numbers)
	size := aligned(8*n) + aligned(2*n) + aligned(n) + len(b.Texts)*aligned(4*n)
	if c.ties {
		size += aligned(8 * n)
	}
	for i, v := range b.Numbers {
		c.stats[i] = look(v[:n], b.Integral != nil && b.Integral[i])
		c.kinds[i], c.value[i] = c.stats[i].packed(), c.stats[i].low
		size += aligned(c.kinds[i].size() * n)
	}
	label := b.Texts[len(b.Texts)-1]
	c.count = resize(c.count, len(label.Values))
	clear(c.count)
	for _, code := range label.Codes[:n] {
		c.count[code]++
	}
	c.data = resize(c.data, size)
	var perm []int32
	if sorted {
		perm = b.order()
	}
	rest := c.data
	take := func(n int) []byte {
		part := rest[:n]
		rest = rest[aligned(n):]
		return part
	}
	ordered(view[int64](take(8*n)), b.Times, perm)
	if c.ties {
		ordered(view[uint64](take(8*n)), b.Ties, perm)
	}
	for i, v := range b.Numbers {
		if k := c.kinds[i]; k != constant {
			kinds[k].put(take(k.size()*n), v[:n], perm)
		}
	}
	ordered(view[uint16](take(2*n)), b.Ports, perm)
	ordered(take(n), b.Protocols, perm)
	for _, t := range b.Texts {
		ordered(view[uint32](take(4*n)), t.Codes, perm)
	}
}

// order returns the rows in the order of time, nil if they are in it already.
func (b *Batch) order() []int32 {
	compare := func(i, j int32) int { return cmp.Compare(b.Times[i], b.Times[j]) }
	switch {
	case b.Ties != nil:
		compare = func(i, j int32) int {
			return cmp.Or(cmp.Compare(b.Times[i], b.Times[j]), cmp.Compare(b.Ties[i], b.Ties[j]))
		}
	case slices.IsSorted(b.Times):
		return nil
	}
	perm := make([]int32, len(b.Times))
	for i := range perm {
		perm[i] = int32(i)
	}
	slices.SortStableFunc(perm, compare)
	return perm
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

// resize returns a slice of length n, in the memory of s if that is large enough.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/8)
	}
	return s[:n]
}

// A spill is the file of all chunks. It has no name, so nothing is left of it however the program
// ends.
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

// add writes a chunk, whose memory may be used again.
func (s *spill) add(c chunk) error {
	for i, t := range c.stats {
		s.stats[i].add(t)
	}
	if c.rows == 0 {
		return nil
	}
	n, err := s.file.Write(c.data)
	if err != nil {
		if p, ok := err.(*os.PathError); ok { // the file has no name worth telling
			err = p.Err
		}
		return fmt.Errorf("put %d MB aside in %s: %w", (s.size+int64(n))>>20, filepath.Dir(s.file.Name()), err)
	}
	c.at, c.size, c.left = s.size, int64(n), c.rows
	c.kinds, c.value = slices.Clone(c.kinds), slices.Clone(c.value)
	c.stats, c.count, c.data = nil, nil, nil
	s.size += int64(n)
	s.chunks = append(s.chunks, c)
	return nil
}

// open maps what was added.
func (s *spill) open() (err error) {
	s.mapped, err = mapped.FromFile(s.file)
	return err
}

// taken frees the room of a chunk as soon as all of its rows are in the table. The pages of
// memory that held them serve for writing the table, and never reach the disk.
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

// A window is the columns of a chunk in the mapped spill.
type window struct {
	times     []int64
	numbers   [][]byte
	ports     []uint16
	protocols []uint8
	texts     [][]uint32
}

func (s *spill) window(c *chunk) (w window) {
	rest := s.mapped.Bytes()[c.at:]
	take := func(n int) []byte {
		part := rest[:n]
		rest = rest[aligned(n):]
		return part
	}
	w.times = view[int64](take(8 * c.rows))
	if c.ties {
		take(8 * c.rows)
	}
	for _, k := range c.kinds {
		w.numbers = append(w.numbers, take(k.size()*c.rows))
	}
	w.ports, w.protocols = view[uint16](take(2*c.rows)), take(c.rows)
	for range c.codes {
		w.texts = append(w.texts, view[uint32](take(4*c.rows)))
	}
	return w
}

// keys returns what the rows of a chunk are sorted by.
func (s *spill) keys(c *chunk) (times []int64, ties []uint64) {
	data := s.mapped.Bytes()[c.at:]
	times = view[int64](data[:8*c.rows])
	if c.ties {
		ties = view[uint64](data[8*c.rows:][:8*c.rows])
	}
	return times, ties
}
