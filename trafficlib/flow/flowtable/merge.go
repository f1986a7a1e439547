package flowtable

import (
	"cmp"
	"slices"
)

// A segment is rows of a chunk that follow each other in the table as well.
type segment struct{ chunk, from, n int }

// An order yields the rows of all chunks in the order of the table: chunk after chunk, or by time.
// In the latter case each chunk is sorted, and the order is their merge. Rows of equal times are
// ordered by their ties, and without ties by the order of the chunks, which makes the sort stable.
// It holds a cursor for each chunk that is open, whatever the number of rows.
type order struct {
	s      *spill
	sorted bool
	next   int      // in begin: the first chunk that is not open
	begin  []int    // the chunks by their first rows
	heap   []cursor // the open chunks, the one whose row comes next first
}

// A cursor is a row of a chunk.
type cursor struct {
	chunk, row int
	times      []int64
	ties       []uint64 // nil if there are none
}

func (s *spill) cursor(chunk int) cursor {
	times, ties := s.keys(&s.chunks[chunk])
	return cursor{chunk: chunk, times: times, ties: ties}
}

// compare orders rows.
func (c *cursor) compare(d *cursor) int {
	if k := cmp.Compare(c.times[c.row], d.times[d.row]); k != 0 {
		return k
	}
	if c.ties != nil && d.ties != nil {
		if k := cmp.Compare(c.ties[c.row], d.ties[d.row]); k != 0 {
			return k
		}
	}
	return cmp.Compare(c.chunk, d.chunk)
}

func newOrder(s *spill, sorted bool) *order {
	o := &order{s: s, sorted: sorted}
	for i := range s.chunks {
		o.begin = append(o.begin, i)
	}
	if sorted {
		slices.SortFunc(o.begin, func(a, b int) int {
			c, d := s.cursor(a), s.cursor(b)
			return c.compare(&d)
		})
	}
	return o
}

// take appends the segments of the next n rows, or of all that are left, and returns how many rows
// they are.
func (o *order) take(all []segment, n int) ([]segment, int) {
	rows := 0
	for rows < n {
		g := o.segment(n - rows)
		if g.n == 0 {
			break
		}
		all = append(all, g)
		rows += g.n
	}
	return all, rows
}

func (o *order) segment(most int) segment {
	if !o.sorted {
		return o.following(most)
	}
	// Open the chunks whose turn it may be.
	for o.next < len(o.begin) {
		c := o.s.cursor(o.begin[o.next])
		if len(o.heap) > 0 && o.heap[0].compare(&c) < 0 {
			break
		}
		o.heap = append(o.heap, c)
		o.up(len(o.heap) - 1)
		o.next++
	}
	if len(o.heap) == 0 {
		return segment{}
	}
	c := &o.heap[0]
	g := segment{c.chunk, c.row, 0}
	stop, others := o.second()
	for g.n < most && c.row < len(c.times) && (!others || c.compare(&stop) < 0) {
		c.row++
		g.n++
	}
	if c.row == len(c.times) {
		last := len(o.heap) - 1
		o.heap[0] = o.heap[last]
		o.heap = o.heap[:last]
	}
	o.down(0)
	return g
}

// second returns the row that comes first among the chunks other than heap[0]; ok is false if there
// are none.
func (o *order) second() (least cursor, ok bool) {
	for _, i := range []int{1, 2} {
		if i < len(o.heap) && (!ok || o.heap[i].compare(&least) < 0) {
			least, ok = o.heap[i], true
		}
	}
	if o.next < len(o.begin) {
		if c := o.s.cursor(o.begin[o.next]); !ok || c.compare(&least) < 0 {
			least, ok = c, true
		}
	}
	return least, ok
}

// following is segment for tables that are not sorted: heap[0] is the chunk that is read.
func (o *order) following(most int) segment {
	if len(o.heap) == 0 {
		if o.next == len(o.begin) {
			return segment{}
		}
		o.heap = append(o.heap, cursor{chunk: o.next})
		o.next++
	}
	c := &o.heap[0]
	g := segment{c.chunk, c.row, min(most, o.s.chunks[c.chunk].rows-c.row)}
	if c.row += g.n; c.row == o.s.chunks[c.chunk].rows {
		o.heap = o.heap[:0]
	}
	return g
}

func (o *order) up(i int) {
	for i > 0 && o.heap[i].compare(&o.heap[(i-1)/2]) < 0 {
		o.heap[i], o.heap[(i-1)/2] = o.heap[(i-1)/2], o.heap[i]
		i = (i - 1) / 2
	}
}

func (o *order) down(i int) {
	for {
		least := i
		for j := 2*i + 1; j <= 2*i+2 && j < len(o.heap); j++ {
			if o.heap[j].compare(&o.heap[least]) < 0 {
				least = j
			}
		}
		if least == i {
			return
		}
		o.heap[i], o.heap[least] = o.heap[least], o.heap[i]
		i = least
	}
}
