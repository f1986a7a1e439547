package cic2018

import (
	"cmp"
	"slices"
)

// A segment is rows of a chunk that follow each other in the table as well.
type segment struct{ chunk, from, n int }

// An order gives the rows of all chunks as they come in the table: chunk after chunk, or by time. Chunks are in time
// order themselves then, and it is their merge: of rows of the same time the one of the earlier chunk comes first, so
// that the sort is stable. It holds a place for each chunk, whatever the number of rows.
type order struct {
	s      *spill
	sorted bool
	next   int      // chunk that is not begun
	begin  []int    // the chunks by their first time
	heap   []cursor // those that are begun, the one whose turn it is first
}

// A cursor is a place in a chunk.
type cursor struct {
	chunk, row int
	times      []int64
}

func (c cursor) time() int64 { return c.times[c.row] }

func before(ta int64, a int, tb int64, b int) bool { return ta < tb || ta == tb && a < b }

func newOrder(s *spill, sorted bool) *order {
	o := &order{s: s, sorted: sorted}
	if !sorted {
		return o
	}
	first := make([]int64, len(s.chunks))
	for i := range s.chunks {
		o.begin = append(o.begin, i)
		first[i] = s.times(&s.chunks[i])[0]
	}
	slices.SortStableFunc(o.begin, func(a, b int) int { return cmp.Compare(first[a], first[b]) })
	return o
}

// take appends the segments of the next rows, n or as many as are left, and gives how many rows they are.
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
		if len(o.heap) == 0 {
			if o.next == len(o.s.chunks) {
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
	// Begin the chunks whose turn it may be.
	for o.next < len(o.begin) {
		k := o.begin[o.next]
		times := o.s.times(&o.s.chunks[k])
		if len(o.heap) > 0 && before(o.heap[0].time(), o.heap[0].chunk, times[0], k) {
			break
		}
		o.heap = append(o.heap, cursor{k, 0, times})
		o.up(len(o.heap) - 1)
		o.next++
	}
	if len(o.heap) == 0 {
		return segment{}
	}
	c := &o.heap[0]
	g := segment{c.chunk, c.row, 0}
	// As far as no other chunk comes first.
	stop := func() (t int64, k int, there bool) {
		for _, i := range []int{1, 2} {
			if i < len(o.heap) && (!there || before(o.heap[i].time(), o.heap[i].chunk, t, k)) {
				t, k, there = o.heap[i].time(), o.heap[i].chunk, true
			}
		}
		if o.next < len(o.begin) {
			i := o.begin[o.next]
			if first := o.s.times(&o.s.chunks[i])[0]; !there || before(first, i, t, k) {
				t, k, there = first, i, true
			}
		}
		return t, k, there
	}
	t, k, there := stop()
	for g.n < most && c.row < len(c.times) && (!there || before(c.times[c.row], c.chunk, t, k)) {
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

func (o *order) less(i, j int) bool {
	a, b := &o.heap[i], &o.heap[j]
	return before(a.time(), a.chunk, b.time(), b.chunk)
}

func (o *order) up(i int) {
	for i > 0 && o.less(i, (i-1)/2) {
		o.heap[i], o.heap[(i-1)/2] = o.heap[(i-1)/2], o.heap[i]
		i = (i - 1) / 2
	}
}

func (o *order) down(i int) {
	for {
		least := i
		for j := 2*i + 1; j <= 2*i+2 && j < len(o.heap); j++ {
			if o.less(j, least) {
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
